"""A sealed letter as everybody may read it: less what is one reader's own, and with its files beside it.

Beyond that not a byte of the letter is changed. What a browser and a search engine want to know is added to the head,
and around the letter what makes it a page: the landmark that a screen reader jumps to, and the way to all letters.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations

from pvd_mailer.archive.letters import ArchivedLetter
from pvd_mailer.archive.sharing import SharedPicture, card_picture, first_picture, open_graph_properties
from pvd_mailer.i18n import catalogue
from pvd_mailer.letter.bundle import LetterManifest
from pvd_mailer.letter.letter import PLACEHOLDER_FIELDS

__all__ = ["PageContext", "web_letter", "web_page", "web_text"]

_IMAGES_PATH = "../../images"
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
class PageContext:
    """Where a letter is read.

    Attributes:
        url: Of its page, with a final slash.
        public_unsubscribe_url: Stands in the place of a reader's own link: a page that is nobody's own.
        site_name: The publication's name.
        is_indexed: Whether search engines may list it.
    """

    url: str
    public_unsubscribe_url: str
    site_name: str
    is_indexed: bool
    index_path: str = "../"
    """From a letter's page, where the list of letters is."""
    statement_path: str = "../accessibility/"
    """From there, where the accessibility statement is."""
    compliance: str = "Accessibility: not compliant"
    """What the link there says; to be translated."""
    font: str = "sans-serif"
    """What the way there is set in, as CSS."""


def web_page(letter: ArchivedLetter, fetch: Callable[[str], bytes], page_context: PageContext) -> str:
    """The letter's HTML as a page; `fetch` gives a sealed part by its digest."""
    page = web_letter(letter, fetch, page_context)
    picture = first_picture(page, page_context.url, letter.manifest, fetch)
    picture = picture or card_picture(page_context.url, f"{letter.manifest.subject} – {page_context.site_name}")
    page = page.replace("</head>", _head(letter, page_context, picture) + "</head>", 1)
    lang, translations = letter.manifest.lang, catalogue(letter.manifest.lang)
    all_letters = _translated(translations, "All letters")
    links = f'<a href="{html.escape(page_context.index_path)}"><span aria-hidden="true">← </span>{all_letters}</a>'
    compliance = _translated(translations, page_context.compliance)
    links += f' · <a href="{html.escape(page_context.statement_path)}">{compliance}</a>'
    nav = f'<nav class="paper foot" lang="{lang}" dir="ltr"><div class="pvd-all">{links}</div></nav>'
    body = _BODY.search(page)
    if body is None:
        return page
    letter_html, closing, rest = page[body.end() :].rpartition("</body>")
    return f'{page[: body.end()]}{nav}<main lang="{lang}" dir="ltr">{letter_html}</main>{closing}{rest}'


def _translated(translations: NullTranslations, message: str) -> str:
    return html.escape(translations.gettext(message))


def web_letter(letter: ArchivedLetter, fetch: Callable[[str], bytes], page_context: PageContext) -> str:
    """The letter's HTML as everybody may read it, with nothing around it: for a feed."""
    page = fetch(letter.manifest.html).decode()
    for field in PLACEHOLDER_FIELDS:
        page = page.replace(letter.manifest.placeholders.html(field), html.escape(page_context.public_unsubscribe_url))
    for picture in letter.manifest.pictures:
        page = page.replace(f"cid:{picture.content_id}", f"{_IMAGES_PATH}/{picture.name}")
    pages_url = letter.seal.static_url or letter.seal.public_url
    if pages_url and not letter.manifest.embedded:
        page = _beside(page, html.escape(pages_url), letter, letter.manifest)
    return page


def _beside(page: str, pages_url: str, letter: ArchivedLetter, manifest: LetterManifest) -> str:
    """`page` with its own files taken from beside it: they are found when the archive moves, and on a disk."""
    for picture in manifest.pictures:
        page = page.replace(f'"{pages_url}/images/{picture.name}"', f'"{_IMAGES_PATH}/{picture.name}"')
    letter_url = f"{pages_url}/{letter.publication}/{letter.number}/"
    for name in manifest.calendars:
        page = page.replace(f'"{letter_url}{name}"', f'"{name}"')
    # A mail leads to its page for what is further down; the page leads there itself.
    return page.replace(f'href="{letter_url}#', 'href="#')


def _head(letter: ArchivedLetter, page_context: PageContext, picture: SharedPicture) -> str:
    meta = [
        ("name", "robots", "index, follow" if page_context.is_indexed else "noindex, nofollow"),
        ("name", "description", letter.manifest.preheader),
        ("property", "og:type", "article"),
        ("property", "og:site_name", page_context.site_name),
        ("property", "og:title", letter.manifest.subject),
        ("property", "og:description", letter.manifest.preheader),
        ("property", "og:url", page_context.url),
        *(("property", name, value) for name, value in open_graph_properties(picture)),
    ]
    metas = "".join(f'<meta {kind}="{name}" content="{html.escape(value)}" />' for kind, name, value in meta)
    pages_url = letter.seal.static_url or letter.seal.public_url
    letter_url = f"{pages_url}/{letter.publication}/{letter.number}/" if pages_url else page_context.url
    style = _STYLE.format(here=html.escape(letter_url), font=page_context.font)
    return f'<link rel="canonical" href="{html.escape(page_context.url)}" />{metas}<style>{style}</style>'


def web_text(letter: ArchivedLetter, fetch: Callable[[str], bytes], page_context: PageContext) -> str:
    """The letter's plain text."""
    text = fetch(letter.manifest.text).decode()
    for field in PLACEHOLDER_FIELDS:
        text = text.replace(letter.manifest.placeholders.text(field), page_context.public_unsubscribe_url)
    return text
