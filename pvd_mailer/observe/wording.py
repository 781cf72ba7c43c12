"""How the report calls things: one vocabulary for the terminal, the page and the spreadsheet."""

from pvd_mailer.database.states import State
from pvd_mailer.i18n import N_, _
from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe.figures import limit, percent
from pvd_mailer.observe.report import GMAIL_REFUSES, GMAIL_WANTS, Level, Outcome

__all__ = ["complaints", "fate", "limits", "source", "state", "status"]

_FATES = {
    Fate.DELIVERED: N_("delivered"),
    Fate.BOUNCED: N_("bounced: there is no such mailbox"),
    Fate.BLOCKED: N_("blocked: refused, but not for the address"),
    Fate.DROPPED: N_("dropped: the provider did not try"),
    Fate.DEFERRED: N_("deferred: the provider goes on trying"),
    Fate.PROCESSED: N_("with the provider, nothing said since"),
    Fate.SILENT: N_("accepted, nothing heard since"),
}
_SHORT = {
    Fate.DELIVERED: N_("delivered"),
    Fate.BOUNCED: N_("bounced"),
    Fate.BLOCKED: N_("blocked"),
    Fate.DROPPED: N_("dropped"),
    Fate.DEFERRED: N_("deferred"),
    Fate.PROCESSED: N_("with the provider"),
    Fate.SILENT: N_("nothing heard"),
}
# RFC 3463 and its registry; the class, before the first full stop, says whether it is for good.
_STATUSES = {
    "1.1": N_("there is no such mailbox"),
    "1.2": N_("there is no such domain"),
    "1.3": N_("the address is not written as one"),
    "1.6": N_("the mailbox has moved"),
    "1.10": N_("the domain takes no mail"),
    "2.1": N_("the mailbox is closed"),
    "2.2": N_("the mailbox is full"),
    "2.3": N_("the message is too large for the mailbox"),
    "4.1": N_("the reader's server does not answer"),
    "4.2": N_("the connection broke"),
    "4.4": N_("no way to the reader's server"),
    "4.7": N_("tried for too long"),
    "7.1": N_("a rule of the reader's server forbids it"),
    "7.23": N_("SPF does not allow the sender"),
    "7.20": N_("no DKIM signature that holds"),
    "7.26": N_("neither SPF nor DKIM holds"),
}
_SUBJECTS = {
    "1": N_("something about the address"),
    "2": N_("something about the mailbox"),
    "3": N_("something about the reader's server"),
    "4": N_("something about the way there"),
    "5": N_("the servers do not understand each other"),
    "6": N_("something about the content"),
    "7": N_("a rule of the reader's server"),
}
_LEVELS = {
    Level.NONE: N_("Nobody is known to have complained."),
    Level.LOW: N_("Complaints are under {wants}, where Gmail wants them to stay."),
    Level.HIGH: N_(
        "Complaints are at or above {wants}, where Gmail wants them to stay under; at {refuses} it refuses."
    ),
    Level.TOO_HIGH: N_(
        "Complaints are at or above {refuses}: Gmail may refuse your letters or take them for spam. Look at who is on "
        "the list, and since when."
    ),
}
_STATES = {
    State.ACCEPTED: N_("accepted by the channel"),
    State.EXCLUDED: N_("left out: they had left, or have the issue"),
    State.REFUSED: N_("refused by the channel"),
    State.UNKNOWN: N_("unknown: it may have left"),
    State.SENDING: N_("on the way to the channel"),
    State.PENDING: N_("not sent to yet"),
    State.CANCELLED: N_("called off, nothing was sent"),
}
_SOURCES = {
    "sendgrid": N_("SendGrid's webhook"),
    "sync": N_("`sync`, from SendGrid"),
    "maildir": N_("`sync`, from the mailbox"),
    "site": N_("the readers' site"),
    "office": N_("your office"),
}
_FEW = 1000


def fate(one: Fate, *, short: bool = False) -> str:
    """Where an accepted message stands, in words."""
    return _((_SHORT if short else _FATES)[one])


def state(one: State) -> str:
    """Where a recipient stands, as the title of a number."""
    return _(_STATES[one])


def source(name: str) -> str:
    """Who told of an event."""
    return _(_SOURCES[name]) if name in _SOURCES else name


def status(code: str) -> str:
    """What a code of RFC 3463 means, in words; empty where it is none."""
    _class, _dot, detail = code.partition(".")
    if detail in _STATUSES:
        return _(_STATUSES[detail])
    subject = _SUBJECTS.get(detail.partition(".")[0])
    return _(subject) if subject else ""


def complaints(outcome: Outcome) -> str:
    """How the complaints stand against Gmail's limits."""
    said = [_(_LEVELS[outcome.level]).format(wants=limit(GMAIL_WANTS), refuses=limit(GMAIL_REFUSES))]
    if outcome.complaints and outcome.kept < _FEW:
        few = _("With so few recipients, a single complaint weighs {share}.")
        said.append(few.format(share=percent(1, outcome.kept)))
    return " ".join(said)


def limits(outcome: Outcome) -> list[str]:
    """What the numbers do not say."""
    said = []
    if outcome.fates[Fate.SILENT]:
        said.append(
            _(
                "Of those accepted with nothing heard since, nobody knows: they are not counted as delivered. What "
                "bounces is told by SendGrid's webhook, or by `pvd-mailer sync`."
            )
        )
    said.append(
        _(
            "Gmail tells nobody who complained: its own figures for your domain are in Postmaster Tools "
            "(postmaster.google.com)."
        )
    )
    said.append(
        _("Who opened the letter or followed a link is not known: it carries no pixel, and no link is rewritten.")
    )
    return said
