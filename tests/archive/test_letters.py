"""Which letters are in the archive, and what is changed in them."""

import difflib
import html
import json
import re

from sqlalchemy import select, update

from pvd_mailer import archive
from pvd_mailer.archive import PageContext
from pvd_mailer.archive.letters import load_manifest
from pvd_mailer.database import schema
from pvd_mailer.journal import blob_store
from pvd_mailer.send.runner import load_approved_letter
from pvd_mailer.services.approvals.letter_tests import send_test
from pvd_mailer.services.dispatches import control, simulation
from tests.archive.hosted_workspace import RICH, SITE, STATIC
from tests.send.scripted import ACCEPTED, BAD_ADDRESS, LOGIN, Scripted

AROUND = PageContext("https://a.example/x/1/", f"{SITE}/x/preferences", "Une lettre", is_indexed=True)


class Rehearsal(Scripted):
    is_live = False


def shelf(hosted_workspace):
    with hosted_workspace.database.read() as connection:
        return archive.archived_letters(connection)


def page(hosted_workspace, one, make=archive.web_page, around=AROUND):
    with hosted_workspace.database.read() as connection:
        return make(one, lambda digest: blob_store.get_blob(connection, digest), around)


def test_an_approval_a_test_and_a_rehearsal_are_no_letters_of_the_archive(hosted_mailing):
    send_test(hosted_mailing.office, hosted_mailing.folder, Scripted(), ("a@example.org",))
    hosted_mailing.publish_issue(Rehearsal())
    hosted_mailing.approve(Scripted())
    assert shelf(hosted_mailing) == []


def test_a_letter_is_there_once_somebody_has_it(hosted_mailing):
    nobody = hosted_mailing.approve(Scripted())
    hosted_mailing.send(nobody, Scripted(BAD_ADDRESS, BAD_ADDRESS))
    assert shelf(hosted_mailing) == []
    hosted_mailing.publish_issue(Scripted(LOGIN, batch_size=1), again=True)
    assert shelf(hosted_mailing) == []


def test_a_send_that_has_stopped_or_was_called_off_has_left_where_somebody_has_it(hosted_mailing):
    channel = Scripted(ACCEPTED, LOGIN, batch_size=1)
    one = hosted_mailing.publish_issue(channel)
    assert len(channel.reached) == 1
    assert [found.number for found in shelf(hosted_mailing)] == [1]
    assert control.cancel_dispatch(hosted_mailing.office, one)
    assert [found.number for found in shelf(hosted_mailing)] == [1]


def test_the_newest_dispatch_of_an_issue_is_the_one_that_is_read(hosted_mailing):
    hosted_mailing.publish_issue()
    hosted_mailing.issue_workspace.write(RICH.replace("Un sujet", "Un sujet corrigé"))
    hosted_mailing.publish_issue(again=True)
    (one,) = shelf(hosted_mailing)
    assert one.manifest.subject == "Un sujet corrigé"
    assert one.first_sent_at < one.sent_at
    hosted_mailing.issue_workspace.write(RICH.replace("Un sujet", "Pas encore parti"))
    hosted_mailing.approve(Scripted(), again=True)
    assert shelf(hosted_mailing) == [one]


def test_a_letter_that_is_not_for_the_web_is_never_shown(hosted_mailing):
    hosted_mailing.publish_issue()
    hosted_mailing.issue_workspace.write(RICH.replace("blocks:\n", "override: {archive: false}\nblocks:\n", 1))
    hosted_mailing.publish_issue(again=True)
    assert shelf(hosted_mailing) == []
    with hosted_mailing.database.read() as connection:
        # A reader of the letter still adds its dates, and sees its pictures.
        assert archive.find_calendar(connection, "petites-villes-de-demain", 1, "un-webinaire.ics")


def test_each_publication_has_its_own_letters(hosted_mailing):
    hosted_mailing.publish_issue()
    hosted_mailing.add_publication()
    hosted_mailing.publish_other()
    assert [(one.publication, one.number) for one in shelf(hosted_mailing)] == [
        ("autre-lettre", 2),
        ("petites-villes-de-demain", 1),
    ]


def test_only_what_is_personal_and_where_its_files_are_is_changed(hosted_mailing):
    letter = load_approved_letter(hosted_mailing.database, hosted_mailing.find(hosted_mailing.publish_issue()))
    (one,) = shelf(hosted_mailing)
    found = page(hosted_mailing, one)
    # The head has lines of ours, and nothing else in it is touched.
    added = re.search(r'<link rel="canonical".*(?=</head>)', found)[0]
    assert re.findall(r"<(\w+)", added) == ["link", *["meta"] * 12, "style"]
    before = re.search(r"(?<=>)<nav .*</nav><main [^>]*>", found)[0]
    expected = letter.html.replace(letter.placeholders.html("unsubscribe"), html.escape(AROUND.public_unsubscribe_url))
    expected = expected.replace(f'"{STATIC}/images/', '"../../images/')
    expected = expected.replace(f'"{STATIC}/petites-villes-de-demain/1/un-webinaire.ics"', '"un-webinaire.ics"')
    expected = expected.replace(f'"{STATIC}/petites-villes-de-demain/1/des-breves.ics"', '"des-breves.ics"')
    expected = expected.replace(f'"{STATIC}/petites-villes-de-demain/1/#', '"#')
    assert found.replace(added, "", 1).replace(before, "", 1).replace("</main></body>", "</body>", 1) == expected
    assert page(hosted_mailing, one, archive.web_letter) == expected  # what a feed has
    changed = [
        (letter.html[a:b], expected[c:d])
        for tag, a, b, c, d in difflib.SequenceMatcher(
            None, letter.html.split('"'), expected.split('"'), autojunk=False
        ).get_opcodes()
        if tag != "equal" and (b - a) == (d - c)
    ]
    # A picture, two calendars, a rubric of the contents, two dates of the agenda, one way out.
    assert len(changed) == 7
    text = page(hosted_mailing, one, archive.web_text)
    assert text == letter.text.replace(letter.placeholders.text("unsubscribe"), AROUND.public_unsubscribe_url)


def test_pictures_that_travelled_in_the_message_are_read_from_beside_the_page(hosted_mailing, monkeypatch):
    monkeypatch.delenv("PVD_STATIC_URL")
    hosted_mailing.with_settings()
    hosted_mailing.publish_issue()
    (one,) = shelf(hosted_mailing)
    found = page(hosted_mailing, one)
    assert "cid:" not in found
    assert len(re.findall(r'src="\.\./\.\./images/[0-9a-f]{20}\.png"', found)) == 1


def test_a_letter_that_was_sealed_before_there_were_calendars_opens_and_is_archived(hosted_mailing):
    one = hosted_mailing.publish_issue()
    # As an earlier version of the program wrote both: neither knows of calendars or of an archive.
    with hosted_mailing.database.write() as connection:
        manifest = json.loads(blob_store.get_blob(connection, hosted_mailing.find(one).letter))
        del manifest["calendars"]
        old = blob_store.put_blob(connection, json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode())
        row = connection.execute(select(schema.dispatches.c.sealed)).scalar_one()
        seal = {name: value for name, value in json.loads(row).items() if name not in ("static_url", "archive")}
        connection.execute(update(schema.dispatches).values(letter=old, sealed=json.dumps(seal)))
    letter = load_approved_letter(hosted_mailing.database, hosted_mailing.find(one))
    assert letter.calendars == ()
    (found,) = shelf(hosted_mailing)
    assert found.manifest.subject == "Un sujet"
    assert "Un titre" in page(hosted_mailing, found)
    with hosted_mailing.database.read() as connection:
        assert archive.find_calendar(connection, found.publication, 1, "un-webinaire.ics") is None


def test_only_pictures_are_given_as_pictures(hosted_mailing):
    one = hosted_mailing.publish_issue()
    with hosted_mailing.database.read() as connection:
        manifest = load_manifest(connection, hosted_mailing.find(one).letter)
        (picture,) = manifest.pictures
        assert archive.find_picture(connection, picture.name) == blob_store.get_blob(connection, picture.digest)
        assert archive.find_picture(connection, picture.name.replace(".png", ".gif")) is None
        for digest in (manifest.html, manifest.text, hosted_mailing.find(one).letter):
            for ending in ("png", "jpg", "gif", "html"):
                assert archive.find_picture(connection, f"{digest[:20]}.{ending}") is None
        for name in ("", "%", f"{'_' * 20}.png", f"{picture.name}/", picture.name.upper(), "../" + picture.name):
            assert archive.find_picture(connection, name) is None


def test_a_calendar_is_that_of_the_approval_before_that_of_a_test(hosted_mailing):
    one = hosted_mailing.approve(Scripted())
    hosted_mailing.issue_workspace.write(
        RICH.replace("2023-03-23 13:30", "2023-03-22 13:30").replace("id: des-breves", "id: nouvelles")
    )
    send_test(hosted_mailing.office, hosted_mailing.folder, Scripted(), ("a@example.org",))
    with hosted_mailing.database.read() as connection:
        name = "petites-villes-de-demain"
        approved = archive.find_calendar(connection, name, 1, "un-webinaire.ics")
        assert b"20230323T123000Z" in approved
        assert archive.find_calendar(connection, name, 1, "nouvelles.ics") is not None
        assert archive.find_calendar(connection, name, 2, "un-webinaire.ics") is None
        assert archive.find_calendar(connection, name, 1, "un.ics") is None
    assert hosted_mailing.find(one).state


def test_another_static_url_voids_the_approval(hosted_mailing, monkeypatch):
    one = hosted_mailing.approve(Scripted())
    monkeypatch.setenv("PVD_STATIC_URL", "https://ailleurs.test")
    hosted_mailing.with_settings()
    plan = simulation.dry_run(hosted_mailing.office, hosted_mailing.find(one))
    assert plan.obstacles == ["PVD_STATIC_URL is another one"]
    assert hosted_mailing.find(one).approval.static_url == STATIC


def test_hosted_files_promise_no_one_click_and_a_site_does(hosted_mailing, monkeypatch):
    channel = Scripted()
    hosted_mailing.publish_issue(channel)
    assert {one.one_click_url for call in channel.calls for one in call.recipients} == {None}
    assert not channel.calls[0].letter.embedded
    monkeypatch.setenv("PVD_PUBLIC_URL", SITE)
    channel = Scripted()
    hosted_mailing.with_settings().publish_issue(channel, again=True)
    links = [one.one_click_url for call in channel.calls for one in call.recipients]
    assert all(link.startswith(f"{SITE}/u/") for link in links)
    assert f"{STATIC}/images/" in channel.calls[0].letter.html
    assert SITE not in channel.calls[0].letter.html
