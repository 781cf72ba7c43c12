"""What is held on a person, in words that the person reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pvd_mailer.database.states import LegalBasis, RecipientState, SubscriberState
from pvd_mailer.i18n import N_, _, language
from pvd_mailer.issue import Publication
from pvd_mailer.render.dates import long_date
from pvd_mailer.services.readers.preferences import SOFT_BOUNCES
from pvd_mailer.services.readers.unsubscribe import SOURCE_OFFICE
from pvd_mailer.site.routes.forms import offer_fields
from pvd_mailer.subscribers.queries import Subscriber

__all__ = ["PersonalData", "describe_personal_data"]

_STATES: Final = {
    SubscriberState.PENDING: N_("You have asked to subscribe, and have not confirmed yet."),
    SubscriberState.SUBSCRIBED: N_("You are subscribed."),
    SubscriberState.UNSUBSCRIBED: N_("You have unsubscribed: nothing is sent to you."),
    SubscriberState.BOUNCED: N_("Our mails to you came back in error: nothing is sent to you any more."),
    SubscriberState.COMPLAINED: N_("You reported a letter as unwanted: nothing is sent to you any more."),
}
_BASES: Final = {
    LegalBasis.CONSENT: N_("your consent (GDPR, article 6.1.a)"),
    LegalBasis.PUBLIC_MISSION: N_("a public body's mission (GDPR, article 6.1.e)"),
    LegalBasis.NONE: N_("none: your address is kept so that nothing is sent to it"),
}
_RECIPIENT_STATES: Final = {
    RecipientState.ACCEPTED: N_("sent"),
    RecipientState.REFUSED: N_("could not be delivered"),
    RecipientState.UNKNOWN: N_("sent, perhaps"),
    RecipientState.PENDING: N_("about to be sent"),
    RecipientState.SENDING: N_("about to be sent"),
    RecipientState.EXCLUDED: N_("not sent"),
    RecipientState.CANCELLED: N_("not sent"),
}
_HISTORY: Final = {
    "imported": N_("added from a list"),
    "added": N_("added by hand"),
    "signed-up": N_("signed up"),
    "updated": N_("changed"),
    "resubscribed": N_("took the unsubscription back"),
    "unsubscribed": N_("unsubscribed"),
    "bounced": N_("mail came back in error"),
    "complained": N_("reported a letter as unwanted"),
    "pending": N_("asked to subscribe"),
}
_SOURCES: Final = {
    "maildir": N_("read in our mailbox"),
    "sendgrid": N_("told by the service that sends our letters"),
    "sync": N_("told by the service that sends our letters"),
    "send": N_("told while a letter was being sent"),
    SOFT_BOUNCES: N_("several letters in a row"),
    "restore": N_("when a backup was restored"),
    SOURCE_OFFICE: N_("by our office"),
}
_TAG_LABELS: Final = {"role": N_("Function"), "department": N_("Department"), "region": N_("Region")}
"""What an office's own columns are called; what a publication offers has the words of its question."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The parts of the page.

    Attributes:
        state: One sentence.
        facts: A name and what is known, each.
        letters: Which letter, when, and what became of it, the newest first.
        history: When, and what happened.
    """

    state: str
    facts: list[tuple[str, str]]
    letters: list[tuple[str, str, str]]
    history: list[tuple[str, str]]


def _format_day(moment: str | datetime | None) -> str:
    if moment is None:
        return ""
    date_and_time = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return long_date(date_and_time.date(), language())


def describe_personal_data(
    subscriber: Subscriber | None, report: dict[str, Any], publications: Mapping[str, Publication], own_publication: str
) -> PersonalData:
    """What `report` (the access report) says on `subscriber`, a reader of `own_publication` among `publications`."""
    letter_names = {folder: publication.letter for folder, publication in publications.items()}
    facts: list[tuple[str, str]] = []
    state = _("You are not on our list.")
    if subscriber is not None:
        state = _(_STATES[subscriber.state])
        facts = [
            (_("Address"), subscriber.address),
            (_("Name"), subscriber.name),
            *(
                (_tag_label(key, publications, own_publication), ", ".join(values))
                for key, values in report["tags"].items()
            ),
            (_("Why we may write to you"), _(_BASES[subscriber.proof.basis])),
            (_("Since"), _format_day(subscriber.proof.at)),
            (_("Where it comes from"), subscriber.proof.source),
            (_("What you were told"), subscriber.proof.wording),
        ]
    elif report["opposed_since"]:
        state = _("You had your data erased. A keyed hash of your address stays, so that no list brings you back.")
    letter_rows = [
        (
            _("{letter} no. {number}").format(
                letter=letter_names.get(line["publication"], line["publication"]), number=line["number"]
            ),
            _format_day(line["at"] or line["approved_at"]),
            _(_RECIPIENT_STATES[RecipientState(line["state"])]),
        )
        for line in reversed(report["letters"])
    ]
    history_rows = [(_format_day(line["at"]), _history_entry(line)) for line in reversed(report["history"])]
    return PersonalData(state, [(name, value) for name, value in facts if value], letter_rows, history_rows)


def _tag_label(key: str, publications: Mapping[str, Publication], own_publication: str) -> str:
    """What a tag is called: as the form asks for it, else in our words, else as the office wrote it."""
    for publication in (publications[own_publication], *publications.values()):
        for (offered_key, _name), offer in zip(offer_fields(publication), publication.offers, strict=True):
            if offered_key == key:
                return offer.label
    return _(_TAG_LABELS[key]) if key in _TAG_LABELS else key.replace("-", " ").capitalize()


def _history_entry(line: dict[str, Any]) -> str:
    label = _(_HISTORY.get(line["what"], line["what"]))
    source_key = str(line["source"])
    source = _(_SOURCES.get(source_key, source_key)) if source_key else ""  # the site's own source is one of our words
    return f"{label}, {source}" if source else label
