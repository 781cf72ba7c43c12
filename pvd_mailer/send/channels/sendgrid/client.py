"""The SDK's client on a connection that is kept open.

As it comes, the SDK connects anew for each call, builds a TLS context each time (21 ms), has no time-out, follows
redirects, and writes its headers, with the key, and the body into the log at DEBUG.
"""

import logging
from email.message import Message
from typing import Any, Self

import python_http_client
from sendgrid import SendGridAPIClient

from pvd_mailer.send.channels.sendgrid.wire import ApiResponse, CallBody, HttpConnection

__all__ = ["SendGridClient"]

# Error bodies may quote addresses. A filter stays, whatever levels and handlers a program sets later.
logging.getLogger("python_http_client.client").addFilter(lambda _record: False)


class _Payload(CallBody):
    """A body that the SDK does not encode: it is bytes already."""

    def encode(self, _charset: str) -> Self:
        return self


class _Response:
    """What the SDK asks of an answer of urllib."""

    def __init__(self, response: ApiResponse) -> None:
        self._answer = response

    def getcode(self) -> int:
        return self._answer.status

    def read(self) -> bytes:
        return self._answer.body

    def info(self) -> Message:
        return self._answer.headers


class _KeepAlive(python_http_client.Client):  # type: ignore[misc] # the SDK ships no types
    """The SDK's client, calling through a `Wire`; every answer is handed back, errors too."""

    def __init__(self, http: HttpConnection, authorization: str, **more: Any) -> None:
        super().__init__(**more)
        self._http = http
        self._authorization = authorization

    def _build_client(self, name: str | None = None) -> "_KeepAlive":
        return _KeepAlive(
            self._http,
            self._authorization,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
        )

    def _make_request(self, opener: object, request: Any, timeout: float | None = None) -> _Response:
        del opener, timeout
        headers = {**request.headers, "Content-type": "application/json", "Authorization": self._authorization}
        return _Response(self._http.call(request.get_method(), request.selector, headers, request.data))


class SendGridClient:
    """Calls `mail/send` and the suppression lists through the SDK.

    Args:
        wire: Where to.
        url: The same server, as the SDK wants it.
        key: The account's key. The SDK's own headers do not get it: it prints them.
    """

    def __init__(self, http: HttpConnection, url: str, key: str) -> None:
        sdk = SendGridAPIClient(key, host=url)
        headers = {name: value for name, value in sdk.client.request_headers.items() if name != "Authorization"}
        # With another type than "application/json" the SDK lets a body through that is encoded already.
        headers["Content-Type"] = "application/json; charset=utf-8"
        sdk.client = _KeepAlive(http, sdk.auth, host=url, request_headers=headers, version=3)
        self._mail_send = sdk.client.mail.send
        self._lists = sdk.client.suppression

    def post(self, *pieces: bytes) -> ApiResponse:
        """Make the call whose JSON is `pieces` put together; raises as `Wire.call`."""
        response = self._mail_send.post(request_body=_Payload(*pieces))
        return ApiResponse(response.status_code, response.headers, response.body)

    def list(self, name: str, **query: int) -> ApiResponse:
        """Ask for a page of the suppression list `name`; raises as `Wire.call`, and asking again does no harm."""
        response = self._lists._(name).get(query_params=query)
        return ApiResponse(response.status_code, response.headers, response.body)
