"""Numbers as each language writes them: nothing is rounded, and no line breaks inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvd_mailer.render.numbers import number_text

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("value", "unit", "lang", "text"),
    [
        (66.0, "%", "fr", f"66{NBSP}%"),
        (66.0, "%", "en", "66%"),
        (12.5, None, "fr", "12,5"),
        (12.5, None, "en", "12.5"),
        (3400.0, "€", "fr", f"3{NARROW}400{NBSP}€"),
        (3400.0, "points", "en", f"3,400{NBSP}points"),
        (1e12, None, "fr", NARROW.join(["1", "000", "000", "000", "000"])),
        (0.0, "%", "fr", f"0{NBSP}%"),
        (0.000001, None, "fr", "0,000001"),
        (0.1, None, "fr", "0,1"),
    ],
)
def test_a_number_is_written_as_its_language_does(value, unit, lang, text):
    assert number_text(value, unit, lang) == text


@given(st.floats(min_value=0, max_value=1e12), st.sampled_from(["fr", "en"]), st.sampled_from([None, "%", "km"]))
def test_a_number_can_be_read_back_and_never_breaks(value, lang, unit):
    text = number_text(value, unit, lang)
    assert " " not in text
    number = text.removesuffix(unit or "").strip(NBSP)
    for sign, plain in ((NARROW, ""), (",", ".")) if lang == "fr" else ((",", ""),):
        number = number.replace(sign, plain)
    assert float(number) == value
