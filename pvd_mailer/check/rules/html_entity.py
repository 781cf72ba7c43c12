"""A character that is written as HTML writes it, and that readers see as it is written."""

import unicodedata
from collections.abc import Iterator

from pvd_mailer.check.entities import entities
from pvd_mailer.check.rule import Example, Found, Group, InText, InValue, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for passage in subject.passages:
        for start, end, meant in entities(passage.text):
            yield Found(
                _message(passage.text[start:end], meant), InText(passage, start, end), rewrite=_spelled(passage, meant)
            )
    texts = {passage.path for passage in subject.passages}
    for path in dict.fromkeys(link.path for link in subject.links if link.block and link.path not in texts):
        stand = subject.manuscript.stands.get(path)
        for start, end, meant in entities(stand.value or "") if stand else ():
            if meant == "&":  # between two parameters; no other is to be expected in an address
                yield Found(_message("&amp;", meant), InValue(path, start, end), rewrite=meant)


def _message(found: str, meant: str) -> str:
    return _("“{found}” is HTML, and readers would see it like this: “{wanted}” was expected").format(
        found=found, wanted=meant
    )


def _spelled(passage: Passage, meant: str) -> str | None:
    """`meant` as YAML takes it where the text stands; None for what no text may hold."""
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for sign in meant) or "\ufffd" in meant:
        return None
    stand = passage.manuscript.stand(passage.path)
    if stand is not None and stand.style == '"':
        return meant.replace("\\", "\\\\").replace('"', '\\"')
    return meant.replace("'", "''") if stand is not None and stand.style == "'" else meant


RULE = Rule(
    id="html-entity",
    severity=Severity.BLOCKING,
    group=Group.TYPOGRAPHY,
    title=N_("A character written as HTML"),
    about=N_(
        "A text copied out of a web page's source brings `&eacute;`, `&rsquo;` or `&amp;` with it. Titles and other short texts "
        "are shown as they are written, and readers would see “l&rsquo;&eacute;t&eacute;”. In a long text these are decoded, unless they "
        "were encoded twice; in the address of a button `&amp;` leads elsewhere. Other rules leave such words alone until they "
        "are mended."
    ),
    hint=N_("Write the character itself; `check --fix` does it."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "L&rsquo;&eacute;t&eacute; de la R&amp;D"\n  body: "Oui."\n'
        ),
        Example(
            blocks="- id: a\n  type: article\n  title: 'Les halles&#160;: l&#x2019;&eacute;t&eacute;'\n  body: \"Oui.\"\n"
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Une R&amp;amp;D, un &amp;eacute;t&amp;eacute;.\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Oui."\n  buttons:\n    - label: "Voir la carte des halles"\n      url: https://ville.example.org/carte?zone=2&amp;page=3\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "La R&D de l’été"\n  body: |\n    Un caf&eacute;, la R&amp;D, AT&T\u202f; chez Q&A.\n'
        ),
    ),
    find=_find,
    mends=True,
)
