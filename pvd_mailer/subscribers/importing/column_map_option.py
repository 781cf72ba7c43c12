"""What `--map` says: which column holds what."""

from collections.abc import Iterable

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.list_fields import ListField, heading_key, known_field
from pvd_mailer.subscribers.importing.readers.formats import IGNORE, TAG_PREFIX
from pvd_mailer.subscribers.tags import tag_key

__all__ = ["OWN_EXPORT_FIELDS", "parse_column_map", "tag_key_in"]

MAX_TAG_KEY_LENGTH = 40
OWN_EXPORT_FIELDS = (ListField.CREATED, ListField.CHANGED, ListField.LAST_CONTACT)
"""Of our own export alone."""


def parse_column_map(pairs: Iterable[str]) -> dict[str, str]:
    """The columns that `--map` names -> what they hold: a field's name, `tag:KEY`, `ignore`; `NAME:WORD` -> a state.

    Raises:
        WrongUsageError: one of them is not written like that.
    """
    result = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        target = target.strip().casefold()
        if key := tag_key_in(target):
            target = TAG_PREFIX + key
        elif target not in {IGNORE, *SubscriberState, *ListField} - {*OWN_EXPORT_FIELDS}:
            target = str(known_field(heading_key(target)) or "")
        if not equals or not name.strip() or not target:
            raise WrongUsageError(
                _("--map “{pair}” is not understood").format(pair=pair),
                _("Write 'Name of the column=field'; fields: {fields}, tag:KEY, ignore.").format(
                    fields=", ".join(
                        field for field in ListField if field not in {*OWN_EXPORT_FIELDS, ListField.PENDING}
                    )
                ),
            )
        result[name.strip()] = target
    return result


def tag_key_in(text: str) -> str:
    """The key in `tag:KEY`; nothing where it is not written so."""
    return tag_key(text[len(TAG_PREFIX) :])[:MAX_TAG_KEY_LENGTH] if text.casefold().startswith(TAG_PREFIX) else ""
