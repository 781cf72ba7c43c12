"""The way in: a form, a mail, a link that confirms. The answer is the same whoever is asked for."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.services.readers.subscribe import (
    ConfirmationOutcome,
    Corrections,
    SignupRequest,
    confirm_subscription,
    find_confirmation,
)
from pvd_mailer.site.routes.forms import (
    FormAnswers,
    FormFields,
    offer_fields,
    offers_digest,
    read_answers,
    shows_current_offers,
)
from pvd_mailer.site.routes.signup_form import SignupHandler
from pvd_mailer.site.routes.slashes import routes_with_slash
from pvd_mailer.site.stamps import form_stamp
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import broken_link_page
from pvd_mailer.site.views.render import render_page, use_language_of
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed_token
from pvd_mailer.web.request_body import read_form

__all__ = ["routes"]


def consent_text(publication: Publication) -> str:
    """What somebody agrees to who subscribes, word for word."""
    default_text = _("I ask to receive “{letter}” of {publication} by e-mail. Each letter has a link to leave by.")
    return publication.consent or default_text.format(letter=publication.letter, publication=publication.name)


def privacy_notice(publication: Publication) -> list[tuple[str, str]]:
    """What the law wants said to those who give their address: a heading and a text each."""
    legal = publication.legal
    return [
        (_("Who keeps your data"), f"{legal.publisher}, {legal.seat}"),
        (_("Purpose"), legal.purpose),
        (_("Retention"), legal.retention),
        (_("Your rights"), legal.rights),
        (_("Data protection officer"), legal.dpo),
    ]


def consent_wording(publication: Publication) -> str:
    """All that is agreed to and told, as the proof keeps it: a line each."""
    lines = (f"{title}{_(': ')}{text}" for title, text in privacy_notice(publication))
    return "\n".join([consent_text(publication), *lines])


class _SubscribePages:
    def __init__(self, site: Site, signup_handler: SignupHandler) -> None:
        self.site = site
        self.signup_handler = signup_handler

    async def subscribe(self, request: Request) -> Response:
        """The form, and what it sends."""
        name = self.signup_handler.publication(request)
        if request.method != "POST":
            return self._form(name, FormAnswers())
        wording = consent_wording(self.site.publications[name])
        return await self.signup_handler.handle_form(request, RequestKind.SUBSCRIBE, name, self._form, wording)

    def _form(self, publication: str, answers: FormAnswers, *, status: int = 200, again: bool = False) -> Response:
        config = self.site.publications[publication]
        return render_page(
            self.site,
            "subscribe.html",
            publication=publication,
            status=status,
            answers=answers,
            offers=list(zip(offer_fields(config), config.offers, strict=True)),
            chosen=answers.tags,
            consent=consent_text(config),
            notice=privacy_notice(config),
            stamp=form_stamp(self.site.keys, clock.now(), consent_wording(config)),
            again=again,
        )

    async def confirm(self, request: Request) -> Response:
        """GET asks, POST subscribes."""
        use_language_of(request, self.site)
        try:
            ref = read_timed_token(self.site.keys, Purpose.CONFIRM, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._expired_page()
        fields = await read_form(request) if request.method == "POST" else None
        if ref is None:
            return broken_link_page(
                self.site, request, offer=(f"/{self.site.default_publication}/subscribe", _("Subscribe"))
            )
        confirmation = await run_in_threadpool(find_confirmation, self.site.context, ref)
        signup = confirmation.request
        if signup is None or signup.publication not in self.site.publications:
            return self._expired_page()
        if confirmation.outcome is ConfirmationOutcome.SUBSCRIBED:
            if fields is None:
                return self._confirmation_form(request, signup, FormAnswers())
            publication = self.site.publications[signup.publication]
            answers = read_answers(fields, publication, with_address=False)
            stale = "offers" in fields and not shows_current_offers(fields, publication)
            if answers.faults or stale:
                return self._confirmation_form(request, signup, answers, status=422, again=stale)
            confirmation = await run_in_threadpool(
                confirm_subscription, self.site.context, ref, self.site.public_url, _corrections(fields, answers)
            )
            if confirmation.request is None:  # its time was over meanwhile
                return self._expired_page()
        use_language_of(request, self.site, signup.publication)
        is_new = confirmation.outcome is ConfirmationOutcome.SUBSCRIBED
        return render_page(self.site, "welcome.html", publication=signup.publication, is_new=is_new)

    def _confirmation_form(
        self, request: Request, signup: SignupRequest, answers: FormAnswers, *, status: int = 200, again: bool = False
    ) -> Response:
        """What was typed, by whomever, to be corrected; and the button."""
        use_language_of(request, self.site, signup.publication)
        config, person = self.site.publications[signup.publication], signup.person
        is_edited = bool(answers.written)
        return render_page(
            self.site,
            "confirm.html",
            publication=signup.publication,
            status=status,
            person=person,
            first_name=answers.first_name if is_edited else person.first_name,
            last_name=answers.last_name if is_edited else person.last_name,
            answers=answers,
            again=again,
            offers=list(zip(offer_fields(config), config.offers, strict=True)),
            chosen=answers.tags if is_edited else person.tags,
            mark=offers_digest(config),
        )

    def _expired_page(self) -> Response:
        return render_page(self.site, "over.html", status=410)


def _corrections(fields: FormFields, answers: FormAnswers) -> Corrections:
    """What whoever confirms has written; a page of before this one has no fields, and changes nothing."""
    return Corrections(
        answers.first_name if "first_name" in fields else None,
        answers.last_name if "last_name" in fields else None,
        {key: values for key, values in answers.tags.items() if values} if "offers" in fields else None,
    )


def routes(site: Site, signup_handler: SignupHandler) -> list[BaseRoute]:
    """`/<publication>/subscribe`, and `/c/<token>`, which its mail leads to."""
    pages = _SubscribePages(site, signup_handler)
    return [
        *routes_with_slash("/c/{token}", pages.confirm, "confirm", ["GET", "POST"]),
        *routes_with_slash("/{publication}/subscribe", pages.subscribe, "subscribe", ["GET", "POST"]),
    ]
