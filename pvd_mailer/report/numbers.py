"""Numbers as a person reads them, in the interface's language."""

from datetime import timedelta

from pvd_mailer.i18n import _, format_number, language, ngettext

__all__ = ["format_duration", "format_limit", "format_number", "format_percent", "text_bar"]

_EIGHTHS = " ▏▎▍▌▋▊▉"
_SMALLEST = 0.0001
_FINE = 0.01


def format_percent(part: int, whole: int) -> str:
    """`part` of `whole`: to the tenth, under 1 % to the hundredth; never 0 or 100 where it is not."""
    if not whole:
        return "–"
    share = part / whole
    if part in {0, whole}:
        figure = f"{share * 100:.0f}"
    elif share < _SMALLEST:
        figure = "< 0.01"
    elif share < _FINE:
        figure = f"{share * 100:.2f}"
    else:
        figure = f"{min(share * 100, 99.9):.1f}"
    return _with_sign(figure)


def format_limit(share: float) -> str:
    """A share that somebody has set, to the tenth."""
    return _with_sign(f"{share * 100:.1f}")


def _with_sign(figure: str) -> str:
    return figure.replace(".", _(".")) + ("\u00a0%" if language() == "fr" else "%")


def format_duration(span: timedelta) -> str:
    """`span` in its two largest units."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = []
    if days:
        parts.append(ngettext("{n} day", "{n} days", days).format(n=format_number(days)))
    if hours:
        parts.append(ngettext("{n} hour", "{n} hours", hours).format(n=hours))
    if not days and (rest or not hours):
        parts.append(ngettext("{n} minute", "{n} minutes", rest).format(n=rest))
    return _(" and ").join(parts)


def text_bar(part: int, whole: int, width: int) -> str:
    """A bar of at most `width` characters; something is never drawn as nothing."""
    if not whole or not part:
        return ""
    eighths = max(round(part / whole * width * 8), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
