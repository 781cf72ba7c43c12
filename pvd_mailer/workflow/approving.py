"""Testing and approving: the letter as it is goes to a few people, then somebody says yes to it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pvd_mailer import approve, clock
from pvd_mailer.approve import Approval, Request
from pvd_mailer.approve.examples import examples_left, is_somebody
from pvd_mailer.approve.way_out import require_way_out
from pvd_mailer.audience import left_out, matching, parse
from pvd_mailer.audience.address import canonical
from pvd_mailer.audience.filters import Filter, vet
from pvd_mailer.audience.subscribers import find, tag_keys
from pvd_mailer.compose.starter import examples
from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState, SubscriberState
from pvd_mailer.errors import Blocked, PvdError, WrongUsageError
from pvd_mailer.findings import is_blocked
from pvd_mailer.i18n import N_, _, catalogue
from pvd_mailer.journal import Dispatch, Seal, dispatches, sent_tests
from pvd_mailer.journal.freezing import Person
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import encoded
from pvd_mailer.send.channels import Addressee, Channel, Consignment, Outcome, Result, Sender
from pvd_mailer.send.courier import sender_from
from pvd_mailer.send.engine import sealed_letter
from pvd_mailer.send.links import Links
from pvd_mailer.settings import Settings
from pvd_mailer.workflow.hosting import require_hosted
from pvd_mailer.workflow.office import Office
from pvd_mailer.workflow.proofing import Proof, proof
from pvd_mailer.workflow.recording import guard_issue
from pvd_mailer.workspace import IssueFolder

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.workflow.asking import Outside

__all__ = ["Approved", "Tested", "approve_issue", "changed_since", "test_issue"]

MAX_TEST_RECIPIENTS = 20
TEST_MARK = N_("[Test]")


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval, and what is to be said with it.

    Attributes:
        left_out: How many the filter finds who may not be written to, by their state.
        tests: When this very letter was tested, the newest first; empty if never.
        hosted: How many hosted files were compared; None where that was not asked for.
    """

    approval: Approval
    proof: Proof
    left_out: dict[SubscriberState, int]
    tests: list[str]
    hosted: int | None


@dataclass(frozen=True, slots=True)
class Tested:
    """A test: what became of each of its messages, by address."""

    subject: str
    results: dict[str, Result]
    sealed: bool
    """The bytes are those of the approval in force."""


def _sources(office: Office, folder: IssueFolder, made: Proof) -> dict[str, str]:
    return approve.digests(office.workspace.root, folder.path, made.templates)


def _steady_proof(
    office: Office, folder: IssueFolder, outside: "Outside | None" = None
) -> tuple[Proof, dict[str, str]]:
    """The letter with the digests of what it was made from; nobody edited while it was made."""
    made = proof(folder, office.workspace, office.settings, outside)
    before = _sources(office, folder, made)
    findings = made.findings
    # The second time it is made to see whether anything moved; the network was asked already.
    made = replace(proof(folder, office.workspace, office.settings), findings=findings)
    if _sources(office, folder, made) != before:
        raise PvdError(
            _("a file was saved while the letter was being made"),
            _("Finish your edits, look at the letter again, then run the same command."),
        )
    if is_blocked(made.findings):
        raise Blocked(list(made.findings))
    if folder.number != made.issue.number:
        raise WrongUsageError(
            _("the folder {folder} says issue {number}, and issue.yaml says {other}").format(
                folder=folder.path.name, number=folder.number, other=made.issue.number
            ),
            _("Correct one of the two."),
        )
    return made, before


def _seal(office: Office, made: Proof, channel: Channel, audience: str, sources: dict[str, str]) -> Seal:
    publication = made.publication
    return Seal(
        lang=publication.lang,
        zone=publication.zone,
        sender_name=publication.sender.name,
        sender_address=publication.sender.address,
        reply_to=publication.sender.reply_to,
        list_name=publication.list_id.name,
        list_id=publication.list_id.id,
        unsubscribe=publication.unsubscribe,
        public_url=office.settings.public_url,
        channel=channel.name,
        channel_identity=channel.identity,
        rehearsal=not channel.leaves,
        audience=audience,
        audience_digest="",
        sources=sources,
        static_url=office.settings.static_url,
        archive=publication.archive,
    )


def _finds_somebody(office: Office, wanted: Filter) -> bool:
    with office.database.read() as connection:
        return any(is_somebody(one.address_key) for one in matching(connection, wanted))


def _require_own_words(made: Proof) -> None:
    """Look that nothing in the letter is an example still.

    Raises:
        Blocked: something is.
    """
    found = list(examples_left(made.manuscript, made.settings, made.letter, examples()))
    if found:
        raise Blocked(found)


def changed_since(office: Office, folder: IssueFolder, dispatch: Dispatch, identity: str) -> list[str]:
    """What is not as it was approved, in words."""
    seal = dispatch.seal
    templates = office.workspace.templates / dispatch.publication
    sources = approve.digests(office.workspace.root, folder.path, templates)
    sender = (seal.sender_name, seal.sender_address, seal.reply_to)
    if sources != seal.sources:
        try:
            said = proof(folder, office.workspace, office.settings).publication.sender
            sender = (said.name, said.address, said.reply_to)
        except Blocked:
            pass  # the edit itself is told
    return approve.changes(
        seal,
        sources,
        sender=sender,
        public_url=office.settings.public_url,
        static_url=office.settings.static_url,
        identity=identity,
    )


def _batch_size(settings: Settings, channel: Channel, asked: int | None) -> int:
    """How many recipients a call has: what was asked for, or the setting, as far as channel and rate let it."""
    if asked is not None and asked > channel.batch_size:
        raise WrongUsageError(
            _("{channel} takes at most {most} recipients a call").format(channel=channel.name, most=channel.batch_size),
            _("Ask for fewer with --batch-size, or leave it out."),
        )
    # A batch leaves at once: one larger than a minute's share would break the rate.
    bounds = (asked or settings.batch_size, settings.rate)
    return min([channel.batch_size, *(one for one in bounds if one)])


def approve_issue(
    office: Office,
    folder: IssueFolder,
    channel: Channel,
    *,
    audience: str,
    by: str,
    again: bool = False,
    batch_size: int | None = None,
    check_hosted: bool = False,
    outside: "Outside | None" = None,
) -> Approved:
    """Render, check, freeze the audience, and seal all of it; the network is asked where `outside` says how.

    Raises:
        Blocked: a finding stands in the way.
        WrongUsageError: the audience is not understood, or empty; or the channel takes no batch of that size.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
        CannotCarryError: the channel cannot take this letter.
    """
    size = _batch_size(office.settings, channel, batch_size)
    wanted = parse(audience)
    with office.database.read() as connection:
        vet(wanted, tag_keys(connection))
    if channel.leaves:
        guard_issue(office, folder)
    made, sources = _steady_proof(office, folder, outside)
    seal = _seal(office, made, channel, wanted.text, sources)
    require_way_out(made.letter, seal)
    if channel.leaves and _finds_somebody(office, wanted):
        _require_own_words(made)
    channel.vet(made.letter, sender_from(seal, made.issue.publication, made.issue.number))
    hosted = require_hosted(office, made) if check_hosted else None

    def people(connection: Connection) -> Iterator[Person]:
        return (
            Person(one.ref, one.address_key, one.address, one.name, one.created_at)
            for one in matching(connection, wanted)
        )

    request = Request(
        publication=made.issue.publication,
        number=made.issue.number,
        letter=made.letter,
        seal=seal,
        by=by,
        batch_size=size,
        again=again,
    )
    approval = approve.seal(
        office.database, request, people, office.keys, _("another approval took its place"), clock.now()
    )
    with office.database.read() as connection:
        gone = left_out(connection, wanted)
        seen = sent_tests.of_letter(connection, approval.dispatch.letter)
    return Approved(approval, made, dict(gone), [at.isoformat() for at in seen], hosted)


def _letter_in_force(office: Office, folder: IssueFolder) -> tuple[Letter, Sender, Dispatch] | None:
    """The sealed letter of an approval that still stands: a test of it takes those bytes."""
    with office.database.read() as connection:
        approved = [
            one for one in dispatches.of_issue(connection, folder.number) if one.state is DispatchState.APPROVED
        ]
    if len(approved) != 1 or changed_since(office, folder, approved[0], approved[0].seal.channel_identity):
        return None
    (one,) = approved
    return sealed_letter(office.database, one), sender_from(one.seal, one.publication, one.number, "test"), one


def test_issue(office: Office, folder: IssueFolder, channel: Channel, to: tuple[str, ...]) -> Tested:
    """Send the real letter, marked as a test, to a few people; it goes in no account.

    Raises:
        Blocked: a finding stands in the way.
        WrongUsageError: an address is none, or there are too many.
    """
    if len(to) > MAX_TEST_RECIPIENTS:
        raise WrongUsageError(
            _("a test goes to at most {most} people").format(most=MAX_TEST_RECIPIENTS), _("Name fewer with --to.")
        )
    addresses = {one.key: encoded(one.written, one.key) for one in map(canonical, to)}
    to_somebody = channel.leaves and any(map(is_somebody, addresses))
    in_force = _letter_in_force(office, folder)
    if in_force:
        letter, sender, dispatch = in_force
        require_way_out(letter, replace(dispatch.seal, rehearsal=not channel.leaves))
        if to_somebody:  # the files are as they were approved, and say where in them
            _require_own_words(proof(folder, office.workspace, office.settings))
        publication, number, stored = dispatch.publication, dispatch.number, dispatch.letter
        links = Links(office.keys, dispatch.seal.public_url)
    else:
        made, sources = _steady_proof(office, folder)
        seal = _seal(office, made, channel, "", sources)
        require_way_out(made.letter, seal)
        if to_somebody:
            _require_own_words(made)
        publication, number = made.issue.publication, made.issue.number
        letter, sender = made.letter, sender_from(seal, publication, number, "test")
        stored = approve.keep(office.database, letter)
        links = Links(office.keys, office.settings.public_url)
    channel.vet(letter, sender)
    mark = catalogue(letter.lang).gettext(TEST_MARK)
    marked = replace(letter, subject=f"{mark} {letter.subject}")
    with office.database.read() as connection:
        refs = {key: subscriber.ref for key in addresses if (subscriber := find(connection, key))}
    call_id = secrets.token_hex(12)
    by_ref = {f"test-{call_id}.{index}": key for index, key in enumerate(addresses)}
    consignment = Consignment(
        call_id,
        marked,
        sender,
        clock.now().replace(microsecond=0),
        tuple(Addressee(ref, addresses[key], "", links.one_click(refs.get(key))) for ref, key in by_ref.items()),
    )
    results: dict[str, Result] = {}
    with channel.session() as session:
        for ref, result in session.deliver(consignment):
            told = [one for one in by_ref if (addresses[by_ref[one]] not in results if ref is None else one == ref)]
            results |= {addresses[by_ref[one]]: result for one in told}
    silent = Result(Outcome.UNKNOWN)
    results = {written: results.get(written, silent) for written in addresses.values()}
    accepted = sum(result.outcome is Outcome.ACCEPTED for result in results.values())
    with office.database.write() as connection:
        sent_tests.write_test(
            connection,
            publication,
            number,
            stored,
            channel=channel.name,
            at=clock.now(),
            accepted=accepted,
            others=len(results) - accepted,
        )
    return Tested(marked.subject, results, in_force is not None)
