"""A person's own page: what is held on them, their name and interests, all of it as a file, and its erasure."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.audience import requests
from pvd_mailer.audience.address import Address
from pvd_mailer.audience.changes import Person, Revision, revise_all
from pvd_mailer.audience.erasure import access_report, forget
from pvd_mailer.audience.subscribers import Subscriber, find, tags_of
from pvd_mailer.audience.tags import value_key
from pvd_mailer.database.states import RequestKind, SubscriberState
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.site.addresses import at
from pvd_mailer.site.context import Site
from pvd_mailer.site.departures import Departures
from pvd_mailer.site.forms import Answers, offered, offers_mark, read_answers, shows_these_offers
from pvd_mailer.site.held import describe
from pvd_mailer.site.leaving import gone
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.problems import broken_link, problem
from pvd_mailer.site.reception import Reception
from pvd_mailer.site.stamps import stamp
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed, read_token
from pvd_mailer.web.bodies import read_body, read_form
from pvd_mailer.workflow.leaving import SITE, Left, Reader, look

__all__ = ["routes"]

Marks = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose page it is."""

    publication: str
    address_key: str
    one: Subscriber | None
    """None where they are not on the list."""
    marks: Marks


class _Asking:
    """How one comes by the link."""

    def __init__(self, site: Site, reception: Reception) -> None:
        self.site = site
        self.reception = reception

    async def ask(self, request: Request) -> Response:
        """The form that asks for the address, and what it sends."""
        name = self.reception.publication(request)
        if request.method != "POST":
            return self._form(name, Answers())
        return await self.reception.receive(request, RequestKind.PREFERENCES, name, self._form)

    async def send(self, request: Request) -> Response:
        """From the page to leave by: the link goes to the address that the letter went to.

        Whoever holds a letter holds its link: only how often one mailbox is written to bounds what they ask for.
        """
        speak_to(request, self.site)
        await read_body(request)
        ref = read_token(self.site.keys, Purpose.UNSUBSCRIBE, request.path_params["token"])
        if ref is None:
            offer = (f"/{self.site.house}/preferences", _("Have a new link sent to you"))
            return broken_link(self.site, request, leaving=True, offer=offer)
        reader = await run_in_threadpool(self._known, ref)
        publication = self.site.face(reader.publication)
        speak_to(request, self.site, publication)
        if reader.one is not None:
            person = Person(Address(reader.one.address, reader.one.address_key))
            await self.reception.ask(RequestKind.PREFERENCES, publication, person)
        return self.reception.asked(RequestKind.PREFERENCES, publication)

    def _known(self, ref: str) -> Reader:
        with self.site.office.database.read() as connection:
            return look(connection, ref, clock.now())

    def _form(self, publication: str, answers: Answers, *, status: int = 200, again: bool = False) -> Response:
        return respond(
            self.site,
            "ask.html",
            publication=publication,
            status=status,
            answers=answers,
            stamp=stamp(self.site.keys, clock.now()),
            again=again,
        )


class _Own:
    """What the link leads to."""

    def __init__(self, site: Site, departures: Departures) -> None:
        self.site = site
        self.departures = departures

    async def _owner(self, request: Request) -> _Owner | Response:
        """Whose page it is, or what to say where it is nobody's."""
        speak_to(request, self.site)
        try:
            ref = read_timed(self.site.keys, Purpose.PREFERENCES, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._over(request, 410)
        if ref is None:
            return self._over(request, 404)
        found = await run_in_threadpool(self._find, ref)
        if found is None or found.publication not in self.site.publications:
            return self._over(request, 410)
        speak_to(request, self.site, found.publication)
        return found

    def _over(self, request: Request, status: int) -> Response:
        return problem(
            self.site,
            request,
            status,
            title=_("This link is no longer good") if status == 410 else _("This link does not work"),  # noqa: PLR2004 - HTTP's
            words=_("Such a link works for 24 hours. Ask for a new one; it comes by e-mail."),
            offer=(f"/{self.site.house}/preferences", _("Have a new link sent to you")),
        )

    def _find(self, ref: str) -> _Owner | None:
        with self.site.office.database.read() as connection:
            asked = requests.find(connection, ref, clock.now())
            if asked is None:
                return None
            one = find(connection, asked.person.address.key)
            marks = tags_of(connection, [one.id])[one.id] if one else {}
        return _Owner(asked.publication, asked.person.address.key, one, marks)

    def _report(self, owner: _Owner) -> dict[str, Any]:
        with self.site.office.database.read() as connection:
            return access_report(connection, owner.address_key, self.site.keys)

    async def page(self, request: Request) -> Response:
        """What is held; POST changes name and interests."""
        fields = await read_form(request) if request.method == "POST" else None
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        if fields is None or owner.one is None:
            return await self._show(request, owner, Answers())
        publication = self.site.publications[owner.publication]
        answers = read_answers(fields, publication, with_address=False)
        if answers.faults:
            return await self._show(request, owner, answers, status=422)
        if not shows_these_offers(fields, publication):
            return await self._show(request, owner, answers, status=422, again=True)
        await run_in_threadpool(self._save, owner, publication, answers)
        fresh = await self._owner(request)
        return fresh if isinstance(fresh, Response) else await self._show(request, fresh, Answers(), saved=True)

    async def _show(
        self,
        request: Request,
        owner: _Owner,
        answers: Answers,
        *,
        status: int = 200,
        saved: bool = False,
        again: bool = False,
    ) -> Response:
        report = await run_in_threadpool(self._report, owner)
        publication = self.site.publications[owner.publication]
        one = owner.one
        return respond(
            self.site,
            "own.html",
            publication=owner.publication,
            status=status,
            token=request.path_params["token"],
            held=describe(one, report, self.site.publications, owner.publication),
            one=one,
            is_subscribed=one is not None and one.state is SubscriberState.SUBSCRIBED,
            address=one.address if one else owner.address_key,
            answers=answers,
            offers=list(zip(offered(publication), publication.offers, strict=True)),
            chosen=_chosen(publication, owner.marks),
            mark=offers_mark(publication),
            saved=saved,
            again=again,
        )

    def _save(self, owner: _Owner, publication: Publication, answers: Answers) -> None:
        if owner.one is None:
            return
        names = {
            name: said if said != getattr(owner.one, name) else None
            for name, said in (("first_name", answers.first_name), ("last_name", answers.last_name))
        }
        tags = _revised(publication, owner.marks, answers.tags)
        revision = Revision(owner.one.id, names["first_name"], names["last_name"], tags)
        if revision.fields:
            with self.site.office.database.write() as connection:
                revise_all(connection, [revision], clock.now(), SITE)

    async def data(self, request: Request) -> Response:
        """All that is held, as JSON."""
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        report = await run_in_threadpool(self._report, owner)
        return Response(
            json.dumps(report, ensure_ascii=False, indent=2) + "\n",
            media_type="application/json",
            headers={"content-disposition": 'attachment; filename="pvd-mailer.json"'},
        )

    async def leave(self, request: Request) -> Response:
        """Let them go."""
        await read_body(request)
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        left = await self.departures.leave(owner.one.ref) if owner.one else Left()
        speak_to(request, self.site, self.site.face(left.publication or owner.publication))
        return gone(self.site, left, owner.publication)

    async def erase(self, request: Request) -> Response:
        """GET asks, POST erases; it cannot be taken back."""
        if request.method == "POST":
            await read_body(request)
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        if request.method != "POST":
            return respond(self.site, "erase.html", publication=owner.publication, token=request.path_params["token"])
        database, keys = self.site.office.database, self.site.keys
        await run_in_threadpool(forget, database, owner.address_key, keys, clock.now())
        return respond(self.site, "erased.html", publication=owner.publication)


def _chosen(publication: Publication, marks: Marks) -> Marks:
    """Which of the offered values somebody has, whatever the spelling."""
    have = {key: {value_key(key, value) for value in values} for key, values in marks.items()}
    return {
        key: tuple(value for value in offer.values if value_key(key, value) in have.get(key, ()))
        for (key, _name), offer in zip(offered(publication), publication.offers, strict=True)
    }


def _revised(publication: Publication, marks: Marks, answers: Marks) -> Marks:
    """The tags that change. What the office wrote beside what is offered stays, unless one answer takes its place."""
    revised: Marks = {}
    before = _chosen(publication, marks)
    for (key, _name), offer in zip(offered(publication), publication.offers, strict=True):
        said = answers.get(key, ())
        if set(said) == set(before[key]):
            continue
        ours = {value_key(key, value) for value in offer.values}
        others = tuple(value for value in marks.get(key, ()) if value_key(key, value) not in ours)
        revised[key] = said if said and not offer.several else (*said, *others)
    return revised


def routes(site: Site, reception: Reception, departures: Departures) -> list[BaseRoute]:
    """`/<publication>/preferences`, which sends the link, and `/p/<token>`, which it leads to."""
    asking, own = _Asking(site, reception), _Own(site, departures)
    return [
        *at("/u/{token}/preferences", asking.send, "send-link", ["POST"]),
        *at("/p/{token}", own.page, "own", ["GET", "POST"]),
        *at("/p/{token}/data.json", own.data, "own-data"),
        *at("/p/{token}/unsubscribe", own.leave, "own-unsubscribe", ["POST"]),
        *at("/p/{token}/erase", own.erase, "own-erase", ["GET", "POST"]),
        *at("/{publication}/preferences", asking.ask, "preferences", ["GET", "POST"]),
    ]
