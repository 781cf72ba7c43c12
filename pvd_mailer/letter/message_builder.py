"""The messages of one letter, put together from what is the same for all readers and what is one reader's own.

`build_message` says what a message is. Here it is called once a letter, with marks where readers differ, and what it
gives is cut at the marks. What is left to do for a reader are four header fields, the boundaries, and the lines of the
bodies with a placeholder: a hundredth of the work, and the same bytes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.quoprimime import body_encode
from email.utils import format_datetime
from threading import Lock

from pvd_mailer.letter.letter import PLACEHOLDER_FIELDS, Letter
from pvd_mailer.letter.mime import (
    ONE_CLICK_POST,
    MessageHeaders,
    build_message,
    fold_to,
    list_unsubscribe,
    part_boundary,
)

__all__ = ["MessageBuilder"]

MAX_LINE_LENGTH = 78
"""Characters of a line (RFC 5322, 2.1.1); email folds what is longer."""
_MARKED_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_ATOM = r"[A-Za-z0-9_-]+"
_DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*"
_PLAIN_TO = re.compile(rf"To: (?:{_ATOM}(?: {_ATOM})* <{_DOT_ATOM}@{_DOT_ATOM}>|{_DOT_ATOM}@{_DOT_ATOM})")
"""What email writes as it stands: some of RFC 5322's atoms, on one line."""
_PLAIN_MESSAGE_ID = re.compile(rf"Message-ID: <{_DOT_ATOM}@{_DOT_ATOM}>")
_PLAIN_URI = re.compile(r"[!-~]+")
_ENCODED_WORD = "=?"


class MessageBuilder:
    """Builds messages, and keeps of the last letter the parts that are the same for all its readers.

    Several threads may use one at once.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._template: _Template | None = None

    def build(self, letter: Letter, headers: MessageHeaders) -> bytes:
        """The bytes that `build_message` gives.

        Raises:
            ValueError: an address is none.
        """
        if not _has_plain_fields(headers):
            return build_message(letter, headers)
        with self._lock:
            if self._template is None or not self._template.is_for(letter, headers):
                self._template = _Template(letter, headers)
            template = self._template
        return template.fill(headers)


def _has_plain_fields(headers: MessageHeaders) -> bool:
    """Whether email writes the Message-ID and the links as they stand, and all headers in ASCII.

    It would fold a long Message-ID, decode what looks like an encoded word, and write all headers in another way for an
    address that needs SMTPUTF8. Such a message is rare, and is left to it.
    """
    return (
        _is_one_line(_PLAIN_MESSAGE_ID, f"Message-ID: <{headers.message_id}>")
        and all(address.rpartition("@")[0].isascii() for address in (headers.sender_address, headers.recipient_address))
        and all(
            uri is None or (_PLAIN_URI.fullmatch(uri) and _ENCODED_WORD not in uri)
            for uri in (headers.one_click_url, headers.unsubscribe_mailto)
        )
    )


def _is_one_line(pattern: re.Pattern[str], line: str) -> bool:
    return len(line) <= MAX_LINE_LENGTH and pattern.fullmatch(line) is not None


def _shared_fields(headers: MessageHeaders) -> MessageHeaders:
    """`headers` without what is one reader's own or changes from call to call."""
    return replace(
        headers, recipient_name="", recipient_address="", one_click_url=None, message_id="", date=_MARKED_DATE
    )


class _Template:
    """A letter's message, cut where readers differ."""

    def __init__(self, letter: Letter, headers: MessageHeaders) -> None:
        self._letter = letter
        self._shared = _shared_fields(headers)
        placeholders = letter.placeholders
        self._text = _Body(letter.text, map(placeholders.text, PLACEHOLDER_FIELDS), placeholders.fill_text)
        self._html = _Body(letter.html, map(placeholders.html, PLACEHOLDER_FIELDS), placeholders.fill_html)
        # A digest of all that is said, so that nothing that is said can hold it.
        said = "\0".join((letter.subject, letter.text, letter.html, str(self._shared)))
        mark = hashlib.sha256(said.encode()).hexdigest()[:20]
        marked = replace(
            self._shared,
            recipient_address=f"{mark}@{mark}.invalid",
            unsubscribe_mailto=f"mailto:{mark}",
            message_id=f"{mark}@{mark}.invalid",
        )
        marks = [
            f"\r\nTo: {mark}@{mark}.invalid",
            f"\r\nDate: {format_datetime(_MARKED_DATE)}",
            f"\r\nMessage-ID: <{mark}@{mark}.invalid>",
            f"\r\nList-Unsubscribe: <mailto:{mark}>",
            f"text-{mark}\r\n",
            f"html-{mark}\r\n",
            part_boundary(marked.message_id, 0),
            part_boundary(marked.message_id, 1),
        ]
        message = build_message(replace(letter, text=f"text-{mark}", html=f"html-{mark}"), marked).decode("ascii")
        cut = re.split(f"({'|'.join(map(re.escape, marks))})", message)
        self._pieces = [piece.encode("ascii") for piece in cut]
        self._slots = [marks.index(piece) for piece in cut[1::2]]

    def is_for(self, letter: Letter, headers: MessageHeaders) -> bool:
        """Whether a message of `letter` under `headers` is cut from this one."""
        return letter is self._letter and _shared_fields(headers) == self._shared

    def fill(self, headers: MessageHeaders) -> bytes:
        """The message under `headers`; raises ValueError as `build_message`."""
        values = {"unsubscribe": headers.unsubscribe_url}
        by_slot = (
            b"\r\n" + _to_field(headers.recipient_name, headers.recipient_address),
            f"\r\nDate: {format_datetime(headers.date)}".encode("ascii"),
            f"\r\nMessage-ID: <{headers.message_id}>".encode("ascii"),
            b"\r\n" + _unsubscribe_fields(headers),
            self._text.fill(values),
            self._html.fill(values),
            part_boundary(headers.message_id, 0).encode("ascii"),
            part_boundary(headers.message_id, 1).encode("ascii"),
        )
        pieces = self._pieces.copy()
        pieces[1::2] = [by_slot[slot] for slot in self._slots]
        return b"".join(pieces)


def _to_field(name: str, address: str) -> bytes:
    plain = f"To: {name} <{address}>" if name else f"To: {address}"
    if _is_one_line(_PLAIN_TO, plain):
        return plain.encode("ascii")
    return fold_to(name, address).removesuffix(b"\r\n")


def _unsubscribe_fields(headers: MessageHeaders) -> bytes:
    """List-Unsubscribe, a URI a line, and before it what RFC 8058 adds where there is something to click on."""
    uris = list_unsubscribe(headers.unsubscribe_mailto, headers.one_click_url).replace(", ", ",\r\n ")
    one_click = f"List-Unsubscribe-Post: {ONE_CLICK_POST}\r\n" if headers.one_click_url else ""
    return f"{one_click}List-Unsubscribe: {uris}".encode("ascii")


class _Body:
    """A text part in quoted-printable, but for the lines that readers differ in.

    Quoted-printable (RFC 2045, 6.7) folds each line for itself, so what stands in one changes no other.
    """

    def __init__(
        self, content: str, placeholders: Iterable[str], fill_line: Callable[[str, dict[str, str]], str]
    ) -> None:
        self._fill_line = fill_line
        self._pieces: list[bytes | str] = []
        names = [placeholder.encode("ascii") for placeholder in placeholders]
        same = b""
        for line in content.encode().splitlines(keepends=True):
            if any(name in line for name in names):
                self._pieces += [_quoted_printable(same), line.decode()]
                same = b""
            else:
                same += line
        self._pieces.append(_quoted_printable(same))

    def fill(self, values: dict[str, str]) -> bytes:
        """The whole part, its lines ended by CRLF."""
        lines = b"".join(
            _quoted_printable(self._fill_line(piece, values).encode()) if isinstance(piece, str) else piece
            for piece in self._pieces
        )
        return lines or b"\r\n"


def _quoted_printable(text: bytes) -> bytes:
    """Whole lines of `text` as email encodes them; the last one may come without its end."""
    lines = text.splitlines()
    if not lines:
        return b""
    encoded = body_encode("\n".join(line.decode("latin-1") for line in lines) + "\n", MAX_LINE_LENGTH)
    return encoded.replace("\n", "\r\n").encode("ascii")
