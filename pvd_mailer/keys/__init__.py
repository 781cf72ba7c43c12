"""The keys that sign readers' links: made once, kept outside the workspace, rotated without killing links.

`ring` has them as values, `file` reads and writes them. It knows no token and no database: `tokens` signs, and
`database.key_binding` says which ring a database belongs to.
"""

from pvd_mailer.keys.file import (
    KeysError,
    default_path,
    load_keys,
    restore_keys,
    revoke_keys,
    rotate_keys,
    write_keys,
)
from pvd_mailer.keys.ring import KeyRing, key_id, make_keys, with_new_key, without_keys

__all__ = [
    "KeyRing",
    "KeysError",
    "default_path",
    "key_id",
    "load_keys",
    "make_keys",
    "restore_keys",
    "revoke_keys",
    "rotate_keys",
    "with_new_key",
    "without_keys",
    "write_keys",
]
