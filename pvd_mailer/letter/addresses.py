"""Addresses and names as they travel."""

import unicodedata

__all__ = ["header_safe", "wire_address", "with_canonical_domain"]


def wire_address(address: str) -> str:
    """`address` with its domain in the ASCII that mail servers know (IDNA 2008); what stands before the @ stays.

    Raises:
        ValueError: the domain is none.
    """
    local, _at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    from email_validator import validate_email  # noqa: PLC0415 - its grammar takes its time, and few domains need it

    # Whether the name is reserved is no question here: tests have to use those that are.
    checked = validate_email(
        f"x@{domain}", check_deliverability=False, globally_deliverable=False, test_environment=True
    )
    return f"{local}@{checked.ascii_domain}"


def with_canonical_domain(address: str, canonical: str) -> str:
    """`address` with the domain of `canonical`, its canonical form, which was encoded when it was written down.

    So nothing is left to be found wrong at the moment of a send, whatever a library thinks of a name by then.
    """
    local, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}{at}{canonical.rpartition('@')[2]}"


def header_safe(name: str) -> str:
    """`name` without what would end a header or hide in it: line ends, control characters, half surrogates."""
    if name.isprintable():
        return name
    return "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character for character in name
    )
