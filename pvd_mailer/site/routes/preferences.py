"""A person's own page: what is held on them, their name and interests, all of it as a file, and its erasure."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.database.states import RequestKind, SubscriberState
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.services.readers.preferences import (
    PageOwner,
    SubscriberUpdate,
    TagValues,
    find_owner,
    update_reader,
)
from pvd_mailer.services.readers.subscribe import SubscriberData
from pvd_mailer.services.readers.unsubscribe import UnsubscribeResult, get_reader_status
from pvd_mailer.services.subscribers.privacy import access_report, erase_person
from pvd_mailer.site.jobs.unsubscribe_batcher import UnsubscribeBatcher
from pvd_mailer.site.routes.forms import FormAnswers, offer_fields, offers_digest, read_answers, shows_current_offers
from pvd_mailer.site.routes.signup_form import SignupHandler
from pvd_mailer.site.routes.slashes import routes_with_slash
from pvd_mailer.site.routes.unsubscribe import unsubscribed_page
from pvd_mailer.site.stamps import form_stamp
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import broken_link_page, error_page
from pvd_mailer.site.views.personal_data import describe_personal_data
from pvd_mailer.site.views.render import render_page, use_language_of
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.tags import value_key
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed_token, read_token
from pvd_mailer.web.request_body import read_body, read_form

__all__ = ["routes"]


class _LinkRequestPages:
    """How one comes by the link."""

    def __init__(self, site: Site, signup_handler: SignupHandler) -> None:
        self.site = site
        self.signup_handler = signup_handler

    async def ask(self, request: Request) -> Response:
        """The form that asks for the address, and what it sends."""
        name = self.signup_handler.publication(request)
        if request.method != "POST":
            return self._form(name, FormAnswers())
        return await self.signup_handler.handle_form(request, RequestKind.PREFERENCES, name, self._form)

    async def send(self, request: Request) -> Response:
        """From the page to leave by: the link goes to the address that the letter went to.

        Whoever holds a letter holds its link: only how often one mailbox is written to bounds what they ask for.
        """
        use_language_of(request, self.site)
        await read_body(request)
        ref = read_token(self.site.keys, Purpose.UNSUBSCRIBE, request.path_params["token"])
        if ref is None:
            offer = (f"/{self.site.default_publication}/preferences", _("Have a new link sent to you"))
            return broken_link_page(self.site, request, leaving=True, offer=offer)
        reader = await run_in_threadpool(get_reader_status, self.site.context, ref)
        publication = self.site.publication_or_default(reader.publication)
        use_language_of(request, self.site, publication)
        if reader.subscriber is not None:
            person = SubscriberData(Address(reader.subscriber.address, reader.subscriber.address_key))
            await self.signup_handler.request_mail(RequestKind.PREFERENCES, publication, person)
        return self.signup_handler.asked_page(RequestKind.PREFERENCES, publication)

    def _form(self, publication: str, answers: FormAnswers, *, status: int = 200, again: bool = False) -> Response:
        return render_page(
            self.site,
            "ask.html",
            publication=publication,
            status=status,
            answers=answers,
            stamp=form_stamp(self.site.keys, clock.now()),
            again=again,
        )


class _OwnPages:
    """What the link leads to."""

    def __init__(self, site: Site, batcher: UnsubscribeBatcher) -> None:
        self.site = site
        self.batcher = batcher

    async def _owner(self, request: Request) -> PageOwner | Response:
        """Whose page it is, or what to say where it is nobody's."""
        use_language_of(request, self.site)
        try:
            ref = read_timed_token(self.site.keys, Purpose.PREFERENCES, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._link_error_page(request, 410)
        if ref is None:
            return self._link_error_page(request, 404)
        owner = await run_in_threadpool(find_owner, self.site.context, ref)
        if owner is None or owner.publication not in self.site.publications:
            return self._link_error_page(request, 410)
        use_language_of(request, self.site, owner.publication)
        return owner

    def _link_error_page(self, request: Request, status: int) -> Response:
        return error_page(
            self.site,
            request,
            status,
            title=_("This link is no longer good") if status == 410 else _("This link does not work"),  # noqa: PLR2004 - HTTP's
            words=_("Such a link works for 24 hours. Ask for a new one; it comes by e-mail."),
            offer=(f"/{self.site.default_publication}/preferences", _("Have a new link sent to you")),
        )

    async def page(self, request: Request) -> Response:
        """What is held; POST changes name and interests."""
        fields = await read_form(request) if request.method == "POST" else None
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        if fields is None or owner.subscriber is None:
            return await self._show(request, owner, FormAnswers())
        publication = self.site.publications[owner.publication]
        answers = read_answers(fields, publication, with_address=False)
        if answers.faults:
            return await self._show(request, owner, answers, status=422)
        if not shows_current_offers(fields, publication):
            return await self._show(request, owner, answers, status=422, again=True)
        await run_in_threadpool(self._save, owner, publication, answers)
        fresh = await self._owner(request)
        return fresh if isinstance(fresh, Response) else await self._show(request, fresh, FormAnswers(), saved=True)

    async def _show(
        self,
        request: Request,
        owner: PageOwner,
        answers: FormAnswers,
        *,
        status: int = 200,
        saved: bool = False,
        again: bool = False,
    ) -> Response:
        report = await run_in_threadpool(access_report, self.site.context, owner.address_key)
        publication = self.site.publications[owner.publication]
        subscriber = owner.subscriber
        return render_page(
            self.site,
            "own.html",
            publication=owner.publication,
            status=status,
            token=request.path_params["token"],
            held=describe_personal_data(subscriber, report, self.site.publications, owner.publication),
            one=subscriber,
            is_subscribed=subscriber is not None and subscriber.state is SubscriberState.SUBSCRIBED,
            address=subscriber.address if subscriber else owner.address_key,
            answers=answers,
            offers=list(zip(offer_fields(publication), publication.offers, strict=True)),
            chosen=_chosen_offers(publication, owner.tags),
            mark=offers_digest(publication),
            saved=saved,
            again=again,
        )

    def _save(self, owner: PageOwner, publication: Publication, answers: FormAnswers) -> None:
        if owner.subscriber is None:
            return
        names = {
            name: answer if answer != getattr(owner.subscriber, name) else None
            for name, answer in (("first_name", answers.first_name), ("last_name", answers.last_name))
        }
        tags = _changed_tags(publication, owner.tags, answers.tags)
        revision = SubscriberUpdate(owner.subscriber.id, names["first_name"], names["last_name"], tags)
        if revision.fields:
            update_reader(self.site.context, revision)

    async def data(self, request: Request) -> Response:
        """All that is held, as JSON."""
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        report = await run_in_threadpool(access_report, self.site.context, owner.address_key)
        return Response(
            json.dumps(report, ensure_ascii=False, indent=2) + "\n",
            media_type="application/json",
            headers={"content-disposition": 'attachment; filename="pvd-mailer.json"'},
        )

    async def unsubscribe(self, request: Request) -> Response:
        """Let them go."""
        await read_body(request)
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        result = await self.batcher.unsubscribe(owner.subscriber.ref) if owner.subscriber else UnsubscribeResult()
        use_language_of(request, self.site, self.site.publication_or_default(result.publication or owner.publication))
        return unsubscribed_page(self.site, result, owner.publication)

    async def erase(self, request: Request) -> Response:
        """GET asks, POST erases; it cannot be taken back."""
        if request.method == "POST":
            await read_body(request)
        owner = await self._owner(request)
        if isinstance(owner, Response):
            return owner
        if request.method != "POST":
            return render_page(
                self.site, "erase.html", publication=owner.publication, token=request.path_params["token"]
            )
        context = self.site.context
        await run_in_threadpool(erase_person, context.database, owner.address_key, context.keys, clock.now())
        return render_page(self.site, "erased.html", publication=owner.publication)


def _chosen_offers(publication: Publication, tags: TagValues) -> TagValues:
    """Which of the offered values somebody has, whatever the spelling."""
    current = {key: {value_key(key, value) for value in values} for key, values in tags.items()}
    return {
        key: tuple(value for value in offer.values if value_key(key, value) in current.get(key, ()))
        for (key, _name), offer in zip(offer_fields(publication), publication.offers, strict=True)
    }


def _changed_tags(publication: Publication, tags: TagValues, answers: TagValues) -> TagValues:
    """The tags that change. What the office wrote beside what is offered stays, unless one answer takes its place."""
    changed: TagValues = {}
    chosen = _chosen_offers(publication, tags)
    for (key, _name), offer in zip(offer_fields(publication), publication.offers, strict=True):
        answer = answers.get(key, ())
        if set(answer) == set(chosen[key]):
            continue
        offered_values = {value_key(key, value) for value in offer.values}
        others = tuple(value for value in tags.get(key, ()) if value_key(key, value) not in offered_values)
        changed[key] = answer if answer and not offer.several else (*answer, *others)
    return changed


def routes(site: Site, signup_handler: SignupHandler, batcher: UnsubscribeBatcher) -> list[BaseRoute]:
    """`/<publication>/preferences`, which sends the link, and `/p/<token>`, which it leads to."""
    link_pages, own_pages = _LinkRequestPages(site, signup_handler), _OwnPages(site, batcher)
    return [
        *routes_with_slash("/u/{token}/preferences", link_pages.send, "send-link", ["POST"]),
        *routes_with_slash("/p/{token}", own_pages.page, "own", ["GET", "POST"]),
        *routes_with_slash("/p/{token}/data.json", own_pages.data, "own-data"),
        *routes_with_slash("/p/{token}/unsubscribe", own_pages.unsubscribe, "own-unsubscribe", ["POST"]),
        *routes_with_slash("/p/{token}/erase", own_pages.erase, "own-erase", ["GET", "POST"]),
        *routes_with_slash("/{publication}/preferences", link_pages.ask, "preferences", ["GET", "POST"]),
    ]
