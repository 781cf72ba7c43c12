"""The lists that other programs write, known by their columns. To add one, add an entry to FORMATS; nothing else.

An entry names what the program alone means by a column. Columns that it does not name are known as in any list
(`headings`): `First Name` needs no entry. Names are written as `heading_key` folds them; hyphens do not count, and `*`
stands for anything. What a column holds is written as `--map` takes it:

- a `Field`; several columns may hold a date: the first that is filled counts, in the order of the entry;
- `tag:KEY`, where several values stand between `|`; `tags:KEY`, between commas or semicolons; `json`, an object whose
  entries are tags;
- `channels`, the ways of writing to somebody that are blocked: `email` among them is an opt-out;
- `ignore`: it says nothing of whether somebody may be written to, and is not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pvd_mailer.audience.headings import Field
from pvd_mailer.database.states import SubscriberState

__all__ = ["ADDRESSES", "CHANNELS", "FORMATS", "IGNORE", "JSON", "OWN", "TAG", "TAGS", "Format", "format_of"]

TAG = "tag:"
TAGS = "tags:"
JSON = "json"
CHANNELS = "channels"
IGNORE = "ignore"
_LABEL = TAGS + "label"


@dataclass(frozen=True, slots=True)
class Format:
    """How one program writes its list.

    Attributes:
        name: The program, as its makers write it.
        known_by: Sets of names of columns; where all of one set are there, the file is taken for this format.
        columns: Name of a column -> what it holds.
        words: Words in its column of states that no other program uses so, or means otherwise.
        state: Where everybody in such a file stands, whatever the columns say.
        is_complete: Whether it holds all that we know of somebody, so that those who left keep their names, too.
    """

    name: str
    known_by: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, SubscriberState] = field(default_factory=dict)
    state: SubscriberState | None = None
    is_complete: bool = False

    def target(self, key: str) -> tuple[int, str] | None:
        """The place among `columns`, and what it holds, of a column with that name; None where it is not named."""
        bare = _bare(key)
        for at, (name, target) in enumerate(self.columns.items()):
            if fnmatchcase(bare, _bare(name)):
                return at, target
        return None


_LEFT, _GONE, _HERE = SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.SUBSCRIBED
_MAILCHIMP = {
    # One's own merge fields come before these; "Address" is where people live.
    "confirm-time": Field.DATE,
    "optin-time": Field.DATE,
    "tags": _LABEL,
    "unsub-time": Field.LEFT,
    "unsub-reason": Field.LEFT,
    "unsub-reason-other": IGNORE,
    "unsub-campaign-*": IGNORE,
    "clean-time": Field.BOUNCED,
    "clean-campaign-*": IGNORE,
    "address": IGNORE,
    "adresse": IGNORE,
    "region": IGNORE,
    "notes": IGNORE,
}

OWN = Format("pvd-mailer", ("email state basis date source wording",), is_complete=True)
"""Every column of our own export is known by its name alone."""

FORMATS: tuple[Format, ...] = (
    OWN,
    Format("Mailchimp", ("unsub-time", "unsub-reason unsub-campaign-title"), _MAILCHIMP, state=_LEFT),
    Format("Mailchimp", ("clean-time", "clean-campaign-title"), _MAILCHIMP, state=_GONE),
    Format(
        "Mailchimp",
        ("member-rating optin-time", "member-rating leid", "leid euid", "optin-time confirm-time"),
        _MAILCHIMP,
    ),
    Format(
        "Brevo",
        (
            "email email-blacklisted",
            "email email-blocklisted",
            "email blocklisted subscribed",
            "email double-opt-in",
            "email added-time modified-time",
        ),
        {
            "email-blacklisted": Field.OPT_OUT,
            "email-blocklisted": Field.OPT_OUT,
            "blocklisted": CHANNELS,
            "blacklisted": CHANNELS,
            "subscribed": IGNORE,
            "double-opt-in": Field.CONFIRMED,
            "opt-in": Field.OPT_IN,
            "added-time": Field.DATE,
            "sms-black*": IGNORE,
            "sms-block*": IGNORE,
            "whatsapp-*": IGNORE,
            "job-title": "tag:role",
        },
    ),
    Format(
        "Mailjet",
        (
            "email is-excluded-from-campaigns",
            "email is-unsubscribed",
            "email is-opt-in-pending",
            "email is-spam-complaining",
            "email exclusion-from-campaigns-updated-at",
            "email list-recipient-id",
        ),
        {
            "is-excluded-from-campaigns": Field.OPT_OUT,
            "is-unsubscribed": Field.OPT_OUT,
            "unsubscribed-at": Field.LEFT,
            "unsubscribed-by": IGNORE,
            "exclusion-from-campaigns-updated-at": IGNORE,
            "is-spam-complaining": Field.COMPLAINED,
            "is-opt-in-pending": Field.PENDING,
            "is-active": IGNORE,
            "subscribed-at": Field.DATE,
            "created-at": Field.DATE,
        },
    ),
    Format(
        "HubSpot",
        (
            "record-id email",
            "record-id-contact email",
            "contact-id email lifecycle-stage",
            "email unsubscribed-from-all-email",
            "email email-hard-bounce-reason",
            "id-de-fiche-d-informations email",
            "id-de-l-enregistrement email",
        ),
        {
            "unsubscribed-from-all-email": Field.OPT_OUT,
            "opted-out-of-email*": Field.OPT_OUT,
            "desabonne-de-*": Field.OPT_OUT,
            "email-hard-bounce-reason*": Field.BOUNCED,
            "hard-bounce-reason*": Field.BOUNCED,
            "raison-du-hard-bounce*": Field.BOUNCED,
            "invalid-email-address": Field.BOUNCED,
            "email-address-quarantined*": Field.BOUNCED,
            "marketing-email-confirmation*": Field.STATE,
            "marketing-emails-bounced": IGNORE,
            "unsubscribed-from-all-email-date": IGNORE,
            "lead-status": IGNORE,
            "lifecycle-stage": IGNORE,
            "create-date": Field.DATE,
            "date-de-creation": Field.DATE,
            "job-title": "tag:role",
            "intitule-du-poste": "tag:role",
        },
        {"double-opt-in-pending": SubscriberState.PENDING},
    ),
    Format(
        "listmonk",
        ("uuid email status", "email attributes status"),
        {"attributes": JSON, "created-at": Field.DATE, "updated-at": IGNORE, "uuid": IGNORE},
        {"enabled": _HERE, "disabled": _LEFT, "blocklisted": _LEFT},
    ),
    Format(
        "Keila",
        ("email data status",),
        {"data": JSON, "external-id": IGNORE, "inserted-at": Field.DATE},
        {"active": _HERE, "unsubscribed": _LEFT, "unreachable": _GONE},
    ),
    Format(
        "Ghost",
        ("email subscribed-to-emails", "email complimentary-plan"),
        {
            "subscribed-to-emails": Field.OPT_IN,
            "subscribed": Field.OPT_IN,
            "created-at": Field.DATE,
            "deleted-at": Field.LEFT,
            "labels": _LABEL,
            "note": IGNORE,
        },
    ),
    Format(
        "Sympa",
        ("email gecos", "email reception"),
        {
            "gecos": Field.NAME,
            "date": Field.DATE,
            "reception": Field.STATE,
            "suspend": Field.OPT_OUT,
            "bounce": Field.BOUNCED,
            "bounce-*": IGNORE,
            "subscribed": IGNORE,
            "included": IGNORE,
        },
        {
            **dict.fromkeys(("mail", "digest", "digestplain", "summary", "notice", "txt", "html", "urlize"), _HERE),
            **dict.fromkeys(("not-me",), _HERE),
            "nomail": _LEFT,
        },
    ),
    Format(
        "Mailman",
        ("email delivery-status", "address delivery-status", "email delivery-mode", "address delivery-mode"),
        {
            "address": Field.EMAIL,
            "delivery-status": Field.STATE,
            "moderation-action": IGNORE,
            "subscription-mode": IGNORE,
            "bounce-score": IGNORE,
            "last-bounce-received": IGNORE,
        },
        {
            "enabled": _HERE,
            "unknown": _HERE,
            "by-user": _LEFT,
            "by-moderator": _LEFT,
            "by-bounces": _GONE,
        },
    ),
    Format(
        "Outlook",
        (
            "email-address email-display-name",
            "email-address email-2-address",
            "email-address email-type",
            "adresse-de-messagerie adresse-de-messagerie-2",
            "adresse-de-messagerie type-de-messagerie",
            "adresse-email adresse-email-2",
        ),
        {
            "email-address": Field.EMAIL,
            "job-title": "tag:role",
            "titre": "tag:role",
            "categories": _LABEL,
            "department": IGNORE,
            "departement": IGNORE,
            "region": IGNORE,
            "adresse": IGNORE,
        },
    ),
    Format(
        "Google Contacts",
        ("email-1-value",),
        {
            "email-1-value": Field.EMAIL,
            "labels": _LABEL,
            "group-membership": _LABEL,
            "organization-title": "tag:role",
            "organization-1-title": "tag:role",
            "e-mail-1-label": IGNORE,
        },
    ),
)
ADDRESSES = Format("", ())
"""No program's: addresses one a line, with a name or without, and no names of columns (Mailman, Sympa)."""


def format_of(keys: list[str]) -> Format | None:
    """The format of a file whose columns have these names (`heading_key`); the first that fits."""
    there = {_bare(key) for key in keys}
    for one in FORMATS:
        if any(all(_bare(name) in there for name in names.split()) for names in one.known_by):
            return one
    return None


def _bare(key: str) -> str:
    return key.replace("-", "")
