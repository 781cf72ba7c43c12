"""What a browser may do with the preview's answers."""

from typing import Final

from pvd_mailer.web.middleware import CSP_BASE

__all__ = ["FRAME_SANDBOX", "LETTER_FRAME_CSP", "PREVIEW_CSP"]

FRAME_SANDBOX: Final = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""Of the frame that holds the letter.

Without `allow-scripts` no script of a letter can run, and that is what makes `allow-same-origin` safe: it gives
nothing to the letter, and lets the page around it measure the letter's height and keep the reader's place when a
save brings a new one. Links open in a tab of their own (`allow-popups`), which is an ordinary tab (`…-escape-sandbox`).
"""

_BASE_CSP = f"{CSP_BASE}; form-action 'none'"
PREVIEW_CSP: Final = (
    f"{_BASE_CSP}; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'"
)
LETTER_FRAME_CSP: Final = (
    _BASE_CSP + "; style-src {styles}; img-src {images}; frame-ancestors 'self'; sandbox " + FRAME_SANDBOX
)
