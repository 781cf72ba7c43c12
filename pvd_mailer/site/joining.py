"""The way in: a form, a mail, a link that confirms. The answer is the same whoever is asked for."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.audience import requests
from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.site.addresses import at
from pvd_mailer.site.context import Site
from pvd_mailer.site.forms import Answers, offered
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.problems import broken_link
from pvd_mailer.site.reception import Reception
from pvd_mailer.site.stamps import stamp
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed
from pvd_mailer.web.bodies import read_body
from pvd_mailer.workflow.joining import Confirmed, Fate, confirm

__all__ = ["routes"]


def consent_of(publication: Publication) -> str:
    """What somebody agrees to who subscribes, word for word."""
    usual = _("I ask to receive “{letter}” of {publication} by e-mail. Each letter has a link to leave by.")
    return publication.consent or usual.format(letter=publication.letter, publication=publication.name)


def notice_of(publication: Publication) -> list[tuple[str, str]]:
    """What the law wants said to those who give their address: a heading and a text each."""
    legal = publication.legal
    return [
        (_("Who keeps your data"), f"{legal.publisher}, {legal.seat}"),
        (_("Purpose"), legal.purpose),
        (_("Retention"), legal.retention),
        (_("Your rights"), legal.rights),
        (_("Data protection officer"), legal.dpo),
    ]


def wording_of(publication: Publication) -> str:
    """All that is agreed to and told, as the proof keeps it: a line each."""
    told = (f"{title}{_(': ')}{said}" for title, said in notice_of(publication))
    return "\n".join([consent_of(publication), *told])


class _Pages:
    def __init__(self, site: Site, reception: Reception) -> None:
        self.site = site
        self.reception = reception

    async def subscribe(self, request: Request) -> Response:
        """The form, and what it sends."""
        name = self.reception.publication(request)
        if request.method != "POST":
            return self._form(name, Answers())
        wording = wording_of(self.site.publications[name])
        return await self.reception.receive(request, RequestKind.SUBSCRIBE, name, self._form, wording)

    def _form(self, publication: str, answers: Answers, *, status: int = 200, again: bool = False) -> Response:
        face = self.site.publications[publication]
        return respond(
            self.site,
            "subscribe.html",
            publication=publication,
            status=status,
            answers=answers,
            offers=list(zip(offered(face), face.offers, strict=True)),
            chosen=answers.tags,
            consent=consent_of(face),
            notice=notice_of(face),
            stamp=stamp(self.site.keys, clock.now(), wording_of(face)),
            again=again,
        )

    async def confirm(self, request: Request) -> Response:
        """GET asks, POST subscribes."""
        speak_to(request, self.site)
        try:
            ref = read_timed(self.site.keys, Purpose.CONFIRM, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._over()
        if request.method == "POST":
            await read_body(request)
        if ref is None:
            return broken_link(self.site, request, offer=(f"/{self.site.house}/subscribe", _("Subscribe")))
        act = self._confirm if request.method == "POST" else self._look
        told = await run_in_threadpool(act, ref)
        if told.request is None or told.request.publication not in self.site.publications:
            return self._over()
        name = told.request.publication
        speak_to(request, self.site, name)
        if told.fate is Fate.ALREADY:
            return respond(self.site, "welcome.html", publication=name, is_new=False)
        if request.method != "POST":
            return respond(self.site, "confirm.html", publication=name)
        return respond(self.site, "welcome.html", publication=name, is_new=True)

    def _look(self, ref: str) -> Confirmed:
        with self.site.office.database.read() as connection:
            found = requests.find(connection, ref, clock.now())
        if found is None:
            return Confirmed(Fate.OVER)
        return Confirmed(Fate.ALREADY if found.done_at else Fate.SUBSCRIBED, found)

    def _confirm(self, ref: str) -> Confirmed:
        with self.site.office.database.write() as connection:
            return confirm(connection, ref, self.site.public_url, self.site.keys, clock.now())

    def _over(self) -> Response:
        return respond(self.site, "over.html", status=410)


def routes(site: Site, reception: Reception) -> list[BaseRoute]:
    """`/<publication>/subscribe`, and `/c/<token>`, which its mail leads to."""
    pages = _Pages(site, reception)
    return [
        *at("/c/{token}", pages.confirm, "confirm", ["GET", "POST"]),
        *at("/{publication}/subscribe", pages.subscribe, "subscribe", ["GET", "POST"]),
    ]
