"""`font` in one declaration says to the rules what it says to a browser."""

import pytest
from lxml import html as lxml_html

from pvd_mailer.check.html.computed_style import computed_styles
from pvd_mailer.check.html.stylesheet import ColourScheme


def look(style, sheet="", around=""):
    page = f"<html><head><style>{sheet}</style></head><body style='{around}'><p style='{style}'>a</p></body></html>"
    tree = lxml_html.document_fromstring(page)
    found = computed_styles(tree)[ColourScheme.LIGHT][next(tree.iter("p"))]
    return found.font_size, found.font_weight, found.italic, found.font_family


@pytest.mark.parametrize(
    ("font", "expected"),
    [
        ("16px/1.6 Helvetica,Arial,sans-serif", (16, 400, False, "helvetica")),
        ("bold 21px/1.25 Georgia,Times New Roman,serif", (21, 700, False, "georgia")),
        ('italic 700 24px "Trebuchet MS", serif', (24, 700, True, "trebuchet ms")),
        ("small-caps 600 2em/normal serif", (32, 600, False, "serif")),
        ("x-large serif", (24, 400, False, "serif")),
        ("inherit", (16, 400, False, "")),
    ],
)
def test_a_font_in_one_declaration_is_read(font, expected):
    assert look(f"font:{font}") == expected
    assert look("", f"p{{font:{font}}}") == expected


def test_a_font_resets_what_was_inherited_and_what_stood_before():
    assert look("font:16px serif", around="font-weight:bold;font-style:italic")[1:3] == (400, False)
    assert look("font-weight:bold;font:16px serif")[1] == 400
    assert look("font:16px serif;font-weight:bold")[1] == 700
    assert look("font-weight:bold", "p{font:16px serif !important}")[1] == 400
