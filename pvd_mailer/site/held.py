"""What is held on a person, in words that the person reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pvd_mailer.audience.subscribers import Subscriber
from pvd_mailer.database.states import Basis, State, SubscriberState
from pvd_mailer.i18n import N_, _, language
from pvd_mailer.render.dates import long_date

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


def describe(one: Subscriber | None, report: dict[str, Any], letters: dict[str, str]) -> Held:
    """What `report` (the access report) says on `one`; `letters` are the publications' names by folder."""
    facts: list[tuple[str, str]] = []
    state = _("You are not on our list.")
    if one is not None:
        state = _(_STATES[one.state])
        facts = [
            (_("Address"), one.address),
            (_("Name"), one.name),
            *((key, ", ".join(values)) for key, values in report["tags"].items()),
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


def _event(line: dict[str, Any]) -> str:
    what = _(_HISTORY.get(line["what"], line["what"]))
    source = _(str(line["source"])) if line["source"] else ""  # the site's own source is one of our words
    return f"{what}, {source}" if source else what
