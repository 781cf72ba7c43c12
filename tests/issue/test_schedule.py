from datetime import date, datetime

import pytest

from pvd_mailer.issue.schedule import TimeRange
from pvd_mailer.render.dates import time_range_text
from tests.reading import body_text
from tests.workspace import blocks

NB = "\u00a0"
ISSUED = date(2023, 3, 7)


def event(lines):
    more = "".join(f"\n  {line}" for line in lines.split("\n"))
    return blocks(f'- id: rdv\n  type: event\n  kind: meeting\n  title: "Un titre"\n  place: "Ici"{more}')


# A no-break space is written ~ here.
FRENCH = {
    "start: 2023-03-23 13:30\nend: 2023-03-23 14:30": "jeudi 23~mars, de 13~h~30 à 14~h~30 (heure de Paris)",
    "start: 2023-03-08 13:30": "mercredi 8~mars, à 13~h~30 (heure de Paris)",
    "start: 2023-03-15": "mercredi 15~mars",
    "start: 2023-04-01 09:00\nend: 2023-04-01 12:05": "samedi 1er~avril, de 9~h à 12~h~05 (heure de Paris)",
    "start: 2023-03-21\nend: 2023-03-23": "du mardi 21 au jeudi 23~mars",
    "start: 2023-03-31\nend: 2023-04-01": "du vendredi 31~mars au samedi 1er~avril",
    "start: 2024-01-02": "mardi 2~janvier 2024",
    "start: 2023-12-31\nend: 2024-01-01": "du dimanche 31~décembre 2023 au lundi 1er~janvier 2024",
    "start: 2023-03-08 10:00\nzone: Indian/Reunion": "mercredi 8~mars, à 10~h (heure de La Réunion)",
    "start: 2023-03-08 10:00\nzone: America/Martinique": "mercredi 8~mars, à 10~h (heure de la Martinique)",
    "start: 2024-02-29 18:00": "jeudi 29~février 2024, à 18~h (heure de Paris)",
}
ENGLISH = {
    "start: 2023-03-23 13:30\nend: 2023-03-23 14:30": "Thursday 23~March, from 1:30~pm to 2:30~pm (Paris time)",
    "start: 2023-04-01 00:00\nend: 2023-04-01 12:00": "Saturday 1~April, from 12~am to 12~pm (Paris time)",
    "start: 2023-03-21\nend: 2023-03-23": "from Tuesday 21 to Thursday 23~March",
    "start: 2024-01-02": "Tuesday 2~January 2024",
}


def said(issue_workspace, text):
    """The line under the event's title in the text part, joined where it was wrapped."""
    paragraphs = issue_workspace.render(text).text.split("\n\n")
    (found,) = [one for one in paragraphs if "\nIci" in one]
    return " ".join(found.split("---\n")[1].removesuffix("\nIci").split("\n"))


def assert_the_page_says(letter, wording):
    """The day in its tile, the hours beside it; several days in words."""
    page = body_text(letter.html)
    for part in wording.replace("~", " ").split(", "):
        assert part in page


@pytest.mark.parametrize("lines", FRENCH)
def test_french_wording(issue_workspace, lines):
    letter = issue_workspace.render(event(lines))
    assert said(issue_workspace, event(lines)) == FRENCH[lines].replace("~", NB)
    assert_the_page_says(letter, FRENCH[lines])


@pytest.mark.parametrize("lines", ENGLISH)
def test_english_wording(issue_workspace, lines):
    text = "lang: en\n" + event(lines)
    assert said(issue_workspace, text) == ENGLISH[lines].replace("~", NB)
    assert_the_page_says(issue_workspace.render(text), ENGLISH[lines])


def test_the_zone_is_not_said_where_the_publication_does_not_want_it(issue_workspace):
    text = "override: {say_zone: false}\n" + event("start: 2023-03-08 13:30")
    assert said(issue_workspace, text) == f"mercredi 8{NB}mars, à 13{NB}h{NB}30"


@pytest.mark.parametrize("day", range(1, 29))
def test_a_weekday_is_that_of_the_calendar(day):
    names = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
    when = TimeRange(date(2023, 2, day), None, "Europe/Paris")
    text = time_range_text(when, "fr", issued=ISSUED, say_zone=False)
    assert text.split()[0] == names[(date(2023, 2, day) - date(2023, 1, 2)).days % 7]


def test_several_days_with_hours():
    when = TimeRange(datetime(2023, 3, 21, 9, 0), datetime(2023, 3, 22, 17, 30), "Europe/Paris")  # noqa: DTZ001 - a wall clock
    text = time_range_text(when, "fr", issued=ISSUED, say_zone=True)
    assert text.startswith(f"du mardi 21 au mercredi 22{NB}mars")
    assert f"9{NB}h" in text
    assert f"17{NB}h{NB}30" in text


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ("start: 2023-03-26 02:30", "skipped-hour"),
        ("start: 2023-03-26 02:30\nzone: Europe/Paris", "skipped-hour"),
        ("start: 2023-03-08 14:30\nend: 2023-03-08 13:30", "end-before-start"),
        ("start: 2023-03-08 14:30\nend: 2023-03-08 14:30", "end-before-start"),
        ("start: 2023-03-08\nend: 2023-03-07", "end-before-start"),
        ("start: 2023-03-08 14:30\nend: 2023-03-08", "mixed-moments"),
        ("start: 2023-02-29", "no-such-date"),
        ("start: mercredi 8 mars", "not-a-moment"),
        ("start: 2023-03-08 13h30", "not-a-moment"),
        ("start: 2023-03-08T13:30:00Z", "not-a-moment"),
    ],
)
def test_a_time_that_cannot_be_is_refused(issue_workspace, lines, rule):
    assert [one.rule for one in issue_workspace.findings(event(lines))] == [rule]


def test_an_hour_that_another_zone_does_not_skip_is_fine(issue_workspace):
    assert issue_workspace.findings(event("start: 2023-03-26 02:30\nzone: Indian/Reunion")) == ()


def test_the_hour_of_an_autumn_night_that_comes_twice_is_fine(issue_workspace):
    assert issue_workspace.findings(event("start: 2023-10-29 02:30")) == ()


def test_one_day_may_be_written_as_its_own_end(issue_workspace):
    assert said(issue_workspace, event("start: 2023-03-08\nend: 2023-03-08")) == f"mercredi 8{NB}mars"
