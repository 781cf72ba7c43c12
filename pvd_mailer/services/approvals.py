"""Testing and approving: the letter as it is goes to a few people, then somebody says yes to it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pvd_mailer import approve, clock
from pvd_mailer.approve import Approval, ApprovalRequest
from pvd_mailer.approve.examples import find_examples, is_real_recipient
from pvd_mailer.approve.require_unsubscribe import require_unsubscribe_link
from pvd_mailer.compose.starter import example_texts
from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState, SubscriberState
from pvd_mailer.errors import BlockedError, PvdError, WrongUsageError
from pvd_mailer.findings import has_blocking
from pvd_mailer.i18n import N_, _, catalogue
from pvd_mailer.journal import ApprovalRecord, Dispatch, dispatches, sent_tests
from pvd_mailer.journal.audience_snapshot import AudienceMember
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import with_canonical_domain
from pvd_mailer.send.batch_sender import sender_identity
from pvd_mailer.send.channels import Channel, DeliveryOutcome, DeliveryResult, Recipient, SenderIdentity, SendRequest
from pvd_mailer.send.runner import load_approved_letter
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import ensure_issue_sent_file_known
from pvd_mailer.services.hosted_files import require_hosted
from pvd_mailer.services.proofs import CheckedLetter, render_and_check
from pvd_mailer.settings import Settings
from pvd_mailer.subscribers import count_suppressed, matching_subscribers, parse_filter
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.filters import AudienceFilter, require_known_tags
from pvd_mailer.subscribers.queries import all_tag_keys, find_subscriber
from pvd_mailer.workspace import IssueFolder

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.services.online import OnlineChecker

__all__ = ["ApprovalResult", "LetterTestResult", "approve_issue", "changes_since_approval", "send_test"]

_MAX_TEST_RECIPIENTS = 20
_TEST_MARK = N_("[Test]")


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """An approval, and what is to be said with it.

    Attributes:
        left_out: How many the filter finds who may not be written to, by their state.
        tested_at: When this very letter was tested, the newest first; empty if never.
        hosted_files: How many hosted files were compared; None where that was not asked for.
    """

    approval: Approval
    checked: CheckedLetter
    left_out: dict[SubscriberState, int]
    tested_at: list[str]
    hosted_files: int | None


@dataclass(frozen=True, slots=True)
class LetterTestResult:
    """A test: what became of each of its messages, by address."""

    subject: str
    results: dict[str, DeliveryResult]
    is_approved_letter: bool
    """The bytes are those of the approval in force."""


def _source_digests(context: AppContext, folder: IssueFolder, checked: CheckedLetter) -> dict[str, str]:
    return approve.source_digests(context.workspace.root, folder.path, checked.templates)


def _check_without_edits(
    context: AppContext, folder: IssueFolder, online: "OnlineChecker | None" = None
) -> tuple[CheckedLetter, dict[str, str]]:
    """The letter with the digests of what it was made from; nobody edited while it was made."""
    checked = render_and_check(folder, context.workspace, context.settings, online)
    before = _source_digests(context, folder, checked)
    findings = checked.findings
    # The second time it is made to see whether anything moved; the network was asked already.
    checked = replace(render_and_check(folder, context.workspace, context.settings), findings=findings)
    if _source_digests(context, folder, checked) != before:
        raise PvdError(
            _("a file was saved while the letter was being made"),
            _("Finish your edits, look at the letter again, then run the same command."),
        )
    if has_blocking(checked.findings):
        raise BlockedError(list(checked.findings))
    if folder.number != checked.issue.number:
        raise WrongUsageError(
            _("the folder {folder} says issue {number}, and issue.yaml says {other}").format(
                folder=folder.path.name, number=folder.number, other=checked.issue.number
            ),
            _("Correct one of the two."),
        )
    return checked, before


def _approval_record(
    context: AppContext, checked: CheckedLetter, channel: Channel, audience: str, sources: dict[str, str]
) -> ApprovalRecord:
    publication = checked.publication
    return ApprovalRecord(
        lang=publication.lang,
        zone=publication.zone,
        sender_name=publication.sender.name,
        sender_address=publication.sender.address,
        reply_to=publication.sender.reply_to,
        list_name=publication.list_id.name,
        list_id=publication.list_id.id,
        unsubscribe=publication.unsubscribe,
        public_url=context.settings.public_url,
        channel=channel.name,
        channel_identity=channel.identity,
        rehearsal=not channel.is_live,
        audience=audience,
        audience_digest="",
        sources=sources,
        static_url=context.settings.static_url,
        archive=publication.archive,
    )


def _has_real_recipient(context: AppContext, audience_filter: AudienceFilter) -> bool:
    with context.database.read() as connection:
        return any(
            is_real_recipient(subscriber.address_key)
            for subscriber in matching_subscribers(connection, audience_filter)
        )


def _require_no_examples(checked: CheckedLetter) -> None:
    """Look that nothing in the letter is an example still.

    Raises:
        Blocked: something is.
    """
    findings = list(find_examples(checked.source_map, checked.publication_source_map, checked.letter, example_texts()))
    if findings:
        raise BlockedError(findings)


def changes_since_approval(
    context: AppContext, folder: IssueFolder, dispatch: Dispatch, channel_identity: str
) -> list[str]:
    """What is not as it was approved, in words."""
    seal = dispatch.approval
    templates = context.workspace.templates / dispatch.publication
    sources = approve.source_digests(context.workspace.root, folder.path, templates)
    sender = (seal.sender_name, seal.sender_address, seal.reply_to)
    if sources != seal.sources:
        try:
            current_sender = render_and_check(folder, context.workspace, context.settings).publication.sender
            sender = (current_sender.name, current_sender.address, current_sender.reply_to)
        except BlockedError:
            pass  # the edit itself is told
    return approve.stale_reasons(
        seal,
        sources,
        sender=sender,
        public_url=context.settings.public_url,
        static_url=context.settings.static_url,
        channel_identity=channel_identity,
    )


def _batch_size(settings: Settings, channel: Channel, requested: int | None) -> int:
    """How many recipients a call has: what was asked for, or the setting, as far as channel and rate let it."""
    if requested is not None and requested > channel.batch_size:
        raise WrongUsageError(
            _("{channel} takes at most {most} recipients a call").format(channel=channel.name, most=channel.batch_size),
            _("Ask for fewer with --batch-size, or leave it out."),
        )
    # A batch leaves at once: one larger than a minute's share would break the rate.
    bounds = (requested or settings.batch_size, settings.rate)
    return min([channel.batch_size, *(bound for bound in bounds if bound)])


def approve_issue(
    context: AppContext,
    folder: IssueFolder,
    channel: Channel,
    *,
    audience: str,
    approver: str,
    again: bool = False,
    batch_size: int | None = None,
    check_hosted: bool = False,
    online: "OnlineChecker | None" = None,
) -> ApprovalResult:
    """Render, check, freeze the audience, and seal all of it; the network is asked where `online` says how.

    Raises:
        Blocked: a finding stands in the way.
        WrongUsageError: the audience is not understood, or empty; or the channel takes no batch of that size.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
        CannotCarryError: the channel cannot take this letter.
    """
    size = _batch_size(context.settings, channel, batch_size)
    audience_filter = parse_filter(audience)
    with context.database.read() as connection:
        require_known_tags(audience_filter, all_tag_keys(connection))
    if channel.is_live:
        ensure_issue_sent_file_known(context, folder)
    checked, sources = _check_without_edits(context, folder, online)
    seal = _approval_record(context, checked, channel, audience_filter.text, sources)
    require_unsubscribe_link(checked.letter, seal)
    if channel.is_live and _has_real_recipient(context, audience_filter):
        _require_no_examples(checked)
    channel.validate(checked.letter, sender_identity(seal, checked.issue.publication, checked.issue.number))
    hosted = require_hosted(context, checked) if check_hosted else None

    def people(connection: Connection) -> Iterator[AudienceMember]:
        return (
            AudienceMember(
                subscriber.ref, subscriber.address_key, subscriber.address, subscriber.name, subscriber.created_at
            )
            for subscriber in matching_subscribers(connection, audience_filter)
        )

    request = ApprovalRequest(
        publication=checked.issue.publication,
        number=checked.issue.number,
        letter=checked.letter,
        record=seal,
        approved_by=approver,
        batch_size=size,
        again=again,
    )
    approval = approve.create_approval(
        context.database, request, people, context.keys, _("another approval took its place"), clock.now()
    )
    with context.database.read() as connection:
        left_out_counts = count_suppressed(connection, audience_filter)
        tested_at = sent_tests.accepted_tests_of(connection, approval.dispatch.letter)
    return ApprovalResult(approval, checked, dict(left_out_counts), [at.isoformat() for at in tested_at], hosted)


def _approved_letter(context: AppContext, folder: IssueFolder) -> tuple[Letter, SenderIdentity, Dispatch] | None:
    """The sealed letter of an approval that still stands: a test of it takes those bytes."""
    with context.database.read() as connection:
        approved = [
            dispatch
            for dispatch in dispatches.dispatches_of_issue(connection, folder.number)
            if dispatch.state is DispatchState.APPROVED
        ]
    if len(approved) != 1 or changes_since_approval(
        context, folder, approved[0], approved[0].approval.channel_identity
    ):
        return None
    (dispatch,) = approved
    return (
        load_approved_letter(context.database, dispatch),
        sender_identity(dispatch.approval, dispatch.publication, dispatch.number, "test"),
        dispatch,
    )


def send_test(context: AppContext, folder: IssueFolder, channel: Channel, to: tuple[str, ...]) -> LetterTestResult:
    """Send the real letter, marked as a test, to a few people; it goes in no account.

    Raises:
        Blocked: a finding stands in the way.
        WrongUsageError: an address is none, or there are too many.
    """
    if len(to) > _MAX_TEST_RECIPIENTS:
        raise WrongUsageError(
            _("a test goes to at most {most} people").format(most=_MAX_TEST_RECIPIENTS), _("Name fewer with --to.")
        )
    addresses = {
        address.key: with_canonical_domain(address.as_written, address.key) for address in map(parse_address, to)
    }
    to_somebody = channel.is_live and any(map(is_real_recipient, addresses))
    in_force = _approved_letter(context, folder)
    if in_force:
        letter, sender, dispatch = in_force
        require_unsubscribe_link(letter, replace(dispatch.approval, rehearsal=not channel.is_live))
        if to_somebody:  # the files are as they were approved, and say where in them
            _require_no_examples(render_and_check(folder, context.workspace, context.settings))
        publication, number, stored = dispatch.publication, dispatch.number, dispatch.letter
        links = UnsubscribeLinks(context.keys, dispatch.approval.public_url)
    else:
        checked, sources = _check_without_edits(context, folder)
        seal = _approval_record(context, checked, channel, "", sources)
        require_unsubscribe_link(checked.letter, seal)
        if to_somebody:
            _require_no_examples(checked)
        publication, number = checked.issue.publication, checked.issue.number
        letter, sender = checked.letter, sender_identity(seal, publication, number, "test")
        stored = approve.store_letter(context.database, letter)
        links = UnsubscribeLinks(context.keys, context.settings.public_url)
    channel.validate(letter, sender)
    mark = catalogue(letter.lang).gettext(_TEST_MARK)
    marked_letter = replace(letter, subject=f"{mark} {letter.subject}")
    with context.database.read() as connection:
        refs = {key: subscriber.ref for key in addresses if (subscriber := find_subscriber(connection, key))}
    call_id = secrets.token_hex(12)
    by_ref = {f"test-{call_id}.{index}": key for index, key in enumerate(addresses)}
    consignment = SendRequest(
        call_id,
        marked_letter,
        sender,
        clock.now().replace(microsecond=0),
        tuple(Recipient(ref, addresses[key], "", links.one_click_url(refs.get(key))) for ref, key in by_ref.items()),
    )
    results: dict[str, DeliveryResult] = {}
    with channel.session() as session:
        for ref, result in session.send(consignment):
            reported_refs = [
                test_ref
                for test_ref in by_ref
                if (addresses[by_ref[test_ref]] not in results if ref is None else test_ref == ref)
            ]
            results |= {addresses[by_ref[test_ref]]: result for test_ref in reported_refs}
    no_answer = DeliveryResult(DeliveryOutcome.UNKNOWN)
    results = {written: results.get(written, no_answer) for written in addresses.values()}
    accepted = sum(result.outcome is DeliveryOutcome.ACCEPTED for result in results.values())
    with context.database.write() as connection:
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
    return LetterTestResult(marked_letter.subject, results, in_force is not None)
