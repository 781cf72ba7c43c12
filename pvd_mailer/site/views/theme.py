"""The look of the pages: one stylesheet, drawn with the colours and fonts of a publication's theme."""

import hashlib
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from pvd_mailer.issue.publication import Theme
from pvd_mailer.render.palette import Colours, compute_colours

__all__ = ["stylesheet"]

_STYLESHEET = Path(__file__).parent / "static" / "site.css"


def _css_variables(colours: Colours) -> str:
    return "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in asdict(colours).items())


@lru_cache
def stylesheet(theme: Theme) -> tuple[str, str]:
    """The stylesheet of a publication with that theme, and a digest that changes with it."""
    light = compute_colours(theme.light)
    dark = compute_colours(theme.dark, theme.light.accent)
    fonts = f"--heading:{theme.heading_font};--body:{theme.body_font};--radius:{theme.radius}px;"
    tokens = (
        f":root{{color-scheme:light dark;{fonts}{_css_variables(light)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_css_variables(dark)}}}}}\n"
    )
    text = tokens + _STYLESHEET.read_text("utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]
