"""Whom the site answers, what it lets a browser do with the answer, and that it always answers in words."""

import json
import logging
import socket

import pytest

from pvd_mailer.settings import Settings
from pvd_mailer.site.middleware import allowed_hosts
from pvd_mailer.site.rate_limits import RateLimits
from tests.preview.conftest import until
from tests.site.conftest import CLAIRE, HERE, PREFERENCES, SUBSCRIBE, serving
from tests.workspace import PUBLICATION

PAGES = ["/health", "/ready", "/nowhere", "/", SUBSCRIBE, PREFERENCES, f"/{PUBLICATION}/site.css", "/u/x.y", "/p/x.y"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_headers(sqlite_site, path):
    answer = sqlite_site.call(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Server" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; base-uri 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert not any(word in policy for word in ("unsafe", "script-src", "http", "*", "data:"))
    assert "<script" not in answer.body
    assert not any(word in answer.body for word in (" style=", "<style", " onclick", "javascript:"))


def test_pages_are_kept_by_nobody_and_the_stylesheet_for_a_year(sqlite_site):
    page = sqlite_site.call(SUBSCRIBE)
    assert page.headers["Cache-Control"] == "no-store"
    address = page.body.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = sqlite_site.call(address)
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert style.headers["Content-Type"].startswith("text/css")
    assert sqlite_site.call(f"/{PUBLICATION}/site.css?v=other").headers["Cache-Control"] == "public, max-age=3600"
    assert sqlite_site.call("/nobody/site.css").status == 404


@pytest.mark.parametrize(
    "hosts",
    [["evil.example"], [], [""], ["lettre.test.evil.example"], ["lettre.test:81"], ["a@127.0.0.1"]],
)
def test_a_request_that_names_another_host_is_refused(sqlite_site, hosts):
    answer = sqlite_site.call(SUBSCRIBE, hosts=hosts)
    assert answer.status in {400, 421}
    assert "<form" not in answer.body


def test_the_public_name_is_answered_and_this_machines(sqlite_site):
    for host in (
        *("lettre.test", "LETTRE.test", "lettre.test:443"),
        *(f"127.0.0.1:{sqlite_site.port}", f"localhost:{sqlite_site.port}"),
    ):
        assert sqlite_site.call(SUBSCRIBE, hosts=[host]).status == 200, host


def test_names_of_addresses_with_a_port_or_a_path():
    def named(url):
        site = type("Site", (), {"public_url": Settings(public_url=url).public_url})
        return allowed_hosts(site, "::1", 80)

    assert "localhost:8080" in named("http://localhost:8080")
    assert "lettre.example:8443" in named("https://lettre.example:8443")
    assert "lettre.example" not in named("https://lettre.example:8443")
    assert "lettre.example" in named("https://lettre.example/la-lettre")


@pytest.mark.parametrize("path", [SUBSCRIBE, PREFERENCES, "/undo/x.y", "/c/x.y", "/p/x.y", "/p/x.y/erase"])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(sqlite_site, path):
    answer = sqlite_site.call(path, "POST", b"x", {"Content-Length": str(10**9)})
    assert answer.status == 413
    assert "larger than this page" in answer.body or "dépasse" in answer.body


@pytest.mark.parametrize("path", ["link", SUBSCRIBE])
def test_a_body_without_a_length_is_bounded_while_it_is_read(sqlite_site, path):
    path = sqlite_site.link_of(CLAIRE) if path == "link" else path
    with socket.create_connection(("127.0.0.1", sqlite_site.port), timeout=30) as door:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{sqlite_site.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        door.sendall(head.encode())
        try:
            for _piece in range(100):
                door.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:  # it has answered and hung up
            pass
        assert door.recv(100).startswith(b"HTTP/1.1 413")
    assert sqlite_site.state(CLAIRE) is HERE


def test_a_body_that_is_cut_lets_nobody_go(sqlite_site):
    with socket.create_connection(("127.0.0.1", sqlite_site.port), timeout=30) as door:
        request_line = f"POST {sqlite_site.link_of(CLAIRE)} HTTP/1.1"
        head = f"{request_line}\r\nHost: 127.0.0.1:{sqlite_site.port}\r\nContent-Length: 26\r\n\r\n"
        door.sendall(head.encode() + b"List-Unsub")
    assert sqlite_site.call("/health").status == 200
    assert sqlite_site.state(CLAIRE) is HERE


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_another_method_gets_words(sqlite_site, method):
    answer = sqlite_site.call(SUBSCRIBE, method)
    assert answer.status == 405
    assert "<h1>" in answer.body


@pytest.mark.parametrize(
    "path", ["/nowhere", "/u", "/u/", "/u/a/b/c", "/..%2f..%2fetc/passwd", "/%00", "/%ff%fe", "//", "/a/subscribe"]
)
def test_what_is_not_there_is_said_in_words(sqlite_site, path):
    answer = sqlite_site.call(path)
    assert answer.status == 404
    assert answer.body.count("<h1>") == 1
    assert "root:" not in answer.body


def test_a_fault_of_the_program_is_said_in_words_and_logged_without_what_was_handled(sqlite_site, monkeypatch, caplog):
    def fail(*_all):
        raise RuntimeError("claire@example.org")

    monkeypatch.setattr("pvd_mailer.site.jobs.unsubscribe_batcher.unsubscribe", fail)
    path = sqlite_site.link_of(CLAIRE)
    with caplog.at_level(logging.INFO):
        answer = sqlite_site.post(path)
        until(lambda: any("RuntimeError" in record.getMessage() for record in caplog.records), "the line of the fault")
    assert answer.status == 500
    assert "Traceback" not in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = [record.getMessage() for record in caplog.records]
    assert any("RuntimeError at test_middleware.py:" in line for line in said), said
    assert not any("claire" in line or path[3:] in line for line in said)
    assert all(record.exc_info is None for record in caplog.records if record.levelno > logging.DEBUG)


def test_a_database_that_is_gone_is_said_in_words(sqlite_site, monkeypatch):
    from pvd_mailer.database import DatabaseError  # noqa: PLC0415 - of this test alone

    def fail(*_all):
        raise DatabaseError("no")

    monkeypatch.setattr("pvd_mailer.site.jobs.unsubscribe_batcher.unsubscribe", fail)
    answer = sqlite_site.post(sqlite_site.link_of(CLAIRE))
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "120"
    monkeypatch.setattr("pvd_mailer.site.routes.health.ensure_ready", fail)
    assert sqlite_site.call("/ready").status == 503
    assert sqlite_site.call("/health").status == 200


def test_another_ring_of_keys_is_not_ready(sqlite_site, monkeypatch):
    from pvd_mailer.keys import make_keys  # noqa: PLC0415 - of this test alone

    assert sqlite_site.call("/ready").status == 200
    monkeypatch.setattr(type(sqlite_site.site), "keys", make_keys())
    assert sqlite_site.call("/ready").status == 503


@pytest.mark.parametrize(("asked", "spoken"), [("", "fr"), ("?lang=en", "en"), ("?lang=fr", "fr"), ("?lang=xx", "fr")])
@pytest.mark.parametrize("path", [SUBSCRIBE, "/nowhere"])
def test_pages_speak_the_language_that_is_asked_for(sqlite_site, path, asked, spoken):
    answer = sqlite_site.call(path + asked)
    assert f'<html lang="{spoken}"' in answer.body
    assert answer.headers["Content-Language"] == spoken
    other = {"fr": "English", "en": "Français"}[spoken]
    assert f">{other}</a>" in answer.body


def test_an_address_with_a_path_works_whether_the_proxy_takes_it_off_or_not(issue_workspace, tmp_path, monkeypatch):
    from pvd_mailer.database import open_database  # noqa: PLC0415 - of this test alone
    from tests.send.line import sqlite_at  # noqa: PLC0415 - as above

    database = open_database(sqlite_at(tmp_path), tmp_path)
    with serving(issue_workspace, database, monkeypatch, public="https://ville.example/la-lettre") as served:
        for path in (SUBSCRIBE, f"/la-lettre{SUBSCRIBE}"):
            page = served.call(path, hosts=["ville.example"])
            assert page.status == 200
            assert f'href="/la-lettre/{PUBLICATION}/site.css' in page.body
    database.close()


def _limits():
    return RateLimits(network="2 per hour", address="1 per hour", site_wide="5 per hour")


def _from(host):
    return type("Request", (), {"client": type("Client", (), {"host": host})})


def test_one_network_is_limited_and_not_its_neighbours():
    limits = _limits()
    assert [limits.allow_request(_from("192.0.2.1"), "x") for _time in range(3)] == [True, True, False]
    assert limits.allow_request(_from("192.0.2.2"), "x")
    limits = _limits()
    asked = ["2001:db8::1", "2001:db8::2", "2001:db8:0:ff::3", "2001:db8:1::1"]
    assert [limits.allow_request(_from(host), "x") for host in asked] == [True, True, False, True]


def test_without_a_proxy_that_is_trusted_all_are_limited_together():
    limits = _limits()
    asked = [limits.allow_request(_from("127.0.0.1"), "x") and limits.allow_site_wide("x") for _time in range(6)]
    assert asked == [True] * 5 + [False]


@pytest.mark.parametrize(
    "name", ["", "unknown", "_hidden", "192.0.2.1.", "192.0.2.1:x", "[2001:db8::1", "a" * 300, "é"]
)
def test_whoever_cannot_be_read_is_of_one_network(name):
    limits = _limits()
    assert [limits.allow_request(_from(host), "x") for host in ("unknown", "made-up", name)] == [True, True, False]
    assert limits.allow_request(_from("192.0.2.1"), "x")


def test_a_proxys_word_that_names_nobody_is_of_one_network(issue_workspace, tmp_path, monkeypatch):
    from pvd_mailer.database import open_database  # noqa: PLC0415 - of this test alone
    from tests.send.line import sqlite_at  # noqa: PLC0415 - as above

    said = {
        "192.0.2.7:1234": "192.0.2.7",
        "[2001:db8::7]:1234": "2001:db8::7",
        "[2001:db8::7]": "2001:db8::7",
        "unknown": "unknown",
        "évil, _hidden": "_hidden",
        "": "unknown",
        " , ,": "unknown",
        "127.0.0.1": "unknown",
        "::1": "unknown",
        "10.1.2.3": "10.1.2.3",
    }
    seen = []
    monkeypatch.setattr(
        RateLimits, "allow_request", lambda _self, request, _kind: seen.append(request.client.host) or True
    )
    database = open_database(sqlite_at(tmp_path), tmp_path)
    with serving(issue_workspace, database, monkeypatch, proxies="127.0.0.1,10.0.0.0/8") as served:
        for number, one in enumerate(said):
            served.fill(SUBSCRIBE, address=f"lea{number}@example.net", headers={"X-Forwarded-For": one})
        served.fill(SUBSCRIBE, address="lea@example.net")  # nothing said: it may be anybody
    database.close()
    assert seen == [*said.values(), "127.0.0.1"]


def test_a_proxys_word_is_taken_only_where_it_is_set(issue_workspace, tmp_path, monkeypatch):
    from pvd_mailer.database import open_database  # noqa: PLC0415 - of this test alone
    from tests.send.line import sqlite_at  # noqa: PLC0415 - as above

    seen = []
    monkeypatch.setattr(
        RateLimits, "allow_request", lambda _self, request, _kind: seen.append(request.client.host) or True
    )
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own setting is none of ours
    database = open_database(sqlite_at(tmp_path), tmp_path)
    with serving(issue_workspace, database, monkeypatch) as served:
        served.fill(SUBSCRIBE, headers={"X-Forwarded-For": "192.0.2.7"}, address=CLAIRE)
    with serving(issue_workspace, database, monkeypatch, offers="", proxies="127.0.0.0/8") as served:
        served.fill(SUBSCRIBE, headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}, address=CLAIRE)
    with serving(issue_workspace, database, monkeypatch, offers="", proxies="192.0.2.0/24") as served:
        served.fill(SUBSCRIBE, headers={"X-Forwarded-For": "192.0.2.7"}, address=CLAIRE)
    database.close()
    assert seen == ["127.0.0.1", "192.0.2.7", "127.0.0.1"]


def test_a_line_of_the_log_has_the_route_and_nobody(sqlite_site, caplog):
    path = sqlite_site.link_of(CLAIRE)
    with caplog.at_level(logging.INFO):
        sqlite_site.post(path + "?secret=1")
        sqlite_site.call(SUBSCRIBE + "?who=claire@example.org")
        sqlite_site.call("/nowhere/at/all/claire@example.org")
        until(lambda: sum(hasattr(record, "fields") for record in caplog.records) == 3, "the last line")
    lines = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("unsubscribe", 200),
        ("subscribe", 200),
        ("none", 404),
    ]
    told = json.dumps([record.getMessage() for record in caplog.records]) + json.dumps(lines)
    assert not any(word in told for word in ("claire", "secret", path[3:20], "127.0.0.1"))
