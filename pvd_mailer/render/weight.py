"""What a letter may weigh: Gmail cuts the HTML part at about 102 KB, and providers add to it on the way."""

from pvd_mailer.findings import Finding, Place, Severity
from pvd_mailer.i18n import _
from pvd_mailer.letter import Letter

__all__ = ["LIMIT", "weigh"]

LIMIT = 90_000
"""Bytes of the HTML part, in UTF-8."""


def weigh(letter: Letter, file: str) -> list[Finding]:
    """Advice where `letter`, made from `file`, is heavier than what every reader gets whole."""
    size = len(letter.html.encode())
    if size <= LIMIT:
        return []
    message = _("the letter's HTML weighs {size} KB; beyond {limit} KB some mail programs cut it")
    return [
        Finding(
            "letter-heavy",
            Severity.ADVICE,
            message.format(size=round(size / 1000), limit=LIMIT // 1000),
            _("Shorten texts, or move some blocks to a page and link to it."),
            Place(file),
        )
    ]
