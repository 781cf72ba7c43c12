"""Tables of figures: what is typed is what is meant, and what is no bare number is refused with the one to write."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pvd_mailer.issue.figures import Figures


def table(*values):
    return {
        "caption": "Un",
        "series": [str(n) for n in range(len(values))],
        "rows": [{"label": "Un", "values": values}],
    }


def refused(*values):
    """The rule and the context of each error; pydantic also counts the values that are left."""
    with pytest.raises(ValidationError) as stopped:
        Figures.model_validate(table(*values))
    return [(one["type"], one.get("ctx", {})) for one in stopped.value.errors() if one["type"] != "too_short"]


@given(st.lists(st.decimals(min_value=0, max_value=10**12, places=3), min_size=1, max_size=3))
def test_a_number_that_is_typed_is_the_number(numbers):
    values = Figures.model_validate(table(*map(str, numbers))).rows[0].values
    assert values == tuple(map(float, numbers))


@given(st.integers(0, 10**9), st.integers(0, 999), st.sampled_from([" %", "\u00a0%", "%", " €", " km"]))
def test_a_number_with_its_unit_is_refused_with_the_number(whole, decimals, unit):
    for separator in (",", "."):
        ((rule, context),) = refused(f"{whole}{separator}{decimals:03}{unit}")
        assert (rule, context["wanted"]) == ("not-a-figure", f"{whole}.{decimals:03}")


@given(st.integers(1000, 10**12))
def test_thousands_that_are_apart_are_refused_with_the_number(number):
    for sign in (" ", "\u00a0", "\u202f", "’"):
        ((rule, context),) = refused(f"{number:,}".replace(",", sign))
        assert (rule, context["wanted"]) == ("not-a-figure", str(number))


@given(st.text(max_size=40))
def test_any_other_text_is_refused_and_what_is_offered_is_a_number(text):
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,6})?", text):
        return
    ((rule, context),) = refused(text)
    assert rule in ("not-a-figure", "figure-out-of-range")
    if rule == "not-a-figure":
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", context["wanted"])


@given(st.one_of(st.floats(max_value=-1e-300), st.floats(min_value=1e12, exclude_min=True), st.just(float("nan"))))
def test_what_no_bar_can_show_is_refused(value):
    ((rule, _context),) = refused(value)
    assert rule == "figure-out-of-range"


@pytest.mark.parametrize("value", [True, None, [], {}])
def test_what_is_no_number_is_none(value):
    assert refused(value)[0][0] == "float_type"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 3))
def test_each_row_has_as_many_numbers_as_there_are_series(counts, series):
    rows = [{"label": "Un", "values": [1] * max(1, count)} for count in counts]
    data = {"caption": "Un", "series": ["Un"] * series, "rows": rows}
    wrong = [index for index, row in enumerate(rows) if len(row["values"]) != series]
    if not wrong:
        assert len(Figures.model_validate(data).rows) == len(rows)
        return
    with pytest.raises(ValidationError) as stopped:
        Figures.model_validate(data)
    (error,) = stopped.value.errors()
    first = error["ctx"]
    fields = [first["field"], *(context["field"] for _rule, context in first["others"])]
    assert fields == [("rows", index, "values") for index in wrong]
