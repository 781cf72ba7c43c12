"""One issue with a planted fault for every rule there is: `planted/` has its files, each fault under a comment that names its rule."""

import json
import re
import shutil
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from pvd_mailer.check import RULES, proofread
from pvd_mailer.check.rules import slow_page
from pvd_mailer.cli.context import CliContext as Office
from pvd_mailer.compose import load_issue
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.services.online import OnlineChecker
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.workspace import Workspace
from tests.online.servers import PAGE, Names, Site, asker

PLANTED = Path(__file__).parent / "planted"
ISSUE = "issues/026-2023-05/issue.yaml"
PUBLICATION = "templates/bourg-fictif/publication.yaml"
HOST, EXPIRED, DOMAIN = "ville.example.org", "perime.example.org", "lettre.example.org"
ONLINE = {rule.id for rule in RULES if rule.online}

SPOILED = {
    # The rule, why neither an issue nor a template of a block can break it, and how the letter is spoiled.
    "document-title": ("letter.mjml writes the title from the publication's name", r"<title>[^<]*</title>", ""),
    "no-zoom": ("MJML writes the viewport", "initial-scale=1", "initial-scale=1, user-scalable=no"),
    "way-out": ("the colophon has it for every issue", r"pvd-h-\w+-unsubscribe", "https://ville.example.org/x"),
    "latin-1-only": ("each part of every letter has a sign beyond it", r"[^\x00-\xff]", "'"),
}
# Its words are in no French dictionary either: what spelling says of them is not planted.
IN_ENGLISH = ("spelling", "l-invitee")

_COMMENT = re.compile(r"\s*# planted: (?P<rule>[\w-]+)(?: at “(?P<words>[^”]+)”)?(?P<nowhere> in no place)?$")
_ID = re.compile(r"\s*- id: (?P<id>\S+)")


def planted(file):
    """By comments of `file`: rule, file, line and block of each fault."""
    lines = (PLANTED / file).read_text("utf-8").split("\n")
    found = set()
    for number, line in enumerate(lines):
        comment = _COMMENT.match(line)
        if not comment:
            assert "planted:" not in line or "`" in line, line
            continue
        below = range(number + 1, len(lines))
        words = comment["words"] or ""
        at = next((at for at in below if "# planted:" not in lines[at] and words in lines[at]), None)
        assert at is not None, f"{line.strip()}: no line below it has these words"
        ids = [match["id"] for match in map(_ID.match, lines[: at + 1]) if match]
        block = ids[-1] if ids and file == ISSUE else None
        found.add((comment["rule"], None, None, None) if comment["nowhere"] else (comment["rule"], file, at + 1, block))
    return found


HERE = planted(ISSUE) | planted(PUBLICATION)


def told(ran):
    """What `check` found, as `planted` tells it; a finding without a line stands in no place."""
    findings = json.loads(ran.out)["findings"]
    return {(one["rule"], one["file"] if one["line"] else None, one["line"], one["block"]) for one in findings}


def more(found):
    return {one for one in found - HERE if (one[0], one[3]) != IN_ENGLISH}


def pages(site, secure):
    """What the town's site answers: each fault that a network can show, and a page for every other link."""

    def slow(handler):
        if handler.command == "HEAD":
            time.sleep(slow_page.SLOW_SECONDS + 0.2)
        return 200, {}, PAGE

    for path in re.findall(rf"http://{HOST}:8080([^\s)#]+)", "".join(one.read_text("utf-8") for one in texts(PLANTED))):
        site.pages[path] = (200, {}, PAGE)
    site.pages["/rapport.pdf"] = (200, {"content-type": "application/pdf", "content-length": "2300000"}, b"%PDF")
    site.pages["/disparu"] = (404, {}, b"")
    site.pages["/ferme"] = (403, {}, b"")
    site.pages["/ancien"] = (301, {"location": "/"}, b"")
    site.pages["/introuvable"] = (200, {}, b"<title>Page introuvable</title>")
    site.pages["/lente"] = slow
    site.pages["/en-clair"] = (301, {"location": f"https://{HOST}:{secure.port}/guide"}, b"")


def texts(folder):
    return sorted([*folder.rglob("*.yaml"), *folder.rglob("*.mjml")])


@pytest.fixture
def workspace(tmp_path):
    return shutil.copytree(PLANTED, tmp_path / "bourg")


@pytest.fixture
def online_servers(workspace, monkeypatch):
    """The servers that the issue's links lead to, on the ports that they have today."""
    monkeypatch.setattr(
        slow_page, "SLOW_SECONDS", 3.0
    )  # half of it, for the test's sake; the other pages take a hundredth
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    def secured(issuer, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(name).configure_cert(context)
        return Site(context)

    records = {DOMAIN: ["v=spf1 +all"]}
    with (
        Site().open() as site,
        secured(authority, HOST).open() as secure,
        secured(trustme.CA(), EXPIRED).open() as expired,
        Names(records).open() as names,
    ):
        pages(site, secure)
        for file in texts(workspace):
            text = file.read_text("utf-8")
            for port, server in ((8080, site), (8444, expired)):
                text = text.replace(f":{port}/", f":{server.port}/")
            file.write_text(text, encoding="utf-8")
        made = OnlineChecker(asker(HOST, EXPIRED, context=trusting), names.registrar())
        monkeypatch.setattr(Office, "online_checker", lambda _self: made)
        yield site


def test_a_fault_is_planted_or_spoiled_for_every_rule_that_there_is():
    rules = [rule for rule, *_place in HERE]
    assert {*rules, *SPOILED} == {rule.id for rule in RULES}


def test_every_planted_fault_is_found_at_its_place_and_nothing_else(run, workspace):
    found = told(run("check", "26", "--format", "json", cwd=workspace))
    assert {one for one in HERE - found if one[0] not in ONLINE} == set()
    assert more(found) == set()


def test_what_only_the_network_shows_is_found_as_well_and_nothing_else(run, workspace, online_servers):
    found = told(run("check", "26", "--online", "--format", "json", cwd=workspace))
    assert HERE - found == set()
    assert more(found) == set()
    assert online_servers.seen


@pytest.mark.parametrize("rule", SPOILED)
def test_what_an_issue_cannot_do_wrong_is_found_in_its_spoiled_letter(workspace, rule):
    _why, pattern, instead = SPOILED[rule]
    made = load_issue(workspace / Path(ISSUE).parent, Workspace(workspace))

    def write():
        letter = render_letter(made.issue, made.publication, made.pictures, made.templates, Hosting())
        html, text = (re.sub(pattern, instead, part) for part in (letter.html, letter.text))
        assert html != letter.html
        return replace(letter, html=html, text=text)

    assert rule in {one.rule for one in proofread(check_context_of(made, Workspace(workspace), write))}
