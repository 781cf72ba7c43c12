"""A sealed letter as everybody may read it: less what is one reader's own, and with its files beside it.

Beyond that not a byte of the letter is changed. What a browser and a search engine want to know is added to the head,
and around the letter what makes it a page: the landmark that a screen reader jumps to, and the way to all letters.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations

from pvd_mailer.archive.sharing import Shown, first_picture, of_card, properties
from pvd_mailer.archive.shelf import Archived
from pvd_mailer.i18n import catalogue
from pvd_mailer.letter.model import FIELDS
from pvd_mailer.letter.sealed import Manifest

__all__ = ["Surroundings", "web_letter", "web_page", "web_text"]

IMAGES = "../../images"
"""From a letter's page, where every archive has them."""
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_STYLE = (
    ".pvd-all{{margin:0 auto;max-width:536px;padding:16px 20px 12px;font:16px/24px {font}}}"
    "@media(min-width:480px){{.pvd-all{{padding:16px 32px 12px}}}}"
    ".pvd-all a{{color:#000;text-decoration:underline}}"
    "@media print{{.pvd-all{{display:none}}}}"
    # Who reads it in the browser needs no link to that; where `:has` is not known, the link alone goes.
    '.foot>a[href="{here}"]{{display:none}}'
    'div.foot:has(>a[href="{here}"]){{display:none}}'
)
"""Beside the letter's own style, whose classes give the dark colours."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a letter is read.

    Attributes:
        address: Of its page, with a final slash.
        way_out: What stands in the place of a reader's own link: the address of a page that is nobody's own.
        site_name: The publication's name.
        indexed: Whether search engines may list it.
    """

    address: str
    way_out: str
    site_name: str
    indexed: bool
    index: str = "../"
    """From a letter's page, where the list of letters is."""
    statement: str = "../accessibility/"
    """From there, where the accessibility statement is."""
    compliance: str = "Accessibility: not compliant"
    """What the link there says; to be translated."""
    font: str = "sans-serif"
    """What the way there is set in, as CSS."""


def web_page(one: Archived, fetch: Callable[[str], bytes], around: Surroundings) -> str:
    """The letter's HTML as a page; `fetch` gives a sealed part by its digest."""
    page = web_letter(one, fetch, around)
    shown = first_picture(page, around.address, one.manifest, fetch)
    shown = shown or of_card(around.address, f"{one.manifest.subject} – {around.site_name}")
    page = page.replace("</head>", _head(one, around, shown) + "</head>", 1)
    lang, words = one.manifest.lang, catalogue(one.manifest.lang)
    way = f'<a href="{html.escape(around.index)}"><span aria-hidden="true">← </span>{_said(words, "All letters")}</a>'
    way += f' · <a href="{html.escape(around.statement)}">{_said(words, around.compliance)}</a>'
    nav = f'<nav class="paper foot" lang="{lang}" dir="ltr"><div class="pvd-all">{way}</div></nav>'
    body = _BODY.search(page)
    if body is None:
        return page
    letter, closing, rest = page[body.end() :].rpartition("</body>")
    return f'{page[: body.end()]}{nav}<main lang="{lang}" dir="ltr">{letter}</main>{closing}{rest}'


def _said(words: NullTranslations, message: str) -> str:
    return html.escape(words.gettext(message))


def web_letter(one: Archived, fetch: Callable[[str], bytes], around: Surroundings) -> str:
    """The letter's HTML as everybody may read it, with nothing around it: for a feed."""
    page = fetch(one.manifest.html).decode()
    for field in FIELDS:
        page = page.replace(one.manifest.placeholders.html(field), html.escape(around.way_out))
    for picture in one.manifest.pictures:
        page = page.replace(f"cid:{picture.content_id}", f"{IMAGES}/{picture.name}")
    pages_url = one.seal.static_url or one.seal.public_url
    if pages_url and not one.manifest.embedded:
        page = _beside(page, html.escape(pages_url), one, one.manifest)
    return page


def _beside(page: str, pages_url: str, one: Archived, manifest: Manifest) -> str:
    """`page` with its own files taken from beside it: they are found when the archive moves, and on a disk."""
    for picture in manifest.pictures:
        page = page.replace(f'"{pages_url}/images/{picture.name}"', f'"{IMAGES}/{picture.name}"')
    for name in manifest.calendars:
        page = page.replace(f'"{pages_url}/{one.publication}/{one.number}/{name}"', f'"{name}"')
    return page


def _head(one: Archived, around: Surroundings, shown: Shown) -> str:
    said = [
        ("name", "robots", "index, follow" if around.indexed else "noindex, nofollow"),
        ("name", "description", one.manifest.preheader),
        ("property", "og:type", "article"),
        ("property", "og:site_name", around.site_name),
        ("property", "og:title", one.manifest.subject),
        ("property", "og:description", one.manifest.preheader),
        ("property", "og:url", around.address),
        *(("property", name, value) for name, value in properties(shown)),
    ]
    metas = "".join(f'<meta {kind}="{name}" content="{html.escape(value)}" />' for kind, name, value in said)
    pages_url = one.seal.static_url or one.seal.public_url
    here = f"{pages_url}/{one.publication}/{one.number}/" if pages_url else around.address
    style = _STYLE.format(here=html.escape(here), font=around.font)
    return f'<link rel="canonical" href="{html.escape(around.address)}" />{metas}<style>{style}</style>'


def web_text(one: Archived, fetch: Callable[[str], bytes], around: Surroundings) -> str:
    """The letter's plain text."""
    text = fetch(one.manifest.text).decode()
    for field in FIELDS:
        text = text.replace(one.manifest.placeholders.text(field), around.way_out)
    return text
