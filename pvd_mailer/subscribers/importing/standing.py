"""What a row says of where somebody stands: in a word, by a yes or a no, or by what is filled in.

Of what several columns say, the gravest counts, as everywhere (`bounces.SUPPRESSION_ORDER`). What is not understood is
never taken for a yes or a no: whoever asks is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.subscribers.importing.list_fields import ListField
from pvd_mailer.subscribers.importing.readers.formats import CHANNELS
from pvd_mailer.subscribers.tags import tag_key

__all__ = [
    "IMPORTED_STATE_ORDER",
    "SUPPRESSED_STATES",
    "StateColumn",
    "UnclearState",
    "is_no",
    "means_unsubscribe",
    "parse_state",
    "read_state",
]

IMPORTED_STATE_ORDER = (
    SubscriberState.SUBSCRIBED,
    SubscriberState.PENDING,
    SubscriberState.BOUNCED,
    SubscriberState.UNSUBSCRIBED,
    SubscriberState.COMPLAINED,
)
"""The further down, the graver."""
SUPPRESSED_STATES = (SubscriberState.BOUNCED, SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)
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
_MAX_REMARK_LENGTH = 2000
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


class UnclearState(Exception):  # noqa: N818 - it is no error: a person is asked
    """What is written there is not understood."""


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A column that may say that somebody is not to be written to.

    Attributes:
        index: Where it is in a row, counted from 0.
        name: As the file names it.
        kind: A `ListField`, or `formats.CHANNELS`.
        words: What words mean in this file, folded; they win over the known ones.
    """

    index: int
    name: str
    kind: str
    words: Mapping[str, SubscriberState] = field(hash=False)


@lru_cache(4096)
def parse_state(word: str) -> SubscriberState | None:
    """The state that `word` names, in French or English, in any gender and number; None where it names none."""
    return _STATES.get(tag_key(word))


@lru_cache(65536)
def means_unsubscribe(cell: str) -> bool:
    """Whether a cell says that somebody left, bounced or complained: by a word alone, or in a remark."""
    if len(cell) < 40 and parse_state(cell) in SUPPRESSED_STATES:  # noqa: PLR2004 - no such word is longer
        return True
    return _REMARK.search(tag_key(cell[:_MAX_REMARK_LENGTH])) is not None


def is_no(cell: str) -> bool:
    """Whether a cell is a plain no."""
    return tag_key(cell) in _NO


def read_state(column: StateColumn, cell: str, *, is_date: bool) -> SubscriberState:
    """Where somebody stands by what `cell` says in that column.

    Args:
        column: The column.
        cell: What is written, on one line.
        is_date: Whether that can be read as a date.

    Raises:
        Unclear: that is not understood.
    """
    word = tag_key(cell)
    if not word:
        return SubscriberState.SUBSCRIBED
    if word in column.words:
        return column.words[word]
    if column.kind == CHANNELS:
        return SubscriberState.UNSUBSCRIBED if "email" in word.replace("-", "") else SubscriberState.SUBSCRIBED
    if column.kind == ListField.STATE:
        state = parse_state(cell)
        if state is None:
            raise UnclearState
        return state
    answer = True if word in _YES or is_date else False if word in _NO else None
    return _state_by_answer(ListField(column.kind), answer, word)


_IF_YES = {
    ListField.OPT_OUT: SubscriberState.UNSUBSCRIBED,
    ListField.LEFT: SubscriberState.UNSUBSCRIBED,
    ListField.BOUNCED: SubscriberState.BOUNCED,
    ListField.COMPLAINED: SubscriberState.COMPLAINED,
    ListField.PENDING: SubscriberState.PENDING,
}
_IF_NO = {ListField.OPT_IN: SubscriberState.UNSUBSCRIBED, ListField.CONFIRMED: SubscriberState.PENDING}
_BY_FILLING = (ListField.LEFT, ListField.BOUNCED)
"""Where people and programs write a reason, a code or a count."""


def _state_by_answer(kind: ListField, answer: bool | None, word: str) -> SubscriberState:  # noqa: FBT001 - a yes, a no, or neither
    if answer is None:
        state = _STATES.get(word)
        if state in SUPPRESSED_STATES or (state is not None and kind not in _BY_FILLING):
            return state
        if kind not in _BY_FILLING:
            raise UnclearState
        if kind is ListField.LEFT and any(complaint in word for complaint in _COMPLAINT):
            return SubscriberState.COMPLAINED
        answer = True
    states = _IF_YES if answer else _IF_NO
    return states.get(kind, SubscriberState.SUBSCRIBED)
