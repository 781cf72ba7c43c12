"""How the report calls things: one vocabulary for the terminal, the page and the spreadsheet."""

from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import N_, _
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report.model import GMAIL_COMPLAINT_LIMIT, GMAIL_COMPLAINT_TARGET, ComplaintLevel, OutcomeCounts
from pvd_mailer.report.numbers import format_limit, format_percent

__all__ = [
    "caveats",
    "complaint_sentence",
    "delivery_status_label",
    "enhanced_status_label",
    "event_source_label",
    "recipient_state_title",
]

_DELIVERY_STATUSES = {
    DeliveryStatus.DELIVERED: N_("delivered"),
    DeliveryStatus.BOUNCED: N_("bounced: there is no such mailbox"),
    DeliveryStatus.BLOCKED: N_("blocked: refused, but not for the address"),
    DeliveryStatus.DROPPED: N_("dropped: the provider did not try"),
    DeliveryStatus.DEFERRED: N_("deferred: the provider goes on trying"),
    DeliveryStatus.PROCESSED: N_("with the provider, nothing said since"),
    DeliveryStatus.SILENT: N_("accepted, nothing heard since"),
}
_SHORT_DELIVERY_STATUSES = {
    DeliveryStatus.DELIVERED: N_("delivered"),
    DeliveryStatus.BOUNCED: N_("bounced"),
    DeliveryStatus.BLOCKED: N_("blocked"),
    DeliveryStatus.DROPPED: N_("dropped"),
    DeliveryStatus.DEFERRED: N_("deferred"),
    DeliveryStatus.PROCESSED: N_("with the provider"),
    DeliveryStatus.SILENT: N_("nothing heard"),
}
# RFC 3463 and its registry; the class, before the first full stop, says whether it is for good.
_ENHANCED_STATUSES = {
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
    ComplaintLevel.NONE: N_("Nobody is known to have complained."),
    ComplaintLevel.LOW: N_("Complaints are under {wants}, where Gmail wants them to stay."),
    ComplaintLevel.HIGH: N_(
        "Complaints are at or above {wants}, where Gmail wants them to stay under; at {refuses} it refuses."
    ),
    ComplaintLevel.TOO_HIGH: N_(
        "Complaints are at or above {refuses}: Gmail may refuse your letters or take them for spam. Look at who is on "
        "the list, and since when."
    ),
}
_STATES = {
    RecipientState.ACCEPTED: N_("accepted by the channel"),
    RecipientState.EXCLUDED: N_("left out: they had left, or have the issue"),
    RecipientState.REFUSED: N_("refused by the channel"),
    RecipientState.UNKNOWN: N_("unknown: it may have left"),
    RecipientState.SENDING: N_("on the way to the channel"),
    RecipientState.PENDING: N_("not sent to yet"),
    RecipientState.CANCELLED: N_("called off, nothing was sent"),
}
_SOURCES = {
    "sendgrid": N_("SendGrid's webhook"),
    "sync": N_("`sync`, from SendGrid"),
    "maildir": N_("`sync`, from the mailbox"),
    "site": N_("the readers' site"),
    "office": N_("your office"),
}
_FEW = 1000


def delivery_status_label(status: DeliveryStatus, *, short: bool = False) -> str:
    """Where an accepted message stands, in words."""
    return _((_SHORT_DELIVERY_STATUSES if short else _DELIVERY_STATUSES)[status])


def recipient_state_title(state: RecipientState) -> str:
    """Where a recipient stands, as the title of a number."""
    return _(_STATES[state])


def event_source_label(name: str) -> str:
    """Who told of an event."""
    return _(_SOURCES[name]) if name in _SOURCES else name


def enhanced_status_label(code: str) -> str:
    """What a code of RFC 3463 means, in words; empty where it is none."""
    _class, _dot, detail = code.partition(".")
    if detail in _ENHANCED_STATUSES:
        return _(_ENHANCED_STATUSES[detail])
    subject = _SUBJECTS.get(detail.partition(".")[0])
    return _(subject) if subject else ""


def complaint_sentence(outcome: OutcomeCounts) -> str:
    """How the complaints stand against Gmail's limits."""
    sentences = [
        _(_LEVELS[outcome.level]).format(
            wants=format_limit(GMAIL_COMPLAINT_TARGET), refuses=format_limit(GMAIL_COMPLAINT_LIMIT)
        )
    ]
    if outcome.complaints and outcome.kept < _FEW:
        few = _("With so few recipients, a single complaint weighs {share}.")
        sentences.append(few.format(share=format_percent(1, outcome.kept)))
    return " ".join(sentences)


def caveats(outcome: OutcomeCounts) -> list[str]:
    """What the numbers do not say."""
    sentences = []
    if outcome.fates[DeliveryStatus.SILENT]:
        sentences.append(
            _(
                "Of those accepted with nothing heard since, nobody knows: they are not counted as delivered. What "
                "bounces is told by SendGrid's webhook, or by `pvd-mailer sync`."
            )
        )
    sentences.append(
        _(
            "Gmail tells nobody who complained: its own figures for your domain are in Postmaster Tools "
            "(postmaster.google.com)."
        )
    )
    sentences.append(
        _("Who opened the letter or followed a link is not known: it carries no pixel, and no link is rewritten.")
    )
    return sentences
