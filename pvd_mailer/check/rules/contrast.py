"""Text that hardly stands out from what is behind it."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.html.computed_style import BOLD_WEIGHT, ComputedStyle
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.html.text_content import own_text
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.colour import RgbColour, contrast_ratio
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MIN_RATIO, _MIN_RATIO_LARGE = 4.5, 3.0
_LARGE_SIZE, _LARGE_BOLD_SIZE = 24.0, 18.66
"""In CSS pixels: from there on letters are large (WCAG 1.4.3)."""
_SCHEMES = {ColourScheme.LIGHT: N_("in the light mode"), ColourScheme.DARK: N_("in the dark mode")}


def _required_ratio(style: ComputedStyle) -> float:
    is_large = style.font_size >= _LARGE_SIZE or (
        style.font_size >= _LARGE_BOLD_SIZE and style.font_weight >= BOLD_WEIGHT
    )
    return _MIN_RATIO_LARGE if is_large else _MIN_RATIO


def _check(context: CheckContext) -> Iterator[Violation]:
    texts = {element for element in context.computed_styles(ColourScheme.LIGHT) if own_text(element)}
    for scheme, words in _SCHEMES.items():
        seen: set[tuple[RgbColour, RgbColour, float]] = set()
        for element, style in context.computed_styles(scheme).items():
            if element not in texts or not style.visible or style.background is None or style.font_size == 0:
                continue
            text_colour = style.text_colour
            if text_colour is None:
                continue
            required = _required_ratio(style)
            ratio = contrast_ratio(text_colour, style.background)
            # The letter's own colours stand in many elements: each pair is told once.
            if ratio >= required or (text_colour, style.background, required) in seen:
                continue
            seen.add((text_colour, style.background, required))
            message = _("{mode}, {text} on {behind} has a contrast of {found}:1; at least {wanted}:1 was expected")
            values = {"mode": _(words), "text": text_colour, "behind": style.background}
            yield Violation(
                message.format(found=_cut_to_tenth(ratio), wanted=_cut_to_tenth(required), **values),
                LetterElement(element),
            )


def _cut_to_tenth(ratio: float) -> str:
    # Cut, not rounded: 4.49 is not enough, and must not be told as 4.5.
    return f"{int(ratio * 10) / 10:.1f}".replace(".", _("."))


RULE = Rule(
    id="contrast",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("Text that hardly stands out"),
    description=N_(
        "Text wants a contrast of 4.5:1 with what is behind it, large text of 3:1 (WCAG 1.4.3, RGAA 3.2): else it cannot be read "
        "with tired eyes, or in the sun. It is worked out from the final letter, once as on a light screen and once with "
        "head.css's rules for the dark one, for every text in it. Left alone: text over a picture, whose colours nobody can "
        "tell, and what is hidden."
    ),
    hint=N_("Choose a darker or a lighter colour: in the theme of publication.yaml, or in your own template."),
    check=_check,
)
