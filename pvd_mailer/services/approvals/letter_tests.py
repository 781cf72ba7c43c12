"""Testing: the letter as it is goes to a few people, marked as a test, and counts in no dispatch."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pvd_mailer import approve, clock
from pvd_mailer.approve.examples import is_real_recipient
from pvd_mailer.approve.require_unsubscribe import require_unsubscribe_link
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import N_, _, catalogue
from pvd_mailer.journal import Dispatch, dispatches, sent_tests
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import with_canonical_domain
from pvd_mailer.send.channels import Channel, DeliveryOutcome, DeliveryResult, Recipient, SenderIdentity, SendRequest
from pvd_mailer.send.runner import load_approved_letter
from pvd_mailer.send.sender_identity import sender_identity
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.services.approvals.inputs import (
    approval_record,
    changes_since_approval,
    check_without_edits,
    require_no_examples,
)
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.proofs import render_and_check
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.queries import find_subscriber
from pvd_mailer.workspace import IssueFolder

__all__ = ["LetterTestResult", "send_test"]

_MAX_TEST_RECIPIENTS = 20
_TEST_MARK = N_("[Test]")


@dataclass(frozen=True, slots=True)
class LetterTestResult:
    """A test: what became of each of its messages, by address."""

    subject: str
    results: dict[str, DeliveryResult]
    is_approved_letter: bool
    """The bytes are those of the approval in force."""


@dataclass(frozen=True, slots=True)
class _TestedLetter:
    """The letter that a test sends.

    Attributes:
        digest: Under which the database keeps it.
        public_url: Where the readers' site is, for their links.
        is_approved: Whether it is that of the approval in force.
    """

    letter: Letter
    sender: SenderIdentity
    publication: str
    number: int
    digest: str
    public_url: str | None
    is_approved: bool


def send_test(context: AppContext, folder: IssueFolder, channel: Channel, to: tuple[str, ...]) -> LetterTestResult:
    """Send the real letter, marked as a test, to a few people; it counts in no dispatch.

    Where an approval still stands, its very bytes are sent.

    Raises:
        BlockedError: a finding stands in the way.
        WrongUsageError: an address is none, or there are too many.
    """
    addresses = _addresses(to)
    has_real_recipient = channel.is_live and any(map(is_real_recipient, addresses))
    dispatch = _standing_approval(context, folder)
    if dispatch:
        tested = _approved_letter(context, folder, dispatch, channel, has_real_recipient=has_real_recipient)
    else:
        tested = _current_letter(context, folder, channel, has_real_recipient=has_real_recipient)
    channel.validate(tested.letter, tested.sender)
    request = _send_request(context, tested, addresses)
    results = _deliver(channel, request)
    _write_test(context, tested, channel, results)
    return LetterTestResult(request.letter.subject, results, tested.is_approved)


def _addresses(to: tuple[str, ...]) -> dict[str, str]:
    """What to write to, by canonical address."""
    if len(to) > _MAX_TEST_RECIPIENTS:
        raise WrongUsageError(
            _("a test goes to at most {most} people").format(most=_MAX_TEST_RECIPIENTS), _("Name fewer with --to.")
        )
    return {address.key: with_canonical_domain(address.as_written, address.key) for address in map(parse_address, to)}


def _standing_approval(context: AppContext, folder: IssueFolder) -> Dispatch | None:
    """The dispatch of an approval that still stands; None where there is none, or something changed since."""
    with context.database.read() as connection:
        approved = [
            dispatch
            for dispatch in dispatches.dispatches_of_issue(connection, folder.number)
            if dispatch.state is DispatchState.APPROVED
        ]
    if len(approved) != 1:
        return None
    (dispatch,) = approved
    changes = changes_since_approval(context, folder, dispatch, dispatch.approval.channel_identity)
    return None if changes else dispatch


def _approved_letter(
    context: AppContext, folder: IssueFolder, dispatch: Dispatch, channel: Channel, *, has_real_recipient: bool
) -> _TestedLetter:
    """The letter that was approved, byte for byte."""
    letter = load_approved_letter(context.database, dispatch)
    record = dispatch.approval
    require_unsubscribe_link(letter, replace(record, rehearsal=not channel.is_live))
    if has_real_recipient:  # the files are as they were approved, and say where in them
        require_no_examples(render_and_check(folder, context.workspace, context.settings))
    return _TestedLetter(
        letter,
        sender_identity(record, dispatch.publication, dispatch.number, "test"),
        dispatch.publication,
        dispatch.number,
        dispatch.letter,
        record.public_url,
        is_approved=True,
    )


def _current_letter(
    context: AppContext, folder: IssueFolder, channel: Channel, *, has_real_recipient: bool
) -> _TestedLetter:
    """The letter as its files are now; it is kept in the database."""
    checked, sources = check_without_edits(context, folder)
    record = approval_record(context, checked, channel, "", sources)
    require_unsubscribe_link(checked.letter, record)
    if has_real_recipient:
        require_no_examples(checked)
    publication, number = checked.issue.publication, checked.issue.number
    with context.database.write() as connection:
        digest = approve.store_letter(connection, checked.letter)
    return _TestedLetter(
        checked.letter,
        sender_identity(record, publication, number, "test"),
        publication,
        number,
        digest,
        context.settings.public_url,
        is_approved=False,
    )


def _send_request(context: AppContext, tested: _TestedLetter, addresses: Mapping[str, str]) -> SendRequest:
    """One call of the channel; subscribers among the recipients get their own links to unsubscribe."""
    mark = catalogue(tested.letter.lang).gettext(_TEST_MARK)
    links = UnsubscribeLinks(context.keys, tested.public_url)
    with context.database.read() as connection:
        subscriber_refs = {key: subscriber.ref for key in addresses if (subscriber := find_subscriber(connection, key))}
    call_id = secrets.token_hex(12)
    return SendRequest(
        call_id,
        replace(tested.letter, subject=f"{mark} {tested.letter.subject}"),
        tested.sender,
        clock.now().replace(microsecond=0),
        tuple(
            Recipient(f"test-{call_id}.{index}", address, "", links.one_click_url(subscriber_refs.get(key)))
            for index, (key, address) in enumerate(addresses.items())
        ),
    )


def _deliver(channel: Channel, request: SendRequest) -> dict[str, DeliveryResult]:
    """What became of each message, by address; unknown where the channel did not say."""
    results: dict[str, DeliveryResult] = {}
    with channel.session() as session:
        for ref, result in session.send(request):
            # Without a reference it is about all of whom nothing was said before.
            results |= {
                recipient.ref: result
                for recipient in request.recipients
                if (recipient.ref not in results if ref is None else recipient.ref == ref)
            }
    unknown = DeliveryResult(DeliveryOutcome.UNKNOWN)
    return {recipient.address: results.get(recipient.ref, unknown) for recipient in request.recipients}


def _write_test(
    context: AppContext, tested: _TestedLetter, channel: Channel, results: Mapping[str, DeliveryResult]
) -> None:
    accepted = sum(result.outcome is DeliveryOutcome.ACCEPTED for result in results.values())
    with context.database.write() as connection:
        sent_tests.write_test(
            connection,
            tested.publication,
            tested.number,
            tested.digest,
            channel=channel.name,
            at=clock.now(),
            accepted=accepted,
            others=len(results) - accepted,
        )
