"""The way in: a form, a mail, a link that confirms. The answer is the same whoever is asked for."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.audience import requests
from pvd_mailer.audience.requests import Request as Asked
from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.site.addresses import at
from pvd_mailer.site.context import Site
from pvd_mailer.site.forms import Answers, Fields, offered, offers_mark, read_answers, shows_these_offers
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.problems import broken_link
from pvd_mailer.site.reception import Reception
from pvd_mailer.site.stamps import stamp
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed
from pvd_mailer.web.bodies import read_form
from pvd_mailer.workflow.joining import Confirmed, Fate, Given, confirm

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
        fields = await read_form(request) if request.method == "POST" else None
        if ref is None:
            return broken_link(self.site, request, offer=(f"/{self.site.house}/subscribe", _("Subscribe")))
        told = await run_in_threadpool(self._look, ref)
        if fields is not None and told.fate is Fate.SUBSCRIBED and told.request and self._speaks_for(told.request):
            answers = read_answers(fields, self.site.publications[told.request.publication], with_address=False)
            stale = "offers" in fields and not shows_these_offers(fields, self._face(told.request))
            if answers.faults or stale:
                return self._confirming(request, told.request, answers, status=422, again=stale)
            told = await run_in_threadpool(self._confirm, ref, _given(fields, answers))
        if told.request is None or not self._speaks_for(told.request):
            return self._over()
        if told.fate is Fate.SUBSCRIBED and fields is None:
            return self._confirming(request, told.request, Answers())
        speak_to(request, self.site, told.request.publication)
        is_new = told.fate is Fate.SUBSCRIBED
        return respond(self.site, "welcome.html", publication=told.request.publication, is_new=is_new)

    def _speaks_for(self, asked: Asked) -> bool:
        return asked.publication in self.site.publications

    def _face(self, asked: Asked) -> Publication:
        return self.site.publications[asked.publication]

    def _confirming(
        self, request: Request, asked: Asked, answers: Answers, *, status: int = 200, again: bool = False
    ) -> Response:
        """What was typed, by whomever, to be corrected; and the button."""
        speak_to(request, self.site, asked.publication)
        face, person = self._face(asked), asked.person
        wrote = bool(answers.written)
        return respond(
            self.site,
            "confirm.html",
            publication=asked.publication,
            status=status,
            person=person,
            first_name=answers.first_name if wrote else person.first_name,
            last_name=answers.last_name if wrote else person.last_name,
            answers=answers,
            again=again,
            offers=list(zip(offered(face), face.offers, strict=True)),
            chosen=answers.tags if wrote else person.tags,
            mark=offers_mark(face),
        )

    def _look(self, ref: str) -> Confirmed:
        with self.site.office.database.read() as connection:
            found = requests.find(connection, ref, clock.now())
        if found is None:
            return Confirmed(Fate.OVER)
        return Confirmed(Fate.ALREADY if found.done_at else Fate.SUBSCRIBED, found)

    def _confirm(self, ref: str, given: Given) -> Confirmed:
        with self.site.office.database.write() as connection:
            return confirm(connection, ref, self.site.public_url, self.site.keys, clock.now(), given)

    def _over(self) -> Response:
        return respond(self.site, "over.html", status=410)


def _given(fields: Fields, answers: Answers) -> Given:
    """What whoever confirms has written; a page of before this one has no fields, and changes nothing."""
    return Given(
        answers.first_name if "first_name" in fields else None,
        answers.last_name if "last_name" in fields else None,
        {key: values for key, values in answers.tags.items() if values} if "offers" in fields else None,
    )


def routes(site: Site, reception: Reception) -> list[BaseRoute]:
    """`/<publication>/subscribe`, and `/c/<token>`, which its mail leads to."""
    pages = _Pages(site, reception)
    return [
        *at("/c/{token}", pages.confirm, "confirm", ["GET", "POST"]),
        *at("/{publication}/subscribe", pages.subscribe, "subscribe", ["GET", "POST"]),
    ]
