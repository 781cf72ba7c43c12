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
from pvd_mailer.send.channels.reasons import redact
from pvd_mailer.send.channels.sendgrid.answers import requested_wait
from pvd_mailer.send.channels.sendgrid.client import SendGridClient
from pvd_mailer.send.channels.sendgrid.wire import (
    ApiResponse,
    ConnectionBrokenError,
    HttpConnection,
    InvalidResponseError,
    NoResponseError,
    UnreachableError,
)

__all__ = ["SuppressionLists", "SuppressionListsError"]

LIST_PAGE_SIZE = 500
"""Entries a page: SendGrid's limit."""
MAX_LIST_PAGES = 2000
MAX_LIST_TRIES = 5
_RETRY_DELAYS = (1.0, 2.0, 4.0, 8.0)


class SuppressionListsError(PvdError):
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
        tls_context: ssl.SSLContext | None = None,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = sha256(f"{host}\0{key}".encode()).hexdigest()[:16]
        """Tells two accounts apart, and gives nothing of the key away."""
        self._host = host
        self._sleep = sleep
        self._http = HttpConnection(url, tls_context or ssl.create_default_context(), connect_timeout, read_timeout)
        self._client = SendGridClient(self._http, url, key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def pages(self, name: str, start: int, end: int) -> Iterator[list[object]]:
        """The entries of the list `name` that were made from `start` to `end` (seconds since 1970), page by page.

        Raises:
            ListsError: SendGrid cannot be reached, or answers with something else.
            WrongUsageError: the key may not read the list.
        """
        for number in range(MAX_LIST_PAGES):
            page = self._page(name, start, end, number * LIST_PAGE_SIZE)
            yield page
            if len(page) < LIST_PAGE_SIZE:
                return

    def _page(self, name: str, start: int, end: int, offset: int) -> list[object]:
        reason = _("no answer in time")
        for attempt in range(MAX_LIST_TRIES):
            try:
                response = self._client.list(name, start_time=start, end_time=end, limit=LIST_PAGE_SIZE, offset=offset)
            except UnreachableError as error:  # a certificate that is not trusted, too
                raise self._error(redact(str(error))) from error
            except (ConnectionBrokenError, NoResponseError, InvalidResponseError):
                self._pause(attempt)
                continue
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                reason = _("it asks to wait")
                self._sleep(requested_wait(response.headers).total_seconds())
            elif response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                reason = f"HTTP {response.status}"
                self._pause(attempt)
            else:
                return self._entries(response)
        raise self._error(reason)

    def _pause(self, attempt: int) -> None:
        if attempt < len(_RETRY_DELAYS):
            self._sleep(_RETRY_DELAYS[attempt])

    def _entries(self, response: ApiResponse) -> list[object]:
        if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise WrongUsageError(
                _("SendGrid does not let this key read its lists (HTTP {status})").format(status=response.status),
                _("In SendGrid's settings, API Keys, give the key “Suppressions: Read Access” beside “Mail Send”."),
            )
        if response.status != HTTPStatus.OK:
            raise self._error(f"HTTP {response.status}")
        try:
            data: Any = json.loads(response.body)
        except (ValueError, RecursionError) as error:
            raise self._error(_("its answer is not understood")) from error
        if not isinstance(data, list):
            raise self._error(_("its answer is not understood"))
        return data

    def _error(self, reason: str) -> SuppressionListsError:
        return SuppressionListsError(
            _("SendGrid's lists cannot be read from {host}: {reason}").format(host=self._host, reason=reason),
            _("Run the same command again later: what was read is kept, and nothing is taken twice."),
        )
