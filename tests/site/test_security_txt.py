"""Whom to tell of a weakness of the site (RFC 9116)."""

from datetime import datetime, timedelta

from pvd_mailer import clock
from tests.site.conftest import SECOND, add_publication, serving
from tests.workspace import PUBLICATION

PATH = "/.well-known/security.txt"


def fields(site_server):
    answer = site_server.call(PATH)
    assert answer.status == 200
    return [tuple(line.split(": ", 1)) for line in answer.body.splitlines() if line and not line.startswith("#")]


def test_it_says_whom_to_tell_and_in_which_languages(sqlite_site):
    assert sqlite_site.call(PATH).headers["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(fields(sqlite_site))
    assert said["Contact"] == "mailto:petitesvillesdedemain@example.org"
    assert said["Preferred-Languages"] == "fr, en"
    assert said["Canonical"] == f"https://lettre.test{PATH}"


def test_it_never_lapses_while_the_site_runs_and_is_good_for_less_than_a_year(sqlite_site):
    for _time in range(4):
        (expires,) = [value for name, value in fields(sqlite_site) if name == "Expires"]
        left = datetime.fromisoformat(expires) - clock.now()
        assert timedelta(days=30) < left < timedelta(days=365)
        assert expires.endswith("Z")
        sqlite_site.clock.forward(days=200)


def test_a_contact_of_its_own_goes_before_the_colophons(sqlite_site):
    for given in ("https://www.example.org/signaler", "mailto:securite@example.org"):
        sqlite_site.edit("\ntheme:\n", f"\nsecurity: {given}\ntheme:\n")
        assert [value for name, value in fields(sqlite_site) if name == "Contact"] == [given]
        sqlite_site.edit(f"\nsecurity: {given}\n", "\n")
    sqlite_site.edit("\ntheme:\n", "\nsecurity: securite@example.org\ntheme:\n")
    assert ("Contact", "mailto:securite@example.org") in fields(sqlite_site)


def test_each_publication_has_its_contact_once(issue_workspace, database, monkeypatch):
    add_publication(issue_workspace)
    with serving(issue_workspace, database, monkeypatch) as served:
        contacts = [value for name, value in fields(served) if name == "Contact"]
        assert sorted(contacts) == ["mailto:carnet@example.org", "mailto:petitesvillesdedemain@example.org"]
        house = {
            PUBLICATION: contacts[0] == "mailto:petitesvillesdedemain@example.org",
            SECOND: "carnet" in contacts[0],
        }
        assert house[served.site.default_publication]


def test_below_a_path_it_does_not_say_that_it_is_where_it_should_be(issue_workspace, database, monkeypatch):
    with serving(issue_workspace, database, monkeypatch, public="https://ville.example/lettre") as served:
        answer = served.call(f"/lettre{PATH}", hosts=["ville.example"])
        assert answer.status == 200
        assert "Canonical" not in answer.body
