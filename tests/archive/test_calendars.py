"""A date of the letter, as a file for a reader's calendar."""

import hashlib
import re
from datetime import UTC, date, datetime

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from pvd_mailer.letter.bundle import pack_letter, read_manifest, unpack_letter
from pvd_mailer.render import Hosting
from tests.archive.hosted_workspace import RICH
from tests.workspace import REAL, blocks, real

HOSTED = Hosting("https://lettre.example.org")
EVENT = """
- id: rendez-vous
  type: event
  kind: meeting
  title: "{title}"
  start: {start}
  {more}
  place: "{place}"
"""


def strict(data):
    """The content lines of a file that keeps RFC 5545 3.1 to the letter."""
    assert data.endswith(b"\r\n")
    lines = data.split(b"\r\n")[:-1]
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert all(0 < len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    unfolded = re.sub(rb"\r\n[ \t]", b"", data).decode().removesuffix("\r\n").split("\r\n")
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert unfolded[-1] == "END:VCALENDAR"
    assert all(re.match(r"[A-Z-]+(;[A-Z-]+=[^:;]+)*:", line) for line in unfolded)
    return unfolded


def event_of(data):
    """The one event of a file, read back by icalendar; what is required is there once."""
    lines = strict(data)
    for name in ("PRODID", "VERSION", "UID", "DTSTAMP", "DTSTART", "SUMMARY"):
        assert sum(re.split("[;:]", line)[0] == name for line in lines) == 1
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return event


def event(issue_workspace, start, more="", title="Une rencontre", place="Salle des fêtes"):
    letter = issue_workspace.render(blocks(EVENT.format(start=start, more=more, title=title, place=place)), HOSTED)
    (calendar,) = letter.calendars
    return event_of(calendar.data)


@pytest.mark.parametrize(
    ("start", "more", "begins", "ends"),
    [
        ("2023-03-23 13:30", "end: 2023-03-23 14:30", (23, 12, 30), (23, 13, 30)),
        # On 26 March 2023 clocks in Paris went from 2 to 3.
        ("2023-03-25 20:00", "end: 2023-03-26 20:00", (25, 19, 0), (26, 18, 0)),
        ("2023-03-23 13:30", "zone: Indian/Reunion", (23, 9, 30), None),
        ("2023-03-23 13:30", "zone: America/Guadeloupe", (23, 17, 30), None),
        ("2023-03-23 08:00", "zone: Pacific/Noumea", (22, 21, 0), None),
        ("2023-03-23 20:00", "zone: America/Miquelon", (23, 22, 0), None),
    ],
)
def test_hours_are_those_of_the_zone_in_summer_in_winter_and_overseas(issue_workspace, start, more, begins, ends):
    found = event(issue_workspace, start, more)
    assert found.decoded("dtstart") == datetime(2023, 3, *begins, tzinfo=UTC)
    if ends is None:
        assert "dtend" not in found
        assert "duration" not in found
    else:
        assert found.decoded("dtend") == datetime(2023, 3, *ends, tzinfo=UTC)


def test_the_hour_that_autumn_repeats_is_its_first(issue_workspace):
    found = event(issue_workspace, "2023-10-29 02:30")
    assert found.decoded("dtstart") == datetime(2023, 10, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "ends"),
    [("", date(2023, 3, 24)), ("end: 2023-03-23", date(2023, 3, 24)), ("end: 2023-03-31", date(2023, 4, 1))],
)
def test_whole_days_end_before_the_day_after_the_last(issue_workspace, more, ends):
    found = event(issue_workspace, "2023-03-23", more)
    assert found.decoded("dtstart") == date(2023, 3, 23)
    assert found.decoded("dtend") == ends


def test_what_the_letter_says_is_in_the_file(issue_workspace):
    letter = issue_workspace.render(RICH, HOSTED)
    assert [one.name for one in letter.calendars] == ["un-webinaire.ics", "des-breves.ics"]
    webinar, brief = (event_of(one.data) for one in letter.calendars)
    assert webinar["summary"] == "Halles & marchés"
    assert webinar["url"] == "https://example.org/webinaire"
    assert "S’inscrire\nhttps://example.org/webinaire" in webinar["description"]
    assert "https://lettre.example.org/petites-villes-de-demain/1/" in webinar["description"]
    assert "location" not in webinar
    assert brief["summary"] == "Une permanence"
    assert brief["description"].startswith("Sans rendez-vous.\n\n")
    assert webinar.decoded("dtstamp") == datetime(2023, 3, 7, tzinfo=UTC)
    assert webinar["uid"] == "un-webinaire.1.petites-villes-de-demain@petites-villes-de-demain.lettre.example.org"


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=120)
)
def test_any_title_and_place_come_back_as_they_are(issue_workspace, text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    issue_workspace.write(blocks(EVENT.format(start="2023-03-23", more="", title=quoted, place=quoted)))
    made = issue_workspace.load()
    if made.issue is None:
        return  # the model refuses it, and says why
    letter = issue_workspace.render(hosting=HOSTED)
    found = event_of(letter.calendars[0].data)
    assert found["summary"] == found["location"] == made.issue.blocks[0].title


@pytest.mark.parametrize("name", REAL)
def test_the_real_letters_lead_to_their_calendars_and_to_the_web(name):
    letter = real(name, HOSTED)
    tree = lxml_html.document_fromstring(letter.html)
    folder = f"https://lettre.example.org/petites-villes-de-demain/{int(name[:3])}/"
    links = {link.get("href"): link for link in tree.iter("a")}
    for calendar in letter.calendars:
        event_of(calendar.data)
        assert folder + calendar.name in letter.text
        link = links[folder + calendar.name]
        # Its name begins with what is seen, and says which date.
        assert link.get("aria-label").startswith(link.text_content())
    names = [link.get("aria-label") for link in tree.iter("a") if link.text_content() == "Ajouter à mon agenda"]
    assert len(names) == len(set(names)) == len(letter.calendars)
    assert links[folder].text_content() == "Lire dans le navigateur"
    assert folder in letter.text
    assert len(letter.fill_html({"unsubscribe": f"{folder}{'u' * 80}"}).encode()) < 90_000


def test_without_hosting_there_is_nothing_to_lead_to(issue_workspace):
    letter = issue_workspace.render(RICH)
    assert letter.calendars == ()
    assert ".ics" not in letter.html + letter.text
    assert "Lire dans le navigateur" not in letter.html + letter.text


def test_a_letter_that_is_not_for_the_web_does_not_lead_there(issue_workspace):
    text = RICH.replace("blocks:\n", "override: {archive: false}\nblocks:\n", 1)
    letter = issue_workspace.render(text, HOSTED)
    assert "Lire dans le navigateur" not in letter.html + letter.text
    assert "un-webinaire.ics" in letter.html
    assert "lettre.example.org" not in event_of(letter.calendars[0].data)["description"]


def test_calendars_are_sealed_with_the_letter_and_are_the_same_each_time(issue_workspace):
    one, two = issue_workspace.render(RICH, HOSTED), issue_workspace.render(RICH, HOSTED)
    assert pack_letter(one) == pack_letter(two)
    parts = {hashlib.sha256(data).hexdigest(): data for data in pack_letter(one)}
    assert unpack_letter(pack_letter(one)[-1], parts.__getitem__) == one
    assert list(read_manifest(pack_letter(one)[-1]).calendars) == ["un-webinaire.ics", "des-breves.ics"]


def test_a_letter_without_calendars_keeps_the_digest_that_it_always_had(issue_workspace):
    assert b"calendars" not in pack_letter(issue_workspace.render(RICH))[-1]
    assert read_manifest(pack_letter(issue_workspace.render(RICH))[-1]).calendars == {}
