"""What `init` wrote as an example, and addresses of examples: they reach nobody who could read them."""

import re

import pytest

from pvd_mailer.approve.examples import fold_words, is_real_recipient
from pvd_mailer.check.text.entities import decode_entities
from pvd_mailer.compose.starter import STARTER_FOLDER, example_texts
from pvd_mailer.errors import BlockedError
from tests.send.scripted import Scripted
from tests.smtpd.server import MailServer
from tests.subscribers.people import person
from tests.workspace import ISSUE, IssueWorkspace

SOMEBODY = "claire@mairie.zz"
"""Nobody's, and no example's: there never is a country ZZ (ISO 3166 leaves it to users)."""
APPROVE = ("approve", "latest", "--audience", "all", "--by", "Claire", "--channel", "smtp")


@pytest.fixture
def started_workspace(tmp_path):
    """A workspace as `init` makes it, with one mailbox put in and a list of one."""
    start = IssueWorkspace(tmp_path)
    assert start.process("init", "atelier", PVD_LANG="fr").returncode == 0
    issue_workspace = IssueWorkspace(tmp_path / "atelier")
    file = issue_workspace.root / "templates" / "ma-lettre" / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("desinscription@example.org", "partir@mairie.zz"), "utf-8")
    return issue_workspace


def joined(issue_workspace, address):
    (issue_workspace.root / "subscribers" / "liste.csv").write_text(f"email\n{address}\n", "utf-8")
    ran = issue_workspace.process(
        *("subscribers", "import", "subscribers/liste.csv", "--basis", "public-mission", "--source", "essai", "--apply")
    )
    assert ran.returncode == 0, ran.stderr
    return issue_workspace


def test_what_init_wrote_does_not_leave_for_anybody_and_is_told_line_by_line(started_workspace):
    joined(started_workspace, SOMEBODY)
    with MailServer() as server:
        for arguments in (APPROVE, ("test", "latest", "--to", SOMEBODY, "--channel", "smtp")):
            ran = started_workspace.process(*arguments, PVD_SMTP_URL=server.url, PVD_LANG="fr")
            said = ran.stdout + ran.stderr
            assert ran.returncode == 1, said
            for what in (
                "lettre@example.org",
                "Camille Exemple",
                "01 99 00 12 34",
                "Un premier article",
                "https://example.org",
            ):
                assert what in said
            assert re.search(r"templates/ma-lettre/publication\.yaml:13:12", said)  # the sender's address
            assert re.search(r"issue\.yaml:\d+:\d+", said)
        assert server.accepted == []


def test_what_init_wrote_may_be_tried_with_examples_of_readers(started_workspace):
    joined(started_workspace, "claire@example.org")
    with MailServer() as server:
        for arguments in (
            APPROVE,
            ("send", "latest", "--yes"),
            ("test", "latest", "--to", "a@example.org", "--channel", "smtp"),
        ):
            ran = started_workspace.process(*arguments, PVD_SMTP_URL=server.url)
            assert ran.returncode == 0, ran.stdout + ran.stderr
        assert len(server.accepted) == 2


def test_an_approval_for_examples_is_not_tested_with_somebody(started_workspace):
    joined(started_workspace, "claire@example.org")
    with MailServer() as server:
        assert started_workspace.process(*APPROVE, PVD_SMTP_URL=server.url).returncode == 0
        ran = started_workspace.process(
            "test", "latest", "--to", SOMEBODY, "--channel", "smtp", PVD_SMTP_URL=server.url
        )
        assert ran.returncode == 1
        assert server.accepted == []


def own(mailing):
    """Put an own address and an own telephone in the place of each example's of the publication."""
    file = mailing.issue_workspace.own / "publication.yaml"
    text = re.sub(r"[\w.-]*\bexample(?:\.org)?\b", "mairie.zz", file.read_text("utf-8"))
    file.write_text(re.sub(r"01\s99\s00\s12\s34", "02 99 12 34 56", text), "utf-8")
    mailing.join(person(SOMEBODY))


def refused(mailing, channel=None):
    with pytest.raises(BlockedError) as stopped:
        mailing.approve(channel or Scripted())
    return [(one.location.file, one.location.line, one.message) for one in stopped.value.findings]


@pytest.mark.parametrize(
    ("was", "is_now", "where"),
    [
        ("Un texte.", "Voir https://www.example.org/halle.", 10),
        ("Un texte.", "Voir [la halle](https://ville.example/halle).", 10),
        ("Un texte.", "Écrire à claire@EXAMPLE.com.", 10),
        ("Un titre", "Un premier article", 9),
        ("Un aperçu", "Ce que vous y trouverez chaque mois, et comment nous écrire.", 5),
    ],
)
def test_one_example_is_enough_and_its_line_is_told(mailing, was, is_now, where):
    own(mailing)
    mailing.issue_workspace.write(ISSUE.replace(was, is_now))
    [(file, number, _message)] = refused(mailing)
    assert (file, number) == ("issues/001-2023-03/issue.yaml", where)


def test_a_letter_with_nothing_but_own_words_leaves(mailing):
    own(mailing)
    mailing.issue_workspace.write(
        ISSUE.replace("Un texte.", "Un exemple : https://exemple.zz, example.orge.zz et l’example.")
    )
    assert mailing.approve(Scripted())


def test_a_rehearsal_and_readers_that_are_examples_may_have_examples(mailing):
    channel = Scripted()
    assert mailing.approve(channel)
    mailing.join(person(SOMEBODY))
    assert refused(mailing)
    channel.is_live = False
    assert mailing.approve(channel)


def test_an_example_that_an_issue_overrides_is_none(mailing):
    own(mailing)
    file = mailing.issue_workspace.own / "publication.yaml"
    text = file.read_text("utf-8")
    address = re.search(r"(?m)^  address: (\S+)$", text)[1]
    file.write_text(text.replace(address, "lettre@example.org"), "utf-8")
    assert "lettre@example.org" in refused(mailing)[0][2]
    mailing.issue_workspace.write(
        ISSUE.replace("blocks:", "override:\n  sender:\n    address: lettre@mairie.zz\nblocks:")
    )
    assert mailing.approve(Scripted())


def test_an_example_in_a_snippet_counts_where_the_letter_has_it(mailing):
    own(mailing)
    file = mailing.issue_workspace.own / "publication.yaml"
    snippet = '\nsnippets:\n  rappel:\n    body: "Voir https://www.example.org/rappel."\n'
    file.write_text(file.read_text("utf-8") + snippet, "utf-8")
    mailing.issue_workspace.write(ISSUE + "  - id: rappel\n    type: snippet\n    use: rappel\n")
    [(name, number, _message)] = refused(mailing)
    assert (name, number) == (
        "templates/petites-villes-de-demain/publication.yaml",
        file.read_text("utf-8").count("\n"),
    )
    mailing.issue_workspace.write(ISSUE)
    assert mailing.approve(Scripted())


def test_an_example_that_only_a_template_writes_is_told_as_well(mailing):
    own(mailing)
    text = (STARTER_FOLDER.parent.parent / "templates" / "base" / "parts" / "colophon.txt").read_text("utf-8")
    (mailing.issue_workspace.own / "parts").mkdir()
    (mailing.issue_workspace.own / "parts" / "colophon.txt").write_text(
        text.replace("{{ unsubscribe }}", "{{ unsubscribe }}\nhttps://aide.example.org\n"), "utf-8"
    )
    assert any("https://aide.example.org" in message for _file, _line, message in refused(mailing))


def test_every_example_is_in_what_init_writes():
    written = "\n".join(decode_entities(one.read_text("utf-8")) for one in STARTER_FOLDER.rglob("*.yaml"))
    assert len(example_texts()) >= 14
    assert all(fold_words(one) in fold_words(written) for one in example_texts())


@pytest.mark.parametrize(
    ("address", "somebody"),
    [
        ("a@example.org", False), ("a@b.EXAMPLE.org", False), ("a@ville.test", False), ("a@ville.example", False),
        ("a@myexample.org", True), ("a@example.fr", True), ("a@test.fr", True), ("a@mairie.zz", True),
    ],
)  # fmt: skip
def test_who_is_somebody(address, somebody):
    assert is_real_recipient(address) is somebody
