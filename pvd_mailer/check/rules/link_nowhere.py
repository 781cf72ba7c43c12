"""A link that leads nowhere."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online.reach import is_public

__all__ = ["RULE"]

_STANDS_FOR = re.compile(
    r"(?i)x{3,}|todo|tbd|tba|lorem(?:-ipsum)?|placeholder|(?:lien|url|link|adresse)s?-?(?:a|à)-?(?:venir|completer|compléter)"
    r"|(?:a|à)-(?:completer|compléter|venir|definir|définir)|(?:votre|mon|your|my)-?(?:site|lien|link|url|page|domaine?)"
)
_EXAMPLE = re.compile(r"(?i)(?:www\.)?example\.(?:com|org|net)")
_INTERNAL = re.compile(r"(?i)localhost|(?:.+\.)?(?:local|localhost|internal|intranet|lan|home|corp|invalid|test)")
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def _find(subject: Subject) -> Iterator[Found]:
    told: set[str] = set()
    for link in subject.links:
        message = _fault(link.url)
        if message:
            told.add(link.url)
            yield Found(message, link.to)
    yield from _in_letter(subject, told)


def _fault(url: str) -> str | None:
    """What is wrong with the web address `url`; None where nothing is."""
    if not url.lower().startswith(("http:", "https:")):
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    pieces = [piece for piece in unquote(parts.path).split("/") if piece]
    standing = next(
        (one for one in (host.removeprefix("www.").partition(".")[0], *pieces) if _STANDS_FOR.fullmatch(one)), None
    )
    if standing:
        return _("“{found}” stands for an address still to be written").format(found=standing)
    if _EXAMPLE.fullmatch(host) and not pieces:
        return _("{host} is the address of examples, and has no page of yours").format(host=host)
    if _is_internal(host):
        return _("{host} can be opened inside one network only: no reader gets there").format(host=host)
    return None


def _is_internal(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return "." not in host or _INTERNAL.fullmatch(host) is not None


def _in_letter(subject: Subject, told: set[str]) -> Iterator[Found]:
    """What a template draws, and the links inside the letter."""
    anchors = {element.get("id") for element in subject.tree.iter() if element.get("id")}
    anchors |= {element.get("name") for element in subject.tree.iter("a") if element.get("name")}
    places = subject.letter.placeholders
    own = f"{subject.pages_url}/" if subject.pages_url else None
    for element in subject.tree.iter("a"):
        href = element.get("href")
        if href is None:
            if element.get("id") or element.get("name"):
                continue
            yield Found(_("this link has no address"), InLetter(element))
        elif not href.strip():
            yield Found(_("this link has no address"), InLetter(element))
        elif href.strip() == "#" or href.strip().lower().startswith("javascript:"):
            yield Found(_("this link leads nowhere: “{href}”").format(href=href.strip()[:40]), InLetter(element))
        elif href.startswith("#"):
            if unquote(href[1:]) not in anchors and href != "#top":
                message = _("nothing in the letter is called “{anchor}”: this link leads nowhere")
                yield Found(message.format(anchor=href[1:41]), InLetter(element))
        elif href == places.html("unsubscribe") or (own and href.startswith(own)):
            continue  # a site that is tried out on this machine is at an address of this machine
        elif not href.lower().startswith(_SCHEMES):
            message = _("“{href}” is no complete address: a mail program cannot open it")
            yield Found(message.format(href=href[:60]), InLetter(element))
        elif href not in told:
            fault = _fault(href)
            if fault:
                told.add(href)
                yield Found(fault, InLetter(element))


RULE = Rule(
    id="link-nowhere",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A link that leads nowhere"),
    about=N_(
        "A link without an address, to `#`, to an anchor that the letter does not have, to an address that somebody meant to "
        "complete (https://xxx.fr, …/lien-a-venir), to example.com, or to a machine that can be reached inside one network "
        "only. Links of the issue, of the publication's settings and of its templates are looked at. Nothing is opened: "
        "`check --online` does that."
    ),
    hint=N_("Write the address of the page, or take the link out."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Un toit."\n  buttons:\n    - label: "Lire le guide des halles"\n      url: https://ville.example.org/lien-a-venir\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Voir [le guide](https://intranet/guide) et [la carte](http://192.168.1.4/carte)."\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Un"\n  body: "Voir [le guide](https://www.example.com/)."\n'
        ),
        Example(html='<p><a href="#">Voir le guide</a></p>'),
        Example(html='<p><a href="#la-halle">Voir la halle</a></p>'),
        Example(html='<p><a href="guide.html">Voir le guide</a></p>'),
        Example(html="<p><a>Voir le guide</a></p>"),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Voir [le guide](https://ville.example.org/guides/halles#liens), écrire [à la mairie](mailto:mairie@ville.example)."\n'
        ),
        Example(
            html='<p id="la-halle"><a href="#la-halle">Voir la halle</a>, <a name="x"></a><a href="#x">plus bas</a>.</p>'
        ),
    ),
    find=_find,
)
