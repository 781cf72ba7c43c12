"""One person's address: what was written, and the form under which two spellings are one person."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import N_, _

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

__all__ = ["Address", "InvalidAddressError", "is_role_address", "parse_address"]

MAX_ADDRESS_LENGTH = 254
"""RFC 5321, with the angle brackets taken off."""
MAX_LOCAL_PART_LENGTH = 64
_PLAIN_LOCAL_PART = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*", re.ASCII | re.IGNORECASE)
"""What stands before the @ in nearly every address, and is right beyond doubt."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # what a copy from a web page brings
_ROLE_WORDS = """
    abuse accueil actualites adjoint administration admin agence assistance bonjour cabinet ccas cdt communication
    comm compta comptabilite contact contacts courrier culture ddt ddtm dgs dgst direction directeur directrice dircom
    economie elus etatcivil finances formation habitat hello hostmaster info infos information informatique jeunesse
    juridique logement maire mairie mediatheque newsletter noreply no-reply office patrimoine petitesvillesdedemain
    postmaster prefecture president presidence presse projet projets pvd reception redaction rh scolaire secretaire
    secretariat service services sg social sports support technique tourisme travaux urba urbanisme ville webmaster
"""
"""Before the @, whole or before the first `.`, `-`, `_` or `+`."""
_ROLES = frozenset(_ROLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be written to."""

    as_written: str
    """As it was written, without the blanks around it; the domain in ASCII (IDNA 2008), as mail needs it."""
    key: str
    """The canonical form: all of it in lower case. One key, one person."""


class InvalidAddressError(WrongUsageError):
    """What was written is not an address."""

    def __init__(self, message: str) -> None:
        super().__init__(message, _("Write it like this: claire@example.org"))


_FAULTS: tuple[tuple[str, str], ...] = (
    # What is looked for in the text, and what is said of it; the first that is there counts.
    (r"^$", N_("no address")),
    (r"[;,\s].*@.*@|@.*[;,\s].*@", N_("several addresses in one place; there must be one alone")),
    (r"^[^@]*$", N_("not an e-mail address: there is no @")),
    (r"@.*@", N_("not an e-mail address: there is more than one @")),
    (r"\s", N_("not an e-mail address: there is a blank in it")),
    (r"^@", N_("not an e-mail address: nothing stands before the @")),
    (r"@$", N_("not an e-mail address: nothing stands after the @")),
    (r"^[^@]*[^\x00-\x7f]", N_("not an e-mail address: an accent or a special character stands before the @")),
    (r",", N_("not an e-mail address: there is a comma in it")),
    (r"\.\.", N_("not an e-mail address: two full stops follow one another")),
    (r"^\.|\.@|@\.|\.$", N_("not an e-mail address: a full stop stands where none can")),
    (r"@[^.]*$", N_("not an e-mail address: the part after the @ has no ending such as .fr")),
    (r"(?i)\.(local|localhost|onion|arpa)$", N_("not an e-mail address that mail from outside could reach")),
)


def parse_address(text: str) -> Address:
    """The address that `text` holds, with `mailto:` and angle brackets around it or without.

    Whether a server answers for it is not asked. Names reserved for examples and tests pass (RFC 2606).

    Raises:
        WrongAddressError: it is none; the message says why, and holds nothing of the address.
    """
    # Nothing of ASCII is invisible or can be composed, and nearly every address is of ASCII.
    written = (text if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()
    if written[:7].casefold() == "mailto:":
        written = written[7:].strip()
    if written.startswith("<") and written.endswith(">"):
        written = written[1:-1].strip()
    if len(written) > MAX_ADDRESS_LENGTH:
        raise InvalidAddressError(_("not an e-mail address: it is longer than 254 characters"))
    local, _at, domain = written.rpartition("@")
    try:
        if not _PLAIN_LOCAL_PART.fullmatch(local) or len(local) > MAX_LOCAL_PART_LENGTH:
            local = _validate(written).local_part
        ascii_domain = _ascii_domain(domain)
        return Address(f"{local}@{domain if domain.isascii() else ascii_domain}", f"{local.lower()}@{ascii_domain}")
    except ValueError as error:  # EmailNotValidError is one
        raise InvalidAddressError(_fault_of(written)) from error


def _validate(text: str) -> "ValidatedEmail":
    from email_validator import validate_email  # noqa: PLC0415 - its grammar takes its time, and a list has none to read

    accepted_text = text[: -len("invalid")] + "example" if text.casefold().endswith(".invalid") else text
    return validate_email(
        accepted_text, allow_smtputf8=False, check_deliverability=False, test_environment=True, strict=True
    )


@lru_cache(65536)
def _ascii_domain(domain: str) -> str:
    """The domain in ASCII. A list has many people and few domains, and looking at one takes its time."""
    ascii_domain = _validate(f"x@{domain}").ascii_domain.lower()
    return ascii_domain[: -len("example")] + "invalid" if domain.casefold().endswith(".invalid") else ascii_domain


def _fault_of(text: str) -> str:
    for pattern, message in _FAULTS:
        if re.search(pattern, text):
            return _(message)
    return _("not an e-mail address")


def is_role_address(key: str) -> bool:
    """Whether the address is that of an office, such as mairie@, and several people may read it."""
    local = key.rpartition("@")[0]
    return local in _ROLES or re.split(r"[.\-_+\d]", local, maxsplit=1)[0] in _ROLES
