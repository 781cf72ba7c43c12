"""Numbers as French and English write them, with spaces that no line breaks at."""

from decimal import Decimal

from babel.numbers import format_decimal

__all__ = ["number_text"]

_NBSP = "\u00a0"


def number_text(value: float, unit: str | None, lang: str) -> str:
    """`12,5 %`, `3 400 €` in French; `12.5%`, `3,400 €` in English, which joins the sign of per cent to its number.

    All decimals of `value` are written. The source for French is the Lexique of the Imprimerie nationale: thousands
    apart, and a space before every unit.
    """
    number = format_decimal(Decimal(str(value)), locale=lang, decimal_quantization=False)
    if not unit:
        return number
    return f"{number}{'' if lang == 'en' and unit == '%' else _NBSP}{unit}"
