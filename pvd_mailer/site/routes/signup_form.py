"""Takes down what people ask for at the site, and has the mail go out. The answer is the same whoever is asked for."""

from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pvd_mailer import clock
from pvd_mailer.database.states import RequestKind
from pvd_mailer.services.readers.subscribe import SubscriberData, request_mail
from pvd_mailer.site.jobs.mail_queue import MailQueue
from pvd_mailer.site.rate_limits import RateLimits
from pvd_mailer.site.routes.forms import HONEYPOT, FormAnswers, read_answers
from pvd_mailer.site.stamps import UsedStamps, read_stamp
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import error_page
from pvd_mailer.site.views.render import render_page, use_language_of
from pvd_mailer.web.request_body import read_form

__all__ = ["FormRenderer", "SignupHandler"]


class FormRenderer(Protocol):
    """Shows a publication's form once more."""

    def __call__(self, publication: str, answers: FormAnswers, *, status: int = 200, again: bool = False) -> Response:
        """The form with `answers` in it; `again` where it only has to be sent once more."""


class SignupHandler:
    """Takes down what people ask for, and has the mail go out."""

    def __init__(self, site: Site, mail_queue: MailQueue) -> None:
        self.site = site
        self.mail_queue = mail_queue
        self.limits = RateLimits()
        self.stamps = UsedStamps()

    def publication(self, request: Request) -> str:
        """The folder of the publication that the address names, whose language is spoken from here on.

        Raises:
            HTTPException: there is none (404).
        """
        name = str(request.path_params["publication"])
        if name not in self.site.publications:
            raise HTTPException(404)
        use_language_of(request, self.site, name)
        return name

    async def handle_form(
        self, request: Request, kind: RequestKind, publication: str, form: FormRenderer, wording: str = ""
    ) -> Response:
        """Take down what a form sends; `form` shows it again where something is not right yet."""
        fields = await read_form(request)
        answers = read_answers(fields, self.site.publications[publication])
        person = answers.person
        if kind is RequestKind.PREFERENCES:
            person = SubscriberData(answers.address) if answers.address else None
        if person is None:
            return form(publication, answers, status=422)
        if any(fields.get(HONEYPOT, ())):
            return self.asked_page(kind, publication)
        stamp = read_stamp(fields, self.site.keys, clock.now(), wording)
        is_accepted = stamp is not None and self.stamps.use(stamp, person.address.key)
        if stamp is None or is_accepted is False:
            return form(publication, answers, status=422, again=True)
        if is_accepted is None:
            return self.asked_page(kind, publication)
        is_stored = False
        try:
            is_stored = await self._accept(request, kind, publication, person, wording)
        finally:
            if not is_stored:
                self.stamps.release(stamp)
        if is_stored:
            return self.asked_page(kind, publication)
        return error_page(self.site, request, 429, publication=publication, headers={"retry-after": "3600"})

    async def _accept(
        self, request: Request, kind: RequestKind, publication: str, person: SubscriberData, wording: str
    ) -> bool:
        """Write down what is asked for; False where too much is asked for just now."""
        if not self.limits.allow_request(request, kind):
            return False
        if self._may_write_to(kind, publication, person):
            if not self.limits.allow_site_wide(kind):
                return False
            await self._store_and_wake(kind, publication, person, wording)
        return True

    def asked_page(self, kind: RequestKind, publication: str) -> Response:
        """The answer to everybody who has asked for something."""
        return render_page(self.site, "asked.html", publication=publication, kind=str(kind))

    async def request_mail(self, kind: RequestKind, publication: str, person: SubscriberData) -> None:
        """Write down what somebody asks for who holds a link of ours, unless they have asked too often."""
        if self._may_write_to(kind, publication, person):
            await self._store_and_wake(kind, publication, person, "")

    def _may_write_to(self, kind: RequestKind, publication: str, person: SubscriberData) -> bool:
        return self.limits.allow_mail_to(kind, f"{publication} {person.address.key}")

    async def _store_and_wake(self, kind: RequestKind, publication: str, person: SubscriberData, wording: str) -> None:
        await run_in_threadpool(request_mail, self.site.context, kind, publication, person, wording)
        self.mail_queue.wake()
