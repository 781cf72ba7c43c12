"""What is said when a request cannot be answered as asked: in words, in the reader's language, and nothing of how."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pvd_mailer.i18n import N_, _
from pvd_mailer.send.unsubscribe_links import unsubscribe_mailto
from pvd_mailer.services.machine.readiness import DatabaseError
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.render import render_page, use_language_of

__all__ = ["broken_link_page", "error_page", "exception_handlers"]

_MESSAGES: dict[int, tuple[str, str]] = {
    400: (N_("This request is not understood"), N_("It did not arrive whole. Please go back and try again.")),
    404: (N_("There is no such page"), N_("The address may have been cut off or mistyped on its way to you.")),
    405: (N_("This cannot be done here"), N_("This page takes no such request. Please begin from its address again.")),
    408: (N_("That took too long"), N_("What you sent did not arrive in time. Please try again.")),
    413: (N_("That is too much"), N_("What you sent is larger than this page takes.")),
    421: (N_("This site is not here"), N_("The address that you asked for belongs to another site.")),
    429: (N_("Too many requests"), N_("Many requests have come from your network. Please try again in an hour.")),
    500: (
        N_("Something went wrong on our side"),
        N_("It is not your doing. Nothing that you asked for was half done: please try again in a few minutes."),
    ),
    503: (
        N_("Not just now"),
        N_("The site cannot reach what it needs. Nothing is lost: please try again in a few minutes."),
    ),
}


def error_page(
    site: Site,
    request: Request,
    status: int,
    *,
    title: str = "",
    words: str = "",
    publication: str | None = None,
    leaving: bool = False,
    offer: tuple[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The page for `status`.

    Args:
        site: The site.
        request: What was asked.
        status: HTTP's number.
        title: Another heading than the usual one.
        words: Other words than the usual ones.
        publication: Whose face it wears; the one in the address, or the house's.
        leaving: Whether it says how to leave by mail.
        offer: The path and the words of what to do instead.
        headers: More headers.
    """
    first_segment = request.url.path.removeprefix(site.prefix).strip("/").partition("/")[0]
    publication = publication or (first_segment if first_segment in site.publications else site.default_publication)
    use_language_of(request, site, publication)
    if first_segment == "u":  # whatever is wrong with the way out: there is another
        leaving = True
        if status < 500 and offer is None:  # noqa: PLR2004 - HTTP's classes
            offer = (f"/{publication}/preferences", _("Have a new link sent to you"))
    default = _MESSAGES.get(status, _MESSAGES[500 if status >= 500 else 400])  # noqa: PLR2004 - HTTP's classes
    config = site.publications[publication]
    return render_page(
        site,
        "problem.html",
        publication=publication,
        status=status,
        headers=headers,
        title=title or _(default[0]),
        words=words or _(default[1]),
        leaving=leaving,
        mailto=unsubscribe_mailto(config.unsubscribe, config.list_id.id),
        offer=offer,
    )


def broken_link_page(site: Site, request: Request, *, offer: tuple[str, str], leaving: bool = False) -> Response:
    """To a token that is not ours: `offer` is what to do instead, and `leaving` says how to leave otherwise."""
    return error_page(
        site,
        request,
        404,
        title=_("This link does not work"),
        words=_("It was cut off or changed on its way, it was never one of ours, or we have ended it."),
        leaving=leaving,
        offer=offer,
    )


def exception_handlers(site: Site) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """Starlette's handlers of exceptions: an answer in words to each."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        extra_headers = error.headers if isinstance(error, HTTPException) else None
        return error_page(site, request, status, headers=dict(extra_headers or {}))

    async def unready(request: Request, _error: Exception) -> Response:
        return error_page(site, request, 503, headers={"retry-after": "120"})

    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # for the log; nobody is there to read a page

    return {HTTPException: refused, ClientDisconnect: gone, DatabaseError: unready, Exception: refused}
