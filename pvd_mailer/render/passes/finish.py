"""What no library does: language on every child of body, less weight for Outlook's comments."""

import re
from dataclasses import replace

from pvd_mailer.render.draft import Draft
from pvd_mailer.render.page import write_page

__all__ = ["finish_html", "run"]

_BODY_CHILD = re.compile(r"(<body\b[^>]*>)\s*<div (?![^>]*\blang=)")
_ADJACENT = re.compile(r"<!\[endif\]-->\s*<!--\[if mso\]>")
# From the tag's beginning, attribute by attribute: a text or an alt may hold `style="` as well.
_STYLE = re.compile(r"""(<[a-z][\w-]*(?:\s[\w:-]+=(?:"[^"]*"|'[^']*'))*?\sstyle=)("[^"]*"|'[^']*')""")
# Not the tags whose values hold no bracket, which are nearly all.
_TAG = re.compile(
    r"""<(?![^<>"']*+(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']*+)*+>)"""
    r"""[a-zA-Z][\w:-]*(?:\s+[\w:@-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*/?>"""
)
_VALUE = re.compile(r""""[^"]*"|'[^']*'""")
_TABLE = re.compile(r"<table (?![^>]*\brole=)")
_SHEET_OR_COMMENT = re.compile(r"<!--|<style\b[^>]*>")
_AROUND = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+|(?<=\s)\s+|\s+(?=!important)")
_LAST_SEMICOLON = re.compile(r";(?=\})")
_EMPTY_LINES = re.compile(r"\n\s*\n+")


def _escape_brackets(tag: re.Match[str]) -> str:
    """A tag whose values hold no bare bracket: what an alt quotes is no comment, for whoever reads without parsing."""
    if tag[0].count("<") == tag[0].count(">") == 1:
        return tag[0]
    return _VALUE.sub(lambda value: value[0].replace("<", "&lt;").replace(">", "&gt;"), tag[0])


def _compact_style(tag: re.Match[str]) -> str:
    value = tag[2].replace("; ", ";").replace(": ", ":")
    ends_in_semicolon = value[-2:] in {';"', ";'"} and "&" not in value  # an entity ends in one, too
    return tag[1] + (value[:-2] + value[-1] if ends_in_semicolon else value)


def _minify_sheets(html: str) -> str:
    """Each `<style>` without the blanks that only people need; in comments, which only Outlook reads, as they are."""
    parts: list[str] = []
    copied = position = 0
    while found := _SHEET_OR_COMMENT.search(html, position):
        position = found.end()
        is_comment = found[0] == "<!--"
        end = html.find("-->" if is_comment else "</style>", position)
        if end < 0:
            continue
        if not is_comment:
            sheet = _AROUND.sub(lambda blank: blank[1] or "", html[position:end]).strip()
            sheet = _LAST_SEMICOLON.sub("", sheet)
            parts += [html[copied:position], sheet]
            copied = end
        position = end
    return "".join([*parts, html[copied:]])


def run(draft: Draft) -> Draft:
    """Write `page` as `html`.

    The preheader is body's first child and mrml gives it no language; the Email Markup Consortium's checks want
    `lang` and `dir` on each. Adjacent conditional comments of the same condition become one, which saves 4 %, and so
    do the blanks between declarations, which premailer adds too, and the semicolon after the last. Every table is there
    for the layout, and says so; mrml takes no `role` on `mj-table`. A `<` in a value is written as an entity, which
    lxml leaves bare.
    """
    html = draft.html if draft.page is None else write_page(draft.page, draft.html)
    return replace(draft, html=finish_html(html, draft.lang), page=None)


def finish_html(html: str, lang: str) -> str:
    """`html`, rewritten as `run` says."""
    html = _BODY_CHILD.sub(rf'\1<div lang="{lang}" dir="ltr" ', html, count=1)
    html = _TAG.sub(_escape_brackets, html)
    html = _ADJACENT.sub("", html)
    html = _STYLE.sub(_compact_style, html)
    html = _minify_sheets(html)
    html = html.replace('<table border="0" ', "<table ")  # a table has none where it says nothing
    html = _TABLE.sub('<table role="presentation" ', html)
    html = _EMPTY_LINES.sub("\n", html)
    return html.strip() + "\n"
