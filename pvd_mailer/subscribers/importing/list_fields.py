"""What a column's name says that the column holds, in French or English, whatever program wrote it.

What one program alone means by a name is in `formats`.
"""

import re
from enum import StrEnum
from functools import lru_cache

from pvd_mailer.subscribers.tags import tag_key

__all__ = [
    "KNOWN_TAGS",
    "ListField",
    "heading_key",
    "known_field",
    "looks_like_consent",
    "looks_like_unsubscribe",
    "may_hold_addresses",
    "may_list_unsubscribed",
]


class ListField(StrEnum):
    """What a column can hold, beside tags."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NAME = "name"
    """First and last name in one; taken where neither has a column of its own."""
    BASIS = "basis"
    DATE = "date"
    """When consent was given, or the person informed."""
    SOURCE = "source"
    WORDING = "wording"
    STATE = "state"
    """Where somebody stands, in a word."""
    OPT_OUT = "opt-out"
    """A yes, or a date, is somebody who left."""
    LEFT = "left"
    """Whatever is written there, its row is somebody who left; a date is when."""
    OPT_IN = "opt-in"
    """A no is somebody who left."""
    BOUNCED = "bounced"
    """A yes, a date or a reason is an address that mail comes back from."""
    COMPLAINED = "complained"
    CONFIRMED = "confirmed"
    """A no is somebody who asked to subscribe, and has not confirmed."""
    PENDING = "pending"
    """A yes is."""
    CREATED = "created_at"
    """Of our own export, as the two below: since when somebody is known."""
    CHANGED = "changed_at"
    LAST_CONTACT = "last_contact_at"


KNOWN_TAGS = ("role", "department", "region")
"""The tags whose columns are known by their name alone."""
_NAMES = {
    # Lower case, no accents, hyphens for blanks; hyphens do not count (e-mail, email).
    ListField.EMAIL: """email mail courriel mel adresse-email adresse-mail adresse-courriel adresse-mel
        adresse-electronique
        adresse-de-courriel adresse-de-messagerie adresse-de-messagerie-electronique courrier-electronique
        courriel-professionnel mail-professionnel email-professionnel email-address mail-address
        address-email""",
    ListField.FIRST_NAME: "first-name given-name prenom prenoms",
    ListField.LAST_NAME: "last-name surname family-name nom nom-de-famille nom-d-usage",
    ListField.NAME: """name full-name nom-complet nom-et-prenom nom-prenom prenom-nom prenom-et-nom nom-et-prenoms
        display-name""",
    ListField.BASIS: "basis legal-basis base-legale base fondement",
    ListField.DATE: """date consent-date proof-date date-du-consentement date-de-consentement date-consentement
        date-d-accord date-accord date-de-l-accord date-d-inscription date-inscription date-d-abonnement
        date-abonnement inscrit-le abonne-le date-d-information date-de-recueil optin-date date-optin
        opt-in-time subscribed-at subscription-date date-subscribed""",
    ListField.SOURCE: "source proof-source origine provenance",
    ListField.WORDING: "wording mention formulation libelle mention-d-information texte-du-consentement",
    ListField.STATE: """state status statut etat subscription-status subscriber-status subscription-state email-status
        marketing-status email-marketing-status contact-status statut-abonnement statut-de-l-abonnement
        statut-d-abonnement etat-abonnement etat-de-l-abonnement statut-email statut-du-contact
        statut-inscription statut-d-inscription""",
    ListField.OPT_OUT: """opt-out opted-out has-opted-out email-opt-out has-opted-out-of-email unsubscribed
        is-unsubscribed
        unsubscribed-from-all-email unsubscribed-from-all-emails desabonne desabonnee desabonnement
        desinscrit desinscrite desinscription desabonne-de-tous-les-emails desinscrit-de-tous-les-emails
        blacklisted blocklisted blacklist blocklist is-blacklisted is-blocklisted email-blacklisted
        email-blocklisted liste-noire excluded is-excluded exclu exclue do-not-email do-not-contact
        do-not-mail ne-pas-contacter ne-plus-contacter ne-pas-ecrire ne-plus-ecrire opposition oppose
        suppressed""",
    ListField.LEFT: """unsubscribed-at unsubscribed-on unsubscribe-date unsubscribed-date unsubscribe-time unsub-time
        unsub-date date-unsubscribed unsub-reason unsubscribe-reason opt-out-date opt-out-time date-opt-out
        date-de-desinscription date-desinscription date-de-desabonnement date-desabonnement
        date-du-desabonnement desinscrit-le desabonne-le date-d-opposition date-opposition
        motif-de-desinscription motif-desinscription motif-de-desabonnement deleted-at""",
    ListField.OPT_IN: """opt-in opted-in email-opt-in newsletter-opt-in subscribed is-subscribed subscribed-to-emails
        subscribed-to-newsletter abonne abonnee inscrit inscrite accepts-marketing accepts-email-marketing
        email-consent consent consentement accord newsletter infolettre accepte-la-newsletter""",
    ListField.BOUNCED: """bounced bounce hard-bounce hard-bounced email-bounced is-bounced bounce-reason bounced-at
        bounce-date hard-bounce-reason email-hard-bounce-reason npai rebond clean-time cleaned""",
    ListField.COMPLAINED: """complained complaint spam-complaint marked-as-spam is-spam-complaining plainte spam
        complained-at complaint-date abuse""",
    ListField.CONFIRMED: "confirmed is-confirmed confirme confirmee double-opt-in double-optin",
    ListField.PENDING: "is-opt-in-pending optin-pending",
    ListField.CREATED: "created-at",
    ListField.CHANGED: "changed-at",
    ListField.LAST_CONTACT: "last-contact-at",
}
_BY_NAME = {name.replace("-", ""): field for field, names in _NAMES.items() for name in names.split()}
_MAYBE_ADDRESSES = frozenset({"adresse", "address", "adresses", "contact"})
"""Addresses, or where people live: what stands below decides."""
_UNSUBSCRIBE = re.compile(
    r"unsub|desab|desinsc|opt(ed)?-?out|black-?list|block-?list|liste-(noire|rouge|d-exclusion)|bounc|rebond|\bnpai\b|"
    r"complain|plainte|\bspam|suppress|\bexclu|\boppos|do-?not|\bne-(pas|plus)|\brefus|\bstop\b|resili|\bradi|"
    r"indesirable|undeliver|\binvalid|non-valide|bloqu|blocage|\bblocked|desactiv|deactivat|disabled|\binacti[fv]|suspend|"
    r"quarantain|quarantine|\bsupprim|\bdeleted|no-?mail|^delivery$|pas-de-(mail|e-?mail|courriel|message|lettre)|"
    r"\bpartie?\b|\bsortie?\b|erreur|\berror"
)
_CONSENT = re.compile(
    r"opt(ed)?-?in|consent|accord|accept|souhait|newsletter|infolettre|abonn|subscri|inscri|rgpd|gdpr|\bacti(f|ve)\b|"
    r"enabled|\bvalide?\b|recevoir|recoit|\benvoi|diffusion|mailing|marketing|permission"
)
_NOTE = re.compile(r"(?i)\s*\((obligatoire|facultati[fv]e?|optionnel(le)?|requis(e)?|required|optional|\*)\)\s*$")


@lru_cache(4096)
def heading_key(name: str) -> str:
    """`name` as columns are compared: folded, without what a form puts behind it (`Email *`, `Mél.`, `Nom :`)."""
    return tag_key(_NOTE.sub("", name.replace("\n", " ")).strip().rstrip("*.:? \u00a0"))


def known_field(key: str) -> ListField | None:
    """What a column with that name (`heading_key`) holds."""
    return _BY_NAME.get(key.replace("-", ""))


def may_hold_addresses(name: str) -> bool:
    """Whether a column named so holds addresses, or may."""
    key = heading_key(name)
    return known_field(key) is ListField.EMAIL or key in _MAYBE_ADDRESSES


def looks_like_unsubscribe(key: str) -> bool:
    """Whether a column with that name may say who left, whose mail comes back, or who complained."""
    return _UNSUBSCRIBE.search(key) is not None


def looks_like_consent(key: str) -> bool:
    """Whether a column with that name may say who agreed, and so by a no who did not."""
    return _CONSENT.search(key) is not None


def may_list_unsubscribed(file: str) -> bool:
    """Whether a file with that name, without its ending, may be a list of people who left."""
    key = tag_key(re.sub(r"[_.\d]+", "-", file))
    return looks_like_unsubscribe(key) or re.search(r"\b(cleaned|non-?subscribed)\b", key) is not None
