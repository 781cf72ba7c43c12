"""Text that hardly stands out from what is behind it."""

from collections.abc import Iterator

from pvd_mailer.check.cascade import BOLD, Look
from pvd_mailer.check.colours import Colour, contrast
from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.sheets import Mode
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.words import own_text
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

ENOUGH, LARGE_ENOUGH = 4.5, 3.0
LARGE, LARGE_BOLD = 24.0, 18.66
"""In CSS pixels: from there on letters are large (WCAG 1.4.3)."""
_MODES = {Mode.LIGHT: N_("in the light mode"), Mode.DARK: N_("in the dark mode")}


def _wanted(look: Look) -> float:
    is_large = look.size >= LARGE or (look.size >= LARGE_BOLD and look.weight >= BOLD)
    return LARGE_ENOUGH if is_large else ENOUGH


def _find(subject: Subject) -> Iterator[Found]:
    for mode, words in _MODES.items():
        told: set[tuple[Colour, Colour, float]] = set()
        for element, look in subject.looks(mode).items():
            text = look.text
            if not look.seen or look.behind is None or text is None or look.size == 0 or not own_text(element):
                continue
            wanted = _wanted(look)
            found = contrast(text, look.behind)
            # The letter's own colours stand in many elements: each pair is told once.
            if found >= wanted or (text, look.behind, wanted) in told:
                continue
            told.add((text, look.behind, wanted))
            message = _("{mode}, {text} on {behind} has a contrast of {found}:1; at least {wanted}:1 was expected")
            values = {"mode": _(words), "text": text, "behind": look.behind}
            yield Found(message.format(found=_number(found), wanted=_number(wanted), **values), InLetter(element))


def _number(ratio: float) -> str:
    # Cut, not rounded: 4.49 is not enough, and must not be told as 4.5.
    return f"{int(ratio * 10) / 10:.1f}".replace(".", _("."))


RULE = Rule(
    id="contrast",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("Text that hardly stands out"),
    about=N_(
        "Text wants a contrast of 4.5:1 with what is behind it, large text of 3:1 (WCAG 1.4.3, RGAA 3.2): else it cannot be read "
        "with tired eyes, or in the sun. It is worked out from the final letter, once as on a light screen and once with "
        "head.css's rules for the dark one, for every text in it. Left alone: text over a picture, whose colours nobody can "
        "tell, and what is hidden."
    ),
    hint=N_("Choose a darker or a lighter colour: in the theme of publication.yaml, or in your own template."),
    failing=(
        Example(html='<p style="color:#999999;background-color:#ffffff">Les halles</p>'),
        Example(
            html='<div bgcolor="#fff" style="background:#777"><p style="font:bold 20px serif;color:#999">Un</p></div>'
        ),
        Example(html='<div class="paper"><p style="color:#1f2a33">Les halles</p></div>'),
        Example(
            html='<style>@media (prefers-color-scheme: dark) { .mien { color: #223 !important } }</style><p class="mien" style="color:#ffffff;background:#101418">Un</p>'
        ),
    ),
    passing=(
        Example(
            html='<p style="color:#767676;background-color:#ffffff">Les halles</p><p style="color:#999;background:url(a.png) #fff">Deux</p>'
        ),
        Example(
            html='<p style="color:#949494;background-color:#ffffff;font-size:24px">Les halles</p><p style="display:none;color:#fff;background:#fff">Deux</p>'
        ),
    ),
    find=_find,
)
