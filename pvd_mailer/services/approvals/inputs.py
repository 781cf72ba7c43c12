"""What an approval is made of, before it and after: the letter as it is, its sources, and what has changed since."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pvd_mailer import approve
from pvd_mailer.approve.examples import find_examples
from pvd_mailer.compose.starter import example_texts
from pvd_mailer.errors import BlockedError, PvdError, WrongUsageError
from pvd_mailer.findings import has_blocking
from pvd_mailer.i18n import _
from pvd_mailer.journal import ApprovalRecord, Dispatch
from pvd_mailer.send.channels import Channel
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.proofs import CheckedLetter, render_and_check
from pvd_mailer.workspace import IssueFolder

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.services.online import OnlineChecker

__all__ = ["approval_record", "changes_since_approval", "check_without_edits", "require_no_examples"]


def check_without_edits(
    context: AppContext, folder: IssueFolder, online: "OnlineChecker | None" = None
) -> tuple[CheckedLetter, dict[str, str]]:
    """The letter with the digests of what it was made from, if nobody edited while it was made.

    Raises:
        BlockedError: a finding stands in the way.
        PvdError: a file was saved meanwhile.
        WrongUsageError: folder and issue.yaml name two numbers.
    """
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


def _source_digests(context: AppContext, folder: IssueFolder, checked: CheckedLetter) -> dict[str, str]:
    return approve.source_digests(context.workspace.root, folder.path, checked.templates)


def approval_record(
    context: AppContext, checked: CheckedLetter, channel: Channel, audience: str, sources: dict[str, str]
) -> ApprovalRecord:
    """What is approved of `checked`, for `channel` and `audience`; the audience's digest is still to come."""
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


def require_no_examples(checked: CheckedLetter) -> None:
    """Look that nothing in the letter is an example still.

    Raises:
        BlockedError: something is.
    """
    findings = list(find_examples(checked.source_map, checked.publication_source_map, checked.letter, example_texts()))
    if findings:
        raise BlockedError(findings)


def changes_since_approval(
    context: AppContext, folder: IssueFolder, dispatch: Dispatch, channel_identity: str
) -> list[str]:
    """What is not as it was approved, in words."""
    record = dispatch.approval
    templates = context.workspace.templates / dispatch.publication
    sources = approve.source_digests(context.workspace.root, folder.path, templates)
    sender = (record.sender_name, record.sender_address, record.reply_to)
    if sources != record.sources:
        try:
            current_sender = render_and_check(folder, context.workspace, context.settings).publication.sender
            sender = (current_sender.name, current_sender.address, current_sender.reply_to)
        except BlockedError:
            pass  # the edit itself is one of the reasons
    return approve.stale_reasons(
        record,
        sources,
        sender=sender,
        public_url=context.settings.public_url,
        static_url=context.settings.static_url,
        channel_identity=channel_identity,
    )
