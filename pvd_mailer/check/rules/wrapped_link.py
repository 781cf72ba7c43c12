"""An address that leads through somebody who counts, or who knows whose letter it was copied from."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.tracking import link_wrapper, without_tracking
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    reported = set()
    for link in context.links:
        reported.add(link.url)
        wrapper = link_wrapper(link.url)
        if wrapper:
            yield Violation(_message(wrapper.host), link.url_location, _hint(wrapper.target))
    for element in context.tree.iter("a"):
        wrapper = link_wrapper(element.get("href") or "") if element.get("href") not in reported else None
        if wrapper:
            yield Violation(_message(wrapper.host), LetterElement(element), _hint(wrapper.target))


def _message(host: str) -> str:
    return _(
        "this address leads through {host}, which sees who opens it, and may say from whose mail it was copied"
    ).format(host=host)


def _hint(target: str | None) -> str | None:
    return _("Write the page’s own address: {url}").format(url=without_tracking(target)[:500]) if target else None


RULE = Rule(
    id="wrapped-link",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("An address copied out of a mail"),
    description=N_(
        "Outlook and sending services put an address of their own around each link of a mail. Whoever copies it from there "
        "copies a detour: Outlook’s “safelinks” name the mailbox that it was copied from, SendGrid’s belong to one reader of "
        "one letter, and those of search engines and social networks count. They stop working one day, and every reader is "
        "seen who takes them. Where the page’s own address is written inside, the hint says it."
    ),
    hint=N_("Open the link, and copy the address that the browser shows in the end."),
    check=_check,
)
