"""What deploy/ holds: read by the programs it is for, and proven by them where readers' links pass through."""

import json
import os
import re
import subprocess

import pytest

from tests.deploy.proxies import DEPLOY, NAME, front, program
from tests.preview.conftest import until

TOKEN = "aB3xYz-SECRET_01.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"  # noqa: S105 - looked for where it must not be
PREFIXES = ["", "/lettre", "/mairie/lettre"]
"""Paths that the site's public address may have."""
PROGRAMS = {"nginx": "nginx", "apache": "apache2", "caddy": "caddy"}


def there(name):
    """Skip where the program is missing; CI has them all."""
    if program(PROGRAMS.get(name, name)) is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"{name} is missing on this machine")


@pytest.fixture(scope="module", params=PROGRAMS)
def proxy(request, tmp_path_factory):
    there(request.param)
    with front(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


def test_the_site_is_told_the_host_and_who_asks_and_nothing_that_a_client_makes_up(proxy):
    made_up = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "Forwarded": "for=203.0.113.9"}
    status, headers, said = proxy.ask("/lettre/subscribe?lang=fr", headers=made_up)
    assert status == 200
    assert said["path"] == "/lettre/subscribe?lang=fr"
    assert said["headers"]["host"] == NAME
    assert said["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert said["headers"]["x-forwarded-proto"] == "https"
    assert "203.0.113.9" not in str(said["headers"])
    assert headers.get_all("strict-transport-security") == ["max-age=31536000"]


PLACES = [
    "/u/{}",
    "/u/{}/preferences",
    "/undo/{}",
    "/c/{}?lang=en",
    "/p/{}",
    "/p/{}/data.json",
    "/%75/{}",
    "//u/{}",
    # As mail programs and people spoil links.
    "/U/{}",
    "/u{}",
    "/u/./{}",
    "/x/../u/{}",
    "/u%2F{}",
    "/u%252F{}",
    "/une-lettre/u/{}",
    "/une-lettre/{}/u/",
    "/{}",
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_token_and_no_client_is_written_down(proxy, prefix):
    before = proxy.logs().count('"method":"POST"')
    for place in PLACES:
        proxy.ask(prefix + place.format(TOKEN))
        proxy.ask(f"{prefix}{place.format(TOKEN)}/x", "POST", b"List-Unsubscribe=One-Click", headers={"Referer": TOKEN})
    proxy.ask(f"{prefix}/lettre/?token={TOKEN}")
    for place in ("/u/{}", "/undo/{}", "/c/{}", "/p/{}/data.json"):
        status, leads = proxy.plainly(prefix + place.format(TOKEN))
        assert (status, TOKEN in leads) == (308, True)
    until(lambda: proxy.logs().count('"method":"POST"') - before == len(PLACES), "the last line")
    logs = proxy.logs()
    assert TOKEN[:12] not in logs
    assert TOKEN[-12:] not in logs
    assert "127.0.0.1" not in "".join(line for line in logs.splitlines() if '"status"' in line)


def test_nginx_writes_down_which_page_it_was(tmp_path):
    there("nginx")
    written = {
        "/lettre/u/x": "/lettre/u/-",
        "/c/x": "/c/-",
        "/ma-lettre/22/": "/ma-lettre/22/",
        "/mairie/lettre/p/x/data.json": "/mairie/lettre/p/-",
        "/": "/",
        f"/images/{'0' * 64}.jpg": "/images/-",
    }
    with front("nginx", tmp_path) as made:

        def lines():
            return [json.loads(line)["path"] for line in made.logs().splitlines() if '"status"' in line]

        for path in written:
            made.ask(path)
        until(lambda: len(lines()) == len(written), "the last line")  # written once the answer is out
        assert lines() == list(written.values())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_fault_on_the_way_writes_no_token_down_either(proxy, prefix):
    status, _headers, _said = proxy.ask(f"{prefix}/u/{TOKEN}/cut", "POST", b"x")
    assert status in {502, 503}
    assert TOKEN[:12] not in proxy.logs()


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_bodies_are_bounded_but_for_events_and_health_is_for_nobody_outside(name, prefix, tmp_path):
    there(name)
    with front(name, tmp_path) as made:
        assert made.ask(f"{prefix}/events/sendgrid", "POST", b"x" * 1_000_000)[2]["body"] == 1_000_000
        assert made.ask(f"{prefix}/lettre/subscribe", "POST", b"x" * 200_000)[0] in {413, 502}
        for place in ("/health", "/ready", "/ready?x=1", "/%72eady", "/ready/"):
            assert made.ask(prefix + place)[0] == 404, place
        if prefix:
            assert made.ask(f"{prefix}%2Fready")[0] == 404
        # A hundred readers who leave at once, from one address of their provider.
        assert {
            made.ask(f"{prefix}/u/{number}", "POST", b"List-Unsubscribe=One-Click")[0] for number in range(100)
        } == {200}


def test_six_readers_of_one_town_hall_get_every_picture(proxy):
    for _reader in range(6):
        for number in range(20):
            assert proxy.ask(f"/images/{number:064x}.jpg")[0] == 200
        assert proxy.ask("/lettre/22/")[0] == 200
        assert proxy.ask("/lettre/22/rencontre.ics")[0] == 200


@pytest.mark.parametrize("prefix", PREFIXES)
def test_nginx_turns_away_who_floods_forms_or_guesses_links(tmp_path, prefix):
    there("nginx")
    for number, place in enumerate(
        ("/lettre/subscribe", "/c/x", "/p/x/data.json", "/undo/x", "/u/x/preferences", "/lettre/preferences", "/p/x/")
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with front("nginx", folder) as made:
            # 40 at once and 5 a second are let through: a slow machine has to ask for longer.
            assert any(made.ask(prefix + place, "POST", b"x")[0] == 429 for _ in range(300)), place


def test_nginx_lets_go_of_a_connection_before_the_site_does():
    from pvd_mailer.site.connections import ConnectionLimits  # noqa: PLC0415 - beside its one use

    text = (DEPLOY / "nginx" / "pvd-mailer.conf").read_text("utf-8")
    assert int(re.search(r"keepalive_timeout (\d+)s;", text)[1]) < ConnectionLimits().idle


def test_systemd_reads_the_units(tmp_path):
    there("systemd-analyze")
    for file in (DEPLOY / "systemd").iterdir():
        text = file.read_text("utf-8").replace("/opt/pvd-mailer/bin/pvd-mailer", "/bin/true")
        (tmp_path / file.name).write_text(text, "utf-8")
    ran = subprocess.run(
        # No unit of ours names a manual page, and a lean machine has no `man` to look for those of its own.
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_every_service_is_confined_alike():
    wanted = (DEPLOY / "systemd" / "pvd-mailer-site.service").read_text("utf-8")
    confined = wanted[wanted.index("UMask") : wanted.index("\n[Install]")].strip()
    assert "NoNewPrivileges=yes" in confined
    for file in (DEPLOY / "systemd").glob("*.service"):
        text = file.read_text("utf-8")
        assert confined in text, file.name
        assert "EnvironmentFile=/etc/pvd-mailer/env" in text
        timer = file.with_suffix(".timer")
        assert timer.exists() or "[Install]" in text


def test_the_example_of_the_environment_knows_settings_alone_and_holds_no_secret():
    from pvd_mailer.settings import Settings  # noqa: PLC0415 - beside its one use

    text = (DEPLOY / "env.example").read_text("utf-8")
    names = re.findall(r"^(\w+)=", text, re.MULTILINE)
    known = {f"PVD_{name.upper()}" for name in Settings.model_fields}
    assert set(names) <= known | {"SENDGRID_API_KEY", "PVD_BACKUP_PASSPHRASE"}
    for name in ("SENDGRID_API_KEY", "PVD_BACKUP_PASSPHRASE", "PVD_SENDGRID_WEBHOOK_KEY"):
        assert f"\n{name}=\n" in text
