"""The letter's HTML as different readers see it. What is sent is never changed; these are for looking at."""

import html
import re
from dataclasses import dataclass

from pvd_mailer.letter import Letter

__all__ = ["ClientSettings", "frame_html", "source_lines"]

_STYLE = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(a|area|meta|source)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_PREFERS_COLOUR = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_COLOUR_SCHEME = re.compile(r"((?:supported-)?color-schemes?\s*:\s*)(?:light\s+dark|dark\s+light)", re.IGNORECASE)
_META_COLOUR_SCHEME = re.compile(r"(content=[\"'])(?:light\s+dark|dark\s+light)([\"'])", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?\s*(#?)", re.IGNORECASE)
_TARGET = re.compile(r"\s(?:target|rel)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a reader's program shows the letter."""

    dark: bool = False
    styles: bool = True
    """Whether it keeps `<style>`; some webmails drop every one."""


def frame_html(document: str, letter: Letter, pages_url: str | None, client: ClientSettings) -> str:
    """The HTML part for the preview's frame.

    Its pictures come from the preview itself, also those that will be hosted elsewhere: nothing is asked of
    another host. The reader's colour mode is `client`'s, whatever this machine's is. Links open beside the preview.
    """
    for picture in letter.attachments:
        document = document.replace(f"cid:{picture.content_id}", f"/images/{picture.name}")
        if pages_url:
            document = document.replace(f"{pages_url}/images/{picture.name}", f"/images/{picture.name}")
    document = _STYLE.sub(lambda match: _apply_colour_mode(match[0], client) if client.styles else "", document)
    return _TAG.sub(lambda match: _rewrite_tag(match[0], match[1].lower(), client), document)


def _apply_colour_mode(text: str, client: ClientSettings) -> str:
    """`text` with its questions about the reader's colour mode answered."""

    def answer(query: re.Match[str]) -> str:
        # Widths that are always and never true, so that the answer also fits inside a longer condition.
        return "(min-width: 0px)" if (query[1].lower() == "dark") is client.dark else "(min-width: 999999px)"

    return _COLOUR_SCHEME.sub(rf"\g<1>{'dark' if client.dark else 'only light'}", _PREFERS_COLOUR.sub(answer, text))


def _rewrite_tag(text: str, name: str, client: ClientSettings) -> str:
    if name == "meta":
        return _META_COLOUR_SCHEME.sub(rf"\g<1>{'dark' if client.dark else 'only light'}\g<2>", text)
    if name == "source":
        return _apply_colour_mode(text, client)
    link = _HREF.search(text)
    if link is None or link[1]:
        return text  # an anchor stays inside
    without_target = _TARGET.sub("", text).removesuffix(">").removesuffix("/")
    return f'{without_target} target="_blank" rel="noopener noreferrer">'


def source_lines(document: str) -> list[str]:
    """`document` escaped, by lines; what only Outlook reads, and other comments, are marked."""
    escaped = html.escape(document, quote=False)
    marked = re.sub(
        r"&lt;!--.*?--&gt;",
        lambda comment: "\n".join(f'<span class="aside">{line}</span>' for line in comment[0].split("\n")),
        escaped,
        flags=re.DOTALL,
    )
    return marked.rstrip("\n").split("\n")
