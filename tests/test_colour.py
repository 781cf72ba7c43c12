"""Colours: what CSS writes, what two of them give, how far they stand apart."""

import pytest

from pvd_mailer.colour import BLACK, WHITE, RgbColour, contrast_ratio, luminance, mix, parse_colour


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#0000ee", "#ffffff", 9.4),
    ],
)
def test_contrast_ratio_is_that_of_wcag_whichever_comes_first(first, second, ratio):
    colours = RgbColour.from_hex(first), RgbColour.from_hex(second)
    assert contrast_ratio(*colours) == pytest.approx(ratio, abs=0.01)
    assert contrast_ratio(*colours) == contrast_ratio(*reversed(colours))


def test_luminance_goes_from_black_to_white():
    assert (luminance(BLACK), luminance(WHITE)) == (0, pytest.approx(1))


def test_mix_gives_the_nearest_colour_that_hexadecimal_digits_can_write():
    mixed = mix(RgbColour.from_hex("#ff0000"), RgbColour.from_hex("#0000ff"), 0.25)
    assert str(mixed) == "#4000bf"
    assert RgbColour.from_hex(str(mixed)) == mixed


@pytest.mark.parametrize("css", ["red", "#f00", "#ff0000", "rgb(255, 0, 0)", "hsl(0, 100%, 50%)"])
def test_parse_colour_reads_what_css_writes(css):
    assert str(parse_colour(css)) == "#ff0000"


@pytest.mark.parametrize("css", ["currentColor", "no colour", ""])
def test_parse_colour_gives_none_for_what_depends_on_its_surroundings_or_is_none(css):
    assert parse_colour(css) is None


def test_over_shows_what_is_behind_a_colour_that_lets_it_through():
    half = parse_colour("rgba(0, 0, 0, 0.5)")
    assert half is not None
    assert str(half.over(WHITE)) == "#808080"
    assert BLACK.over(WHITE) is BLACK
