"""A publication is edited while the site runs: what its pages and mails say follows."""

import os
import re
import threading
import time

from tests.site.conftest import SUBSCRIBE

LEA = "lea@example.net"


def test_a_changed_name_is_on_the_next_page_and_in_the_next_mail(sqlite_site):
    before = sqlite_site.call(SUBSCRIBE).body
    sqlite_site.edit('name: "Petites villes de demain"', 'name: "Bourgs de demain"')
    page = sqlite_site.call(SUBSCRIBE).body
    assert "Bourgs de demain" not in before
    assert "Bourgs de demain" in page
    sqlite_site.fill(SUBSCRIBE, address=LEA)
    assert "Bourgs de demain" in sqlite_site.mail()["text"]


def test_a_changed_colour_has_a_stylesheet_of_another_address(sqlite_site):
    css = re.compile(r'href="(/[^"]+/site\.css\?v=[^"]+)"')
    before = css.search(sqlite_site.call(SUBSCRIBE).body)[1]
    file = sqlite_site.line.issue_workspace.own / "publication.yaml"
    accent = re.search(r'accent: "(#[0-9a-f]{6})"', file.read_text("utf-8"))[1]
    sqlite_site.edit(accent, "#224488")
    after = css.search(sqlite_site.call(SUBSCRIBE).body)[1]
    assert before != after
    assert "#224488" in sqlite_site.call(after).body


def test_a_fault_in_the_file_leaves_what_was_read_and_is_in_the_log(sqlite_site, caplog):
    sqlite_site.edit("sender:", "sender: [")
    with caplog.at_level("INFO", "pvd_mailer.site"):
        for _ in range(3):
            assert sqlite_site.call(SUBSCRIBE).status == 200
    refused = [one for one in caplog.records if one.getMessage() == "publication-refused"]
    assert len(refused) == 1
    sqlite_site.edit("sender: [", "sender:")
    assert sqlite_site.call(SUBSCRIBE).status == 200


def test_a_file_that_is_gone_or_half_written_for_a_moment_is_waited_for(sqlite_site):
    file = sqlite_site.line.issue_workspace.own / "publication.yaml"
    whole = file.read_bytes()
    file.unlink()
    assert sqlite_site.call(SUBSCRIBE).status == 200
    file.write_bytes(whole[: len(whole) // 2])
    now = time.time()
    os.utime(file, (now, now))
    assert sqlite_site.call(SUBSCRIBE).status == 200
    file.write_bytes(whole.replace(b"Petites villes de demain", b"Bourgs de demain"))
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    assert "Bourgs de demain" in sqlite_site.call(SUBSCRIBE).body


def test_who_saw_another_wording_is_shown_the_one_that_counts(sqlite_site):
    page = sqlite_site.call(SUBSCRIBE).body
    stamp = re.search(r'name="form" value="([^"]+)"', page)[1]
    sqlite_site.clock.forward(seconds=3)
    sqlite_site.edit("\noffers:", '\nconsent: "Je veux bien recevoir la lettre."\noffers:')
    fields = {"address": LEA, "first_name": "Léa"}
    answer = sqlite_site.post(SUBSCRIBE, {"form": stamp, **fields})
    assert answer.status == 422
    assert "Je veux bien recevoir la lettre." in answer.body
    assert 'value="Léa"' in answer.body
    assert sqlite_site.asked() == []
    sqlite_site.fill(SUBSCRIBE, **fields)
    assert sqlite_site.asked()[0]["wording"].startswith("Je veux bien recevoir la lettre.")


def test_many_readers_at_once_while_it_changes(sqlite_site):
    answers = []

    def read():
        answers.extend(sqlite_site.call(SUBSCRIBE).status for _ in range(20))

    readers = [threading.Thread(target=read) for _ in range(8)]
    for one in readers:
        one.start()
    for name in ("Bourgs", "Villes", "Villages"):
        file = sqlite_site.line.issue_workspace.own / "publication.yaml"
        file.write_text(re.sub(r"(?m)^name: .*$", f'name: "{name}"', file.read_text("utf-8")), "utf-8")
        os.utime(file, (1_000_000_000 + len(name), 1_000_000_000))
    for one in readers:
        one.join()
    assert answers == [200] * 160
