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
from pvd_mailer.site.forms import TRAP, Answers, read_answers
from pvd_mailer.site.limiting import Limits
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.postman import Postman
from pvd_mailer.site.problems import problem
from pvd_mailer.site.stamps import UsedStamps, read_stamp
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
        self.stamps = UsedStamps()

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
        answers = read_answers(fields, self.site.publications[publication])
        person = answers.person
        if kind is RequestKind.PREFERENCES:
            person = Person(answers.address) if answers.address else None
        if person is None:
            return form(publication, answers, status=422)
        if any(fields.get(TRAP, ())):
            return self.asked(kind, publication)
        given = read_stamp(fields, self.site.keys, clock.now(), wording)
        serves = given is not None and self.stamps.use(given, person.address.key)
        if given is None or serves is False:
            return form(publication, answers, status=422, again=True)
        if serves is None:
            return self.asked(kind, publication)
        is_taken = False
        try:
            is_taken = await self._take(request, kind, publication, person, wording)
        finally:
            if not is_taken:
                self.stamps.give_back(given)
        if is_taken:
            return self.asked(kind, publication)
        return problem(self.site, request, 429, publication=publication, headers={"retry-after": "3600"})

    async def _take(self, request: Request, kind: RequestKind, publication: str, person: Person, wording: str) -> bool:
        """Write down what is asked for; False where too much is asked for just now."""
        if not self.limits.lets_in(request, kind):
            return False
        if self._may_write_to(kind, publication, person):
            if not self.limits.lets_all_in(kind):
                return False
            await self._write_down(kind, publication, person, wording)
        return True

    def asked(self, kind: RequestKind, publication: str) -> Response:
        """The answer to everybody who has asked for something."""
        return respond(self.site, "asked.html", publication=publication, kind=str(kind))

    async def ask(self, kind: RequestKind, publication: str, person: Person) -> None:
        """Write down what somebody asks for who holds a link of ours, unless they have asked too often."""
        if self._may_write_to(kind, publication, person):
            await self._write_down(kind, publication, person, "")

    def _may_write_to(self, kind: RequestKind, publication: str, person: Person) -> bool:
        return self.limits.lets_write_to(kind, f"{publication} {person.address.key}")

    async def _write_down(self, kind: RequestKind, publication: str, person: Person, wording: str) -> None:
        await run_in_threadpool(self._write, kind, publication, person, wording)
        self.postman.call()

    def _write(self, kind: RequestKind, publication: str, person: Person, wording: str) -> None:
        with self.site.office.database.write() as connection:
            requests.ask(connection, kind, publication, language(), person, clock.now(), wording=wording)
