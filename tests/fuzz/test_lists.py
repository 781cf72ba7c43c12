import json
import os
import re

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from pvd_mailer.cli.main import run as run_cli
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import histories, oppositions, subscribers, tags
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.state_changes import unsubscribe_address
from tests.fuzz.issues import NASTY
from tests.fuzz.test_mangled import cut, double, drop, flip, swap
from tests.subscribers.importing.sheets import csv_text, packed, parts
from tests.subscribers.people import FOUR, NOW, settle
from tests.workspace import IssueWorkspace

EXAMPLES = 500 * int(os.environ.get("PVD_FUZZ", "1"))
LEFT = FOUR[1].address.key
HEADERS = [
    "email", "Courriel", "Adresse e-mail", "nom", "Prénom", "Fonction", "Département", "Région", "Base légale", "Date",
    "Téléphone", "tag:réseau", "état", "", "email ", "N°",
]  # fmt: skip
ADDRESSES = [
    *(one.address.as_written for one in FOUR),
    "new@example.org", "NEW@example.org", "noe@évariste.example", "mairie@ville.example", "a b@example.org", "@", "x@",
    "claire@example,org", "a@example.org;b@example.org", "", " ", "'+a@example.org", "c@example.org\u200b",
]  # fmt: skip
CELLS = [
    *NASTY, "Maire", "Maire|Élue", "35", "1", "consentement", "mission publique", "2024-03-07", "07/03/2024",
    "31/02/2024", '"', '""', "a;b", "a,b", "a\tb", "a\nb", "a\r\nb", "a\n@b", "=1+1", "'=1", "\0", "x" * 600,
    "é" * 400, "\ufeff",
]  # fmt: skip
BASIS = st.sampled_from([(), ("--basis", "consent"), ("--basis", "public-mission")])
CLAIMS = [
    'r="A0"', 'r="XFD1048576"', 'r="A1048576"', 'r="ZZZZ1"', 'r="B2"', 'r="A99999999999"', 'r=""', 'r="é1"', 't="b"',
    't="e"', 't="d"', 't="inlineStr"', 't="str"', 't="s" s="9"', 'r="A1" t="s" r="A2"', "",
]  # fmt: skip
PIECES = [
    "<c/>",
    "<row/>",
    "</row>",
    "<v>99999999</v>",
    "<v>-1</v>",
    "<is><t>x</t></is>",
    "&amp;",
    "&x;",
    "]]>",
    "<!--",
    "\0",
]


@st.composite
def table(draw):
    """Rows with their header, mostly one that names a column of addresses."""
    header = draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=5, unique=True))
    if draw(st.integers(0, 9)):
        header = ["email", *(one for one in header if not re.search("(?i)mail|courriel", one))]
    rows = [header]
    for _ in range(draw(st.integers(0, 12))):
        # Under a single name nothing says what stands between cells.
        wide = len(header) + 2 if len(header) > 1 else 1
        width = draw(st.sampled_from([len(header)] * 6 + [0, 1, wide]))
        row = [draw(st.sampled_from(ADDRESSES)), *(draw(st.sampled_from(CELLS)) for _ in range(width - 1))]
        rows.append(row[:width])
    return rows


def sound(text):
    """`text` as XML 1.0 can hold it."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


@st.composite
def lists(draw):
    """The bytes of a list, and how many rows with people it has; None where it is mangled so that nobody can say."""
    rows = draw(table())
    steps = draw(st.sampled_from([0, 0, 1, 1, 2, 4]))
    if draw(st.booleans()):
        delimiter = draw(st.sampled_from(";;;,\t"))
        text = draw(st.sampled_from(["", "", "", f"sep={delimiter}\r\n"])) + csv_text(rows, delimiter)
        raw = text.encode(draw(st.sampled_from(["utf-8-sig", "utf-8", "cp1252", "utf-16"])), "replace")
    else:
        rows = [[sound(cell) for cell in row] for row in rows]
        members = parts(rows)
        for _ in range(steps):
            name = draw(st.sampled_from(sorted(members)))
            members[name] = draw(st.sampled_from([claim, piece, mangle, gone]))(draw, members[name])
        raw = packed(members)
        steps = (steps and draw(st.sampled_from([steps, 0, 0, 0]))) or (-1 if steps else 0)
    for _ in range(max(steps, 0)):
        raw = draw(st.sampled_from([flip, flip, drop, double, swap, cut]))(draw, raw)
    people = sum(any(cell.strip() for cell in row) for row in rows) - 1
    return raw, None if steps or not any(cell.strip() for cell in rows[0]) else people


def claim(draw, text):
    places = [match.span() for match in re.finditer(r'\b(?:r|t)="[^"]*"', text)]
    if not places:
        return text
    start, end = draw(st.sampled_from(places))
    return text[:start] + draw(st.sampled_from(CLAIMS)) + text[end:]


def piece(draw, text):
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(PIECES)) + text[at:]


def mangle(draw, text):
    raw = draw(st.sampled_from([flip, double, swap, cut]))(draw, text.replace(">", ">\n").encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


def gone(draw, text):
    del draw, text
    return ""


@pytest.fixture(scope="module")
def issue_workspace(tmp_path_factory):
    """A workspace whose database knows four people, one of whom left."""
    issue_workspace = IssueWorkspace.start(tmp_path_factory.mktemp("lists") / "workspace")
    database = open_database(None, issue_workspace.workspace.var / "pvd-mailer.sqlite")
    prepare_database(database)
    yield issue_workspace, database
    database.close()


def start(database):
    with database.write() as connection:
        connection.execute(delete(subscribers))
        connection.execute(delete(oppositions))
    settle(database, *FOUR)
    with database.write() as connection:
        unsubscribe_address(connection, LEFT, NOW, "a mail")


def held(database):
    """What the tables hold; one text for all of them."""
    with database.read() as connection:
        return [
            [tuple(row) for row in connection.execute(select(one).order_by(*one.primary_key))]
            for one in (subscribers, tags, histories)
        ]


def states(database):
    with database.read() as connection:
        return dict(connection.execute(select(subscribers.c.address_key, subscribers.c.state)).all())


@given(lists(), BASIS)
@settings(max_examples=EXAMPLES)
def test_a_mangled_list_is_told_or_imported_whole(issue_workspace, monkeypatch, capfd, made, basis):
    (issue_workspace, database), (raw, people) = issue_workspace, made
    monkeypatch.chdir(issue_workspace.root)
    start(database)
    file = issue_workspace.root / "subscribers" / "mangled.csv"
    file.write_bytes(raw)
    before, were = held(database), states(database)

    def ran(*arguments):
        capfd.readouterr()
        code = run_cli(["subscribers", "import", str(file), *basis, "--format", "json", *arguments])
        out, err = capfd.readouterr()
        assert not re.search("Traceback|panicked|fault of the program", err + out), err
        assert (code, bool(out), bool(err)) in {(0, True, False), (2, False, True)}, (code, err)
        return json.loads(out) if code == 0 else None

    planned = ran()
    assert held(database) == before
    if planned is None:
        event("told")
        assert people is None or people >= 0
        assert ran("--apply") is None
        assert held(database) == before
        return
    numbers = [one["row"] for one in planned["verdicts"]]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == planned["rows"] == sum(planned["counts"].values())
    assert people is None or people == planned["rows"]
    for one in planned["verdicts"]:
        assert one["why"] or one["fate"] != "refused"
    done = ran("--apply")
    if done is None:
        event("no basis")
        assert not basis
        assert held(database) == before
        return
    event("imported" if done["counts"]["added"] else "nothing to add")
    assert (done["verdicts"], done["counts"]) == (planned["verdicts"], planned["counts"])
    added = {parse_address(one["address"]).key for one in done["verdicts"] if one["fate"] == "added"}
    assert len(added) == done["counts"]["added"]
    assert states(database) == were | dict.fromkeys(added, "subscribed")
    changed = done["counts"]["added"] + done["counts"]["updated"]
    assert len(held(database)[2]) == len(before[2]) + changed
    again = ran()
    assert again["counts"]["added"] == again["counts"]["updated"] == 0
