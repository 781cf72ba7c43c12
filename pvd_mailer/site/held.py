"""What is held on a person, in words that the person reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pvd_mailer.audience.returns import COUNTED
from pvd_mailer.audience.subscribers import Subscriber
from pvd_mailer.database.states import Basis, State, SubscriberState
from pvd_mailer.i18n import N_, _, language
from pvd_mailer.issue import Publication
from pvd_mailer.render.dates import long_date
from pvd_mailer.site.forms import offered
from pvd_mailer.workflow.leaving import OFFICE

__all__ = ["Held", "describe"]

_STATES: Final = {
    SubscriberState.PENDING: N_("You have asked to subscribe, and have not confirmed yet."),
    SubscriberState.SUBSCRIBED: N_("You are subscribed."),
    SubscriberState.UNSUBSCRIBED: N_("You have unsubscribed: nothing is sent to you."),
    SubscriberState.BOUNCED: N_("Our mails to you came back in error: nothing is sent to you any more."),
    SubscriberState.COMPLAINED: N_("You reported a letter as unwanted: nothing is sent to you any more."),
}
_BASES: Final = {
    Basis.CONSENT: N_("your consent (GDPR, article 6.1.a)"),
    Basis.PUBLIC_MISSION: N_("a public body's mission (GDPR, article 6.1.e)"),
    Basis.NONE: N_("none: your address is kept so that nothing is sent to it"),
}
_LETTERS: Final = {
    State.ACCEPTED: N_("sent"),
    State.REFUSED: N_("could not be delivered"),
    State.UNKNOWN: N_("sent, perhaps"),
    State.PENDING: N_("about to be sent"),
    State.SENDING: N_("about to be sent"),
    State.EXCLUDED: N_("not sent"),
    State.CANCELLED: N_("not sent"),
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
    COUNTED: N_("several letters in a row"),
    "restore": N_("when a backup was restored"),
    OFFICE: N_("by our office"),
}
_KEYS: Final = {"role": N_("Function"), "department": N_("Department"), "region": N_("Region")}
"""What an office's own columns are called; what a publication offers has the words of its question."""


@dataclass(frozen=True, slots=True)
class Held:
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


def _day(moment: str | datetime | None) -> str:
    if moment is None:
        return ""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return long_date(found.date(), language())


def describe(one: Subscriber | None, report: dict[str, Any], faces: Mapping[str, Publication], own: str) -> Held:
    """What `report` (the access report) says on `one`, who is spoken to by `own` of the publications `faces`."""
    letters = {name: face.letter for name, face in faces.items()}
    facts: list[tuple[str, str]] = []
    state = _("You are not on our list.")
    if one is not None:
        state = _(_STATES[one.state])
        facts = [
            (_("Address"), one.address),
            (_("Name"), one.name),
            *((_title(key, faces, own), ", ".join(values)) for key, values in report["tags"].items()),
            (_("Why we may write to you"), _(_BASES[one.proof.basis])),
            (_("Since"), _day(one.proof.at)),
            (_("Where it comes from"), one.proof.source),
            (_("What you were told"), one.proof.wording),
        ]
    elif report["opposed_since"]:
        state = _("You had your data erased. A keyed hash of your address stays, so that no list brings you back.")
    named = [
        (
            _("{letter} no. {number}").format(
                letter=letters.get(line["publication"], line["publication"]), number=line["number"]
            ),
            _day(line["at"] or line["approved_at"]),
            _(_LETTERS[State(line["state"])]),
        )
        for line in reversed(report["letters"])
    ]
    happened = [(_day(line["at"]), _event(line)) for line in reversed(report["history"])]
    return Held(state, [(name, said) for name, said in facts if said], named, happened)


def _title(key: str, faces: Mapping[str, Publication], own: str) -> str:
    """What a tag is called: as the form asks for it, else in our words, else as the office wrote it."""
    for face in (faces[own], *faces.values()):
        for (offered_key, _name), offer in zip(offered(face), face.offers, strict=True):
            if offered_key == key:
                return offer.label
    return _(_KEYS[key]) if key in _KEYS else key.replace("-", " ").capitalize()


def _event(line: dict[str, Any]) -> str:
    what = _(_HISTORY.get(line["what"], line["what"]))
    said = str(line["source"])
    source = _(_SOURCES.get(said, said)) if said else ""  # the site's own source is one of our words
    return f"{what}, {source}" if source else what
