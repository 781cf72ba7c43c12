"""How the states of a send are called, and what to do about them: one vocabulary for every command."""

from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.i18n import N_, NN_, _, ngettext
from pvd_mailer.send.channels import FailureCause

__all__ = [
    "advice_for_cause",
    "cause_label",
    "dispatch_state_label",
    "log_entry_label",
    "new_database_notice",
    "printable_name",
    "reason_label",
    "recipient_state_label",
]

_RECIPIENTS = {
    RecipientState.PENDING: NN_("still to send", "still to send"),
    RecipientState.SENDING: NN_("in flight", "in flight"),
    RecipientState.ACCEPTED: NN_("accepted", "accepted"),
    RecipientState.EXCLUDED: NN_("left out", "left out"),
    RecipientState.REFUSED: NN_("refused", "refused"),
    RecipientState.UNKNOWN: NN_("unknown", "unknown"),
    RecipientState.CANCELLED: NN_("called off, nothing sent", "called off, nothing sent"),
}
_DISPATCHES = {
    DispatchState.APPROVED: N_("approved, not begun"),
    DispatchState.VOID: N_("void"),
    DispatchState.RUNNING: N_("begun"),
    DispatchState.PAUSED: N_("paused"),
    DispatchState.FINISHED: N_("finished"),
    DispatchState.CANCELLED: N_("cancelled"),
}
_CAUSES = {
    FailureCause.ADDRESS: N_("the address is refused"),
    FailureCause.MESSAGE: N_("the letter or the sender is refused"),
    FailureCause.BUSY: N_("not now: a full mailbox, or a server that asks to come back"),
    FailureCause.LOGIN: N_("the key or the password is not accepted"),
    FailureCause.UNREACHABLE: N_("the provider cannot be reached"),
    FailureCause.THROTTLED: N_("the provider asks to wait"),
    FailureCause.DISK: N_("this machine could not write"),
    FailureCause.NO_ANSWER: N_("it went out, and no answer came"),
    FailureCause.CUT: N_("the connection broke on the way"),
    FailureCause.SERVER_FAULT: N_("the provider had a fault of its own"),
    FailureCause.UNCLEAR: N_("the answer means neither yes nor no"),
    FailureCause.INTERRUPTED: N_("the send was interrupted"),
    FailureCause.KILLED: N_("the send was stopped before the answer came"),
    FailureCause.RESTORED: N_("the database is from before: a backup or an older copy"),
    "by-hand": N_("by hand"),
    "lock-lost": N_("the connection to the database was lost"),
    "lost": N_("may have this issue by a dispatch that sent.json alone knows"),
    "already": N_("has this issue, or is about to get it by another dispatch"),
    "forgotten": N_("is on no list any more"),
    "unsubscribed": N_("has unsubscribed"),
    "bounced": N_("mail to them comes back"),
    "complained": N_("has complained"),
    "pending": N_("has not confirmed the subscription"),
}
_ADVICE = {
    FailureCause.INTERRUPTED: N_(
        "The messages had gone out, and their answer was not waited for. Look for them in the provider's activity "
        "list. There: --assume accepted. Not there an hour later: --resend."
    ),
    FailureCause.KILLED: N_(
        "The calls had gone out; a provider that works has most often taken them. Look at its activity list for that "
        "minute; if you cannot tell, a letter missed is milder than a letter twice: --assume accepted."
    ),
    FailureCause.NO_ANSWER: N_(
        "Look for these messages in the provider's activity list. There: --assume accepted. Not there an hour later: "
        "--resend."
    ),
    FailureCause.CUT: N_(
        "Look for these messages in the provider's activity list. There: --assume accepted. Not there an hour later: "
        "--resend."
    ),
    FailureCause.SERVER_FAULT: N_(
        "A provider that answers so has most often taken nothing. Look at its status page and activity list; if the "
        "messages are not there an hour later: --resend."
    ),
    FailureCause.UNCLEAR: N_(
        "Something stands between you and the provider (a proxy, a wrong address). Set that right first, then look at "
        "the provider's activity list."
    ),
    FailureCause.RESTORED: N_(
        "They may have been written to after the backup or the copy was made. Look at the provider's activity list "
        "since then; only if nothing was sent: --resend."
    ),
}
_EVENTS = {
    "approved": N_("approved"),
    "scheduled": N_("set for a moment"),
    "unscheduled": N_("no longer set for a moment"),
    "sending": N_("begun, or gone on with"),
    "paused": N_("paused"),
    "finished": N_("finished"),
    "cancelled": N_("cancelled"),
    "void": N_("void"),
    "retry-refused": N_("refused recipients to be tried again"),
    "assume-accepted": N_("unknown recipients taken as having the letter"),
    "resend-unknown": N_("unknown recipients to be sent to again"),
    "reconciled": N_("reconciled with sent.json; recipients unknown since"),
    "settled-by-events": N_("recipients who have the letter, as what came back shows"),
}


def printable_name(name: str) -> str:
    """The name of whoever says so, on one line, cut to 100 characters; empty where nothing of it can be read."""
    return " ".join("".join(character for character in name if character.isprintable()).split())[:100]


def recipient_state_label(state: RecipientState, count: int) -> str:
    """Where `count` recipients stand, in words that go after the number."""
    return ngettext(*_RECIPIENTS[state], count)


def dispatch_state_label(state: DispatchState) -> str:
    """Where a dispatch stands, in words."""
    return _(_DISPATCHES[state])


def cause_label(name: str) -> str:
    """Why, in words; the name itself where there are none."""
    labels = {str(key): label for key, label in _CAUSES.items()}
    return _(labels[name]) if name in labels else name


def reason_label(reason: str) -> str:
    """A reason as the journal keeps it, `cause: the provider's words`, with the cause in ours."""
    name, colon, detail = reason.partition(": ")
    return f"{cause_label(name)}{_(': ')}{detail}" if colon else cause_label(reason)


def advice_for_cause(name: str) -> str:
    """What to do about the unknown of that cause; empty where there is nothing to say."""
    advice_by_cause = {str(key): advice for key, advice in _ADVICE.items()}
    return _(advice_by_cause[name]) if name in advice_by_cause else ""


def log_entry_label(name: str, detail: str = "") -> str:
    """What happened to a dispatch, in words; the `detail` of a start is the sender's own mark, and not for people."""
    text = _(_EVENTS[name]) if name in _EVENTS else name
    return f"{text}{_(': ')}{reason_label(detail)}" if detail and name != "sending" else text


def new_database_notice(address: str) -> str:
    """What is said of a database that holds nothing yet; `address` is its address."""
    text = _("0 subscribers, no dispatch: a new database at {file}. If you expected another, see PVD_DATABASE_URL.")
    return text.format(file=address)
