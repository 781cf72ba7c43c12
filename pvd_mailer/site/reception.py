"""Takes down what people ask for at the site, and has the mail go out."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pvd_mailer import clock
from pvd_mailer.audience import requests
from pvd_mailer.audience.changes import Person
from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import language
from pvd_mailer.site.context import Site
from pvd_mailer.site.limiting import Limits
from pvd_mailer.site.page import speak_to
from pvd_mailer.site.postman import Postman

__all__ = ["Reception"]


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

    async def ask(self, kind: RequestKind, publication: str, person: Person, wording: str = "") -> None:
        """Write down what is asked for, unless this address was asked for too often; nobody is told which."""
        if self.limits.lets_write_to(person.address.key):
            await run_in_threadpool(self._write, kind, publication, person, wording)
            self.postman.call()

    def _write(self, kind: RequestKind, publication: str, person: Person, wording: str) -> None:
        with self.site.office.database.write() as connection:
            requests.ask(connection, kind, publication, language(), person, clock.now(), wording=wording)
