"""A small table of figures: what is counted, of whom, and how many."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from pvd_mailer.issue.base import StrictModel, Text, model_error

__all__ = ["FigureRow", "Figures"]

_DECIMAL = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,6})?")
_MAX_FIGURE = 1e12


def _parse_figure(value: Any) -> Any:
    """Type the text of a number of a table: digits, with a point before decimals; no sign, no unit, no spaces."""
    if isinstance(value, str):
        if re.fullmatch(r"-[0-9]+(?:[.,][0-9]+)?", value):
            raise model_error("figure-out-of-range", found=value[:40])
        if not _DECIMAL.fullmatch(value) or re.match(r"0[0-9]", value):
            raise model_error("not-a-figure", found=value[:40], wanted=_bare_figure(value))
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and not 0 <= value <= _MAX_FIGURE:
        raise model_error("figure-out-of-range", found=f"{value:.15g}")
    return value


def _bare_figure(written: str) -> str:
    """What `written` seems to mean as a bare number: `12.5` for `12,5 %`; an example where it means none."""
    number = re.search(r"[0-9](?:[0-9\s'’.,]*[0-9])?", written)
    if number is None:
        return "12.5"
    bare = re.sub(r"[\s'’]", "", number[0])
    whole, separator, decimals = bare.rpartition("," if bare.rfind(",") > bare.rfind(".") else ".")
    if bare.count(separator) > 1 and separator:  # of thousands
        whole, separator, decimals = "", "", bare
    whole, decimals = re.sub(r"[.,]", "", whole), re.sub(r"[.,]", "", decimals)
    return re.sub(r"^0+(?=[0-9])", "", f"{whole}.{decimals}" if separator else decimals)


FigureValue = Annotated[
    float,
    BeforeValidator(_parse_figure),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": _MAX_FIGURE}),
]
"""A number of a table: from 0 to a million millions, written with a point."""


class FigureRow(StrictModel):
    """A line of a table of figures."""

    label: Text
    values: Annotated[tuple[FigureValue, ...], Field(min_length=1, max_length=3, strict=False)]
    """One number for each of `series`, written bare: 66, or 12.5."""


class Figures(StrictModel):
    """A small table of figures, drawn as bars."""

    caption: Text
    """What is compared, and whom it was asked of."""
    unit: Annotated[Text, Field(max_length=24)] | None = None
    """Of every number, such as "%"."""
    series: Annotated[tuple[Text, ...], Field(min_length=1, max_length=3, strict=False)]
    """What is compared with what: the names of the columns."""
    rows: Annotated[tuple[FigureRow, ...], Field(min_length=1, max_length=12, strict=False)]

    @model_validator(mode="after")
    def _check_counts(self) -> "Figures":
        expected = len(self.series)
        faults = [
            ("figure-count", {"field": ("rows", index, "values"), "actual": len(row.values), "expected": expected})
            for index, row in enumerate(self.rows)
            if len(row.values) != expected
        ]
        if faults:
            (rule, context), *others = faults
            raise model_error(rule, **context, others=others)
        return self
