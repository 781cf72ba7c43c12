"""The mails of the readers' site: one person, one button, nothing in them that whoever asked had written."""

from pvd_mailer.database.states import RequestKind
from pvd_mailer.i18n import _, set_language
from pvd_mailer.letter import Letter
from pvd_mailer.render.transactional import MailButton, TransactionalMail, render_transactional
from pvd_mailer.services.readers.subscribe import SignupRequest
from pvd_mailer.site.state import Site
from pvd_mailer.tokens import Purpose, sign_timed_token

__all__ = ["build_email"]


def build_email(site: Site, request: SignupRequest, *, is_subscribed: bool) -> Letter:
    """The mail that answers `request`, in its language.

    Raises:
        BlockedError: a template is at fault.
    """
    set_language(request.lang)
    publication = site.publications[request.publication]
    if request.kind is RequestKind.PREFERENCES:
        note = _preferences(site, request)
    elif is_subscribed:
        note = _already(site, request)
    else:
        note = _confirm(site, request)
    return render_transactional(note, publication, site.context.workspace.templates / request.publication, request.lang)


def _url(site: Site, request: SignupRequest, purpose: Purpose) -> str:
    prefix = {Purpose.CONFIRM: "c", Purpose.PREFERENCES: "p"}[purpose]
    token = sign_timed_token(site.keys, purpose, request.ref, request.expires_at)
    lang = "" if request.lang == site.publications[request.publication].lang else f"?lang={request.lang}"
    return f"{site.public_url}/{prefix}/{token}{lang}"


def _letter_title(site: Site, request: SignupRequest) -> str:
    publication = site.publications[request.publication]
    return _("“{letter}” of {publication}").format(letter=publication.letter, publication=publication.name)


def _confirm(site: Site, request: SignupRequest) -> TransactionalMail:
    return TransactionalMail(
        title=_("Please confirm your subscription"),
        preheader=_("One button, and the next letter is yours."),
        before=(
            _("You have asked to receive {letter}. Press the button to confirm it.").format(
                letter=_letter_title(site, request)
            ),
        ),
        button=MailButton(_("Confirm my subscription"), _url(site, request, Purpose.CONFIRM)),
        after=(
            _("The button works for seven days. Until you press it, no letter is sent to you."),
            _("You have asked for nothing? Then do nothing: this address will be erased within seven days."),
        ),
        why=_("You get this mail because somebody wrote this address into our form."),
    )


def _already(site: Site, request: SignupRequest) -> TransactionalMail:
    return TransactionalMail(
        title=_("You are subscribed already"),
        preheader=_("There is nothing more to do."),
        before=(
            _("You have asked to receive {letter}. You are on the list already: there is nothing to do.").format(
                letter=_letter_title(site, request)
            ),
        ),
        button=MailButton(_("See my data and preferences"), _url(site, request, Purpose.PREFERENCES)),
        after=(
            _("On that page you can change your name and your interests, see what we hold on you, or leave."),
            _("The button works for 24 hours. Do not pass this mail on: whoever has it can see that page."),
            _("You have asked for nothing? Then do nothing: nothing changes."),
        ),
        why=_("You get this mail because somebody wrote this address into our form."),
    )


def _preferences(site: Site, request: SignupRequest) -> TransactionalMail:
    return TransactionalMail(
        title=_("Your data and preferences"),
        preheader=_("The link that you asked for."),
        before=(_("This button leads to your own page: what we hold on you, your name, your interests."),),
        button=MailButton(_("See my data and preferences"), _url(site, request, Purpose.PREFERENCES)),
        after=(
            _("The button works for 24 hours. Do not pass this mail on: whoever has it can see that page."),
            _("You have asked for nothing? Then do nothing: nothing changes."),
        ),
        why=_("You get this mail because somebody asked for the page of this address."),
    )
