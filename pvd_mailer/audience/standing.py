"""What a row says of where somebody stands: in a word, by a yes or a no, or by what is filled in.

Of what several columns say, the gravest counts, as everywhere (`returns.LADDER`). What is not understood is never taken
for a yes or a no: whoever asks is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pvd_mailer.audience.formats import CHANNELS
from pvd_mailer.audience.headings import Field
from pvd_mailer.audience.tags import tag_key
from pvd_mailer.database.states import SubscriberState

__all__ = ["LADDER", "LEFT_STATES", "Signal", "Unclear", "means_leaving", "read_signal", "says_no", "state_named"]

LADDER = (
    SubscriberState.SUBSCRIBED,
    SubscriberState.PENDING,
    SubscriberState.BOUNCED,
    SubscriberState.UNSUBSCRIBED,
    SubscriberState.COMPLAINED,
)
"""The further down, the graver."""
LEFT_STATES = (SubscriberState.BOUNCED, SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)
_WORDS = {
    SubscriberState.SUBSCRIBED: """subscribed subscriber active enabled confirmed valid inscrit abonne actif valide
        confirme ok""",
    SubscriberState.PENDING: """pending unconfirmed unverified not-confirmed non-confirme a-confirmer en-attente
        en-attente-de-confirmation optin-pending waiting""",
    SubscriberState.BOUNCED: """bounced bounce hard-bounce hard-bounced hardbounce hardbounced soft-bounced cleaned
        unreachable invalid undeliverable npai rebond en-rebond invalide adresse-invalide injoignable nettoye
        en-erreur""",
    SubscriberState.UNSUBSCRIBED: """unsubscribed unsubscribe unsub opted-out opt-out optout blocklisted blacklisted
        blocked suppressed excluded removed desabonne desinscrit desinscription desabonnement bloque exclu resilie
        oppose opposition liste-noire refus refuse ne-pas-contacter ne-plus-contacter ne-pas-ecrire ne-plus-ecrire""",
    SubscriberState.COMPLAINED: """complained complaint spam spam-complaint spam-reported marked-as-spam abuse junk
        plainte plaignant signale-comme-spam signale-comme-indesirable indesirable""",
}
_ENDINGS = ("", "e", "s", "es", "-e", "-es", "-e-s", "(e)", "(e)s", "(es)")
"""abonné, abonnée, abonnés, abonné·e, abonné(e) …"""
_MOST = 2000
"""Characters of a remark that are looked at."""
_REMARK = re.compile(
    r"\bdesabonne|\bdesinscri|\bunsubscribe|\bopt(ed)?-?out\b|\bne-(veut|souhaite|desire)(nt)?-(plus|pas)\b|"
    r"\bne-(plus|pas)-(lui-|l-|leur-)?(envoyer|ecrire|contacter)|\ba-(retirer|supprimer|enlever|desabonner)\b|"
    r"\bstop-(mail|email|pub)|^stop$"
)
_STATES = {f"{word}{end}": state for state, words in _WORDS.items() for word in words.split() for end in _ENDINGS}
_YES = frozenset(["yes", "y", "true", "vrai", "1", "oui", "o", "x", "on", "checked", "coche"])
_NO = frozenset(
    ["no", "n", "false", "faux", "0", "non", "off", "none", "null", "never", "jamais", "aucun", "aucune", "nan", "na"]
)
_COMPLAINT = ("spam", "abuse", "plainte", "complain")


class Unclear(Exception):  # noqa: N818 - it is no error: a person is asked
    """What is written there is not understood."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A column that may say that somebody is not to be written to.

    Attributes:
        at: Where it is in a row, counted from 0.
        name: As the file names it.
        kind: A `Field`, or `formats.CHANNELS`.
        words: What words mean in this file, folded; they win over the known ones.
    """

    at: int
    name: str
    kind: str
    words: Mapping[str, SubscriberState] = field(hash=False)


@lru_cache(4096)
def state_named(word: str) -> SubscriberState | None:
    """The state that `word` names, in French or English, in any gender and number; None where it names none."""
    return _STATES.get(tag_key(word))


@lru_cache(65536)
def means_leaving(cell: str) -> bool:
    """Whether a cell says that somebody left, bounced or complained: by a word alone, or in a remark."""
    if len(cell) < 40 and state_named(cell) in LEFT_STATES:  # noqa: PLR2004 - no such word is longer
        return True
    return _REMARK.search(tag_key(cell[:_MOST])) is not None


def says_no(cell: str) -> bool:
    """Whether a cell is a plain no."""
    return tag_key(cell) in _NO


def read_signal(signal: Signal, cell: str, *, is_date: bool) -> SubscriberState:
    """Where somebody stands by what `cell` says in that column.

    Args:
        signal: The column.
        cell: What is written, on one line.
        is_date: Whether that can be read as a date.

    Raises:
        Unclear: that is not understood.
    """
    word = tag_key(cell)
    if not word:
        return SubscriberState.SUBSCRIBED
    if word in signal.words:
        return signal.words[word]
    if signal.kind == CHANNELS:
        return SubscriberState.UNSUBSCRIBED if "email" in word.replace("-", "") else SubscriberState.SUBSCRIBED
    if signal.kind == Field.STATE:
        named = state_named(cell)
        if named is None:
            raise Unclear
        return named
    says = True if word in _YES or is_date else False if word in _NO else None
    return _by_answer(Field(signal.kind), says, word)


_IF_YES = {
    Field.OPT_OUT: SubscriberState.UNSUBSCRIBED,
    Field.LEFT: SubscriberState.UNSUBSCRIBED,
    Field.BOUNCED: SubscriberState.BOUNCED,
    Field.COMPLAINED: SubscriberState.COMPLAINED,
    Field.PENDING: SubscriberState.PENDING,
}
_IF_NO = {Field.OPT_IN: SubscriberState.UNSUBSCRIBED, Field.CONFIRMED: SubscriberState.PENDING}
_BY_FILLING = (Field.LEFT, Field.BOUNCED)
"""Where people and programs write a reason, a code or a count."""


def _by_answer(kind: Field, says: bool | None, word: str) -> SubscriberState:  # noqa: FBT001 - a yes, a no, or neither
    if says is None:
        named = _STATES.get(word)
        if named in LEFT_STATES or (named is not None and kind not in _BY_FILLING):
            return named
        if kind not in _BY_FILLING:
            raise Unclear
        if kind is Field.LEFT and any(one in word for one in _COMPLAINT):
            return SubscriberState.COMPLAINED
        says = True
    table = _IF_YES if says else _IF_NO
    return table.get(kind, SubscriberState.SUBSCRIBED)
