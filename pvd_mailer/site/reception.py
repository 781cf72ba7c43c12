"""Takes down what people ask for at the site, and has the mail go out. The answer is the same whoever is asked for."""

from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pvd_mailer import clock
from pvd_mailer.audience import requests
from pvd_mailer.audience.changes import Person
from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import language
from pvd_mailer.site.context import Site
from pvd_mailer.site.forms import TRAP, Answers, is_human, read_answers
from pvd_mailer.site.limiting import Limits
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.postman import Postman
from pvd_mailer.site.problems import problem
from pvd_mailer.web.bodies import read_form

__all__ = ["Form", "Reception"]


class Form(Protocol):
    """Shows a publication's form once more."""

    def __call__(self, publication: str, answers: Answers, *, status: int = 200, again: bool = False) -> Response:
        """The form with `answers` in it; `again` where it only has to be sent once more."""


class Reception:
    """Takes down what people ask for, and has the mail go out."""

    def __init__(self, site: Site, postman: Postman) -> None:
        self.site = site
        self.postman = postman
        self.limits = Limits()

    def publication(self, request: Request) -> str:
        """The folder of the publication that the address names, whose language is spoken from here on.

        Raises:
            HTTPException: there is none (404).
        """
        name = str(request.path_params["publication"])
        if name not in self.site.publications:
            raise HTTPException(404)
        speak_to(request, self.site, name)
        return name

    async def receive(
        self, request: Request, kind: RequestKind, publication: str, form: Form, wording: str = ""
    ) -> Response:
        """Take down what a form sends; `form` shows it again where something is not right yet."""
        fields = await read_form(request)
        flood = self.too_many(request, publication)
        if flood is not None:
            return flood
        answers = read_answers(fields, self.site.publications[publication])
        person = answers.person
        if kind is RequestKind.PREFERENCES:
            person = Person(answers.address) if answers.address else None
        if person is None:
            return form(publication, answers, status=422)
        if any(fields.get(TRAP, ())):
            return self.asked(kind, publication)
        if not is_human(fields, self.site.keys, clock.now(), wording):
            return form(publication, answers, status=422, again=True)
        await self.ask(kind, publication, person, wording)
        return self.asked(kind, publication)

    def too_many(self, request: Request, publication: str | None = None) -> Response | None:
        """What to answer where too much comes from the network that `request` comes from."""
        if self.limits.lets_in(request):
            return None
        return problem(self.site, request, 429, publication=publication, headers={"retry-after": "3600"})

    def asked(self, kind: RequestKind, publication: str) -> Response:
        """The answer to everybody who has asked for something."""
        return respond(self.site, "asked.html", publication=publication, kind=str(kind))

    async def ask(self, kind: RequestKind, publication: str, person: Person, wording: str = "") -> None:
        """Write down what is asked for, unless this address was asked for too often; nobody is told which."""
        if self.limits.lets_write_to(f"{kind} {publication} {person.address.key}"):
            await run_in_threadpool(self._write, kind, publication, person, wording)
            self.postman.call()

    def _write(self, kind: RequestKind, publication: str, person: Person, wording: str) -> None:
        with self.site.office.database.write() as connection:
            requests.ask(connection, kind, publication, language(), person, clock.now(), wording=wording)
