"""A link that leads nowhere."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml.etree import _Element

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online.reach import is_public_ip

__all__ = ["RULE"]

_PLACEHOLDER_PART = re.compile(
    r"(?i)x{3,}|todo|tbd|tba|lorem(?:-ipsum)?|placeholder|(?:lien|url|link|adresse)s?-?(?:a|à)-?(?:venir|completer|compléter)"
    r"|(?:a|à)-(?:completer|compléter|venir|definir|définir)|(?:votre|mon|your|my)-?(?:site|lien|link|url|page|domaine?)"
)
_EXAMPLE_HOST = re.compile(r"(?i)(?:www\.)?example\.(?:com|org|net)")
_INTERNAL_HOST = re.compile(r"(?i)localhost|(?:.+\.)?(?:local|localhost|internal|intranet|lan|home|corp|invalid|test)")
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def _check(context: CheckContext) -> Iterator[Violation]:
    reported: set[str] = set()
    for link in context.links:
        message = _fault_of(link.url)
        if message:
            reported.add(link.url)
            yield Violation(message, link.url_location)
    yield from _check_letter(context, reported)


def _fault_of(url: str) -> str | None:
    """What is wrong with the web address `url`; None where nothing is."""
    if not url.lower().startswith(("http:", "https:")):
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    path_parts = [piece for piece in unquote(parts.path).split("/") if piece]
    placeholder = next(
        (
            part
            for part in (host.removeprefix("www.").partition(".")[0], *path_parts)
            if _PLACEHOLDER_PART.fullmatch(part)
        ),
        None,
    )
    if placeholder:
        return _("“{found}” stands for an address still to be written").format(found=placeholder)
    if _EXAMPLE_HOST.fullmatch(host) and not path_parts:
        return _("{host} is the address of examples, and has no page of yours").format(host=host)
    if _is_internal(host):
        return _("{host} can be opened inside one network only: no reader gets there").format(host=host)
    return None


def _is_internal(host: str) -> bool:
    try:
        return not is_public_ip(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return "." not in host or _INTERNAL_HOST.fullmatch(host) is not None


def _check_letter(context: CheckContext, reported: set[str]) -> Iterator[Violation]:
    """What a template draws, and the links inside the letter."""
    anchors = _anchors(context.tree)
    unsubscribe = context.letter.placeholders.html("unsubscribe")
    hosted_prefix = f"{context.pages_url}/" if context.pages_url else None
    for element in context.tree.iter("a"):
        href = element.get("href")
        if href is not None and (href == unsubscribe or (hosted_prefix and href.startswith(hosted_prefix))):
            continue  # a site that is tried out on this machine is at an address of this machine
        message = _fault_of_element(element, anchors)
        if message is None and href is not None and href not in reported:
            message = _fault_of(href)
            if message:
                reported.add(href)
        if message:
            yield Violation(message, LetterElement(element))


def _anchors(tree: _Element) -> set[str]:
    """The names that a link inside the letter can lead to."""
    ids = {element.get("id") for element in tree.iter()} | {element.get("name") for element in tree.iter("a")}
    return {name for name in ids if name}


def _fault_of_element(element: _Element, anchors: set[str]) -> str | None:
    """What is wrong with the way that a link of the letter is written; None where nothing is."""
    href = element.get("href")
    if href is None:
        is_anchor = bool(element.get("id") or element.get("name"))
        return None if is_anchor else _("this link has no address")
    if not href.strip():
        return _("this link has no address")
    if href.strip() == "#" or href.strip().lower().startswith("javascript:"):
        return _("this link leads nowhere: “{href}”").format(href=href.strip()[:40])
    if href.startswith("#"):
        leads_somewhere = unquote(href[1:]) in anchors or href == "#top"
        message = _("nothing in the letter is called “{anchor}”: this link leads nowhere")
        return None if leads_somewhere else message.format(anchor=href[1:41])
    if not href.lower().startswith(_SCHEMES):
        message = _("“{href}” is no complete address: a mail program cannot open it")
        return message.format(href=href[:60])
    return None


RULE = Rule(
    id="link-nowhere",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A link that leads nowhere"),
    description=N_(
        "A link without an address, to `#`, to an anchor that the letter does not have, to an address that somebody meant to "
        "complete (https://xxx.fr, …/lien-a-venir), to example.com, or to a machine that can be reached inside one network "
        "only. Links of the issue, of the publication's settings and of its templates are looked at. Nothing is opened: "
        "`check --online` does that."
    ),
    hint=N_("Write the address of the page, or take the link out."),
    check=_check,
)
