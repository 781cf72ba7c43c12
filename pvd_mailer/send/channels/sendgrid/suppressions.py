"""SendGrid's suppression lists: to whom it sends no more, and why. Read only, page by page."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Self

from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.reasons import tidy
from pvd_mailer.send.channels.sendgrid.answers import wait_asked_for
from pvd_mailer.send.channels.sendgrid.client import Caller
from pvd_mailer.send.channels.sendgrid.wire import (
    Answer,
    CutError,
    NoAnswerError,
    NotReachedError,
    UnclearError,
    Wire,
)

__all__ = ["ListsError", "SuppressionLists"]

PAGE = 500
"""Entries a page: SendGrid's limit."""
MOST_PAGES = 2000
TRIES = 5
_PAUSES = (1.0, 2.0, 4.0, 8.0)


class ListsError(PvdError):
    """The lists cannot be read now; what was read before stays."""


class SuppressionLists:
    """The lists of the account that `key` belongs to; one connection for all of them, closed at the end of `with`.

    Args:
        key: The account's key; it needs the right to read suppressions.
        url: The host.
        host: The host as people know it.
        trust: Which certificates are trusted.
        connect_timeout: Seconds.
        read_timeout: Seconds for each piece of an answer.
        wait: Waits so many seconds.
    """

    def __init__(
        self,
        key: str,
        url: str,
        host: str,
        *,
        trust: ssl.SSLContext | None = None,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = sha256(f"{host}\0{key}".encode()).hexdigest()[:16]
        """Tells two accounts apart, and gives nothing of the key away."""
        self._host = host
        self._wait = wait
        self._wire = Wire(url, trust or ssl.create_default_context(), connect_timeout, read_timeout)
        self._caller = Caller(self._wire, url, key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._wire.close()

    def pages(self, name: str, start: int, end: int) -> Iterator[list[object]]:
        """The entries of the list `name` that were made from `start` to `end` (seconds since 1970), page by page.

        Raises:
            ListsError: SendGrid cannot be reached, or answers with something else.
            WrongUsageError: the key may not read the list.
        """
        for number in range(MOST_PAGES):
            page = self._page(name, start, end, number * PAGE)
            yield page
            if len(page) < PAGE:
                return

    def _page(self, name: str, start: int, end: int, offset: int) -> list[object]:
        said = _("no answer in time")
        for attempt in range(TRIES):
            try:
                answer = self._caller.list(name, start_time=start, end_time=end, limit=PAGE, offset=offset)
            except NotReachedError as error:  # a certificate that is not trusted, too
                raise self._failed(tidy(str(error))) from error
            except (CutError, NoAnswerError, UnclearError):
                self._pause(attempt)
                continue
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                said = _("it asks to wait")
                self._wait(wait_asked_for(answer.headers).total_seconds())
            elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                said = f"HTTP {answer.status}"
                self._pause(attempt)
            else:
                return self._entries(answer)
        raise self._failed(said)

    def _pause(self, attempt: int) -> None:
        if attempt < len(_PAUSES):
            self._wait(_PAUSES[attempt])

    def _entries(self, answer: Answer) -> list[object]:
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise WrongUsageError(
                _("SendGrid does not let this key read its lists (HTTP {status})").format(status=answer.status),
                _("In SendGrid's settings, API Keys, give the key “Suppressions: Read Access” beside “Mail Send”."),
            )
        if answer.status != HTTPStatus.OK:
            raise self._failed(f"HTTP {answer.status}")
        try:
            said: Any = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._failed(_("its answer is not understood")) from error
        if not isinstance(said, list):
            raise self._failed(_("its answer is not understood"))
        return said

    def _failed(self, why: str) -> ListsError:
        return ListsError(
            _("SendGrid's lists cannot be read from {host}: {reason}").format(host=self._host, reason=why),
            _("Run the same command again later: what was read is kept, and nothing is taken twice."),
        )
