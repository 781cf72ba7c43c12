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

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.subscribers.importing.list_fields import ListField

__all__ = [
    "BARE_ADDRESSES",
    "CHANNELS",
    "FORMATS",
    "IGNORE",
    "JSON_TAGS",
    "OWN_EXPORT",
    "TAGS_PREFIX",
    "TAG_PREFIX",
    "ListFormat",
    "format_of",
]

TAG_PREFIX = "tag:"
TAGS_PREFIX = "tags:"
JSON_TAGS = "json"
CHANNELS = "channels"
IGNORE = "ignore"
_LABEL = TAGS_PREFIX + "label"


@dataclass(frozen=True, slots=True)
class ListFormat:
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
        bare = _without_hyphens(key)
        for index, (name, target) in enumerate(self.columns.items()):
            if fnmatchcase(bare, _without_hyphens(name)):
                return index, target
        return None


_UNSUBSCRIBED, _BOUNCED, _SUBSCRIBED = SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.SUBSCRIBED
_MAILCHIMP = {
    # One's own merge fields come before these; "Address" is where people live.
    "confirm-time": ListField.DATE,
    "optin-time": ListField.DATE,
    "tags": _LABEL,
    "unsub-time": ListField.LEFT,
    "unsub-reason": ListField.LEFT,
    "unsub-reason-other": IGNORE,
    "unsub-campaign-*": IGNORE,
    "clean-time": ListField.BOUNCED,
    "clean-campaign-*": IGNORE,
    "address": IGNORE,
    "adresse": IGNORE,
    "region": IGNORE,
    "notes": IGNORE,
}

OWN_EXPORT = ListFormat("pvd-mailer", ("email state basis date source wording",), is_complete=True)
"""Every column of our own export is known by its name alone."""

FORMATS: tuple[ListFormat, ...] = (
    OWN_EXPORT,
    ListFormat("Mailchimp", ("unsub-time", "unsub-reason unsub-campaign-title"), _MAILCHIMP, state=_UNSUBSCRIBED),
    ListFormat("Mailchimp", ("clean-time", "clean-campaign-title"), _MAILCHIMP, state=_BOUNCED),
    ListFormat(
        "Mailchimp",
        ("member-rating optin-time", "member-rating leid", "leid euid", "optin-time confirm-time"),
        _MAILCHIMP,
    ),
    ListFormat(
        "Brevo",
        (
            "email email-blacklisted",
            "email email-blocklisted",
            "email blocklisted subscribed",
            "email double-opt-in",
            "email added-time modified-time",
        ),
        {
            "email-blacklisted": ListField.OPT_OUT,
            "email-blocklisted": ListField.OPT_OUT,
            "blocklisted": CHANNELS,
            "blacklisted": CHANNELS,
            "subscribed": IGNORE,
            "double-opt-in": ListField.CONFIRMED,
            "opt-in": ListField.OPT_IN,
            "added-time": ListField.DATE,
            "sms-black*": IGNORE,
            "sms-block*": IGNORE,
            "whatsapp-*": IGNORE,
            "job-title": "tag:role",
        },
    ),
    ListFormat(
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
            "is-excluded-from-campaigns": ListField.OPT_OUT,
            "is-unsubscribed": ListField.OPT_OUT,
            "unsubscribed-at": ListField.LEFT,
            "unsubscribed-by": IGNORE,
            "exclusion-from-campaigns-updated-at": IGNORE,
            "is-spam-complaining": ListField.COMPLAINED,
            "is-opt-in-pending": ListField.PENDING,
            "is-active": IGNORE,
            "subscribed-at": ListField.DATE,
            "created-at": ListField.DATE,
        },
    ),
    ListFormat(
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
            "unsubscribed-from-all-email": ListField.OPT_OUT,
            "opted-out-of-email*": ListField.OPT_OUT,
            "desabonne-de-*": ListField.OPT_OUT,
            "email-hard-bounce-reason*": ListField.BOUNCED,
            "hard-bounce-reason*": ListField.BOUNCED,
            "raison-du-hard-bounce*": ListField.BOUNCED,
            "invalid-email-address": ListField.BOUNCED,
            "email-address-quarantined*": ListField.BOUNCED,
            "marketing-email-confirmation*": ListField.STATE,
            "marketing-emails-bounced": IGNORE,
            "unsubscribed-from-all-email-date": IGNORE,
            "lead-status": IGNORE,
            "lifecycle-stage": IGNORE,
            "create-date": ListField.DATE,
            "date-de-creation": ListField.DATE,
            "job-title": "tag:role",
            "intitule-du-poste": "tag:role",
        },
        {"double-opt-in-pending": SubscriberState.PENDING},
    ),
    ListFormat(
        "listmonk",
        ("uuid email status", "email attributes status"),
        {"attributes": JSON_TAGS, "created-at": ListField.DATE, "updated-at": IGNORE, "uuid": IGNORE},
        {"enabled": _SUBSCRIBED, "disabled": _UNSUBSCRIBED, "blocklisted": _UNSUBSCRIBED},
    ),
    ListFormat(
        "Keila",
        ("email data status",),
        {"data": JSON_TAGS, "external-id": IGNORE, "inserted-at": ListField.DATE},
        {"active": _SUBSCRIBED, "unsubscribed": _UNSUBSCRIBED, "unreachable": _BOUNCED},
    ),
    ListFormat(
        "Ghost",
        ("email subscribed-to-emails", "email complimentary-plan"),
        {
            "subscribed-to-emails": ListField.OPT_IN,
            "subscribed": ListField.OPT_IN,
            "created-at": ListField.DATE,
            "deleted-at": ListField.LEFT,
            "labels": _LABEL,
            "note": IGNORE,
        },
    ),
    ListFormat(
        "Sympa",
        ("email gecos", "email reception"),
        {
            "gecos": ListField.NAME,
            "date": ListField.DATE,
            "reception": ListField.STATE,
            "suspend": ListField.OPT_OUT,
            "bounce": ListField.BOUNCED,
            "bounce-*": IGNORE,
            "subscribed": IGNORE,
            "included": IGNORE,
        },
        {
            **dict.fromkeys(
                ("mail", "digest", "digestplain", "summary", "notice", "txt", "html", "urlize"), _SUBSCRIBED
            ),
            **dict.fromkeys(("not-me",), _SUBSCRIBED),
            "nomail": _UNSUBSCRIBED,
        },
    ),
    ListFormat(
        "Mailman",
        ("email delivery-status", "address delivery-status", "email delivery-mode", "address delivery-mode"),
        {
            "address": ListField.EMAIL,
            "delivery-status": ListField.STATE,
            "moderation-action": IGNORE,
            "subscription-mode": IGNORE,
            "bounce-score": IGNORE,
            "last-bounce-received": IGNORE,
        },
        {
            "enabled": _SUBSCRIBED,
            "unknown": _SUBSCRIBED,
            "by-user": _UNSUBSCRIBED,
            "by-moderator": _UNSUBSCRIBED,
            "by-bounces": _BOUNCED,
        },
    ),
    ListFormat(
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
            "email-address": ListField.EMAIL,
            "job-title": "tag:role",
            "titre": "tag:role",
            "categories": _LABEL,
            "department": IGNORE,
            "departement": IGNORE,
            "region": IGNORE,
            "adresse": IGNORE,
        },
    ),
    ListFormat(
        "Google Contacts",
        ("email-1-value",),
        {
            "email-1-value": ListField.EMAIL,
            "labels": _LABEL,
            "group-membership": _LABEL,
            "organization-title": "tag:role",
            "organization-1-title": "tag:role",
            "e-mail-1-label": IGNORE,
        },
    ),
)
BARE_ADDRESSES = ListFormat("", ())
"""No program's: addresses one a line, with a name or without, and no names of columns (Mailman, Sympa)."""


def format_of(keys: list[str]) -> ListFormat | None:
    """The format of a file whose columns have these names (`heading_key`); the first that fits."""
    present = {_without_hyphens(key) for key in keys}
    for list_format in FORMATS:
        if any(all(_without_hyphens(name) in present for name in names.split()) for names in list_format.known_by):
            return list_format
    return None


def _without_hyphens(key: str) -> str:
    return key.replace("-", "")
