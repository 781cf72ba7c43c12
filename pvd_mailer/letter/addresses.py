"""Addresses and names as they travel."""

import unicodedata

from email_validator import validate_email

__all__ = ["one_line", "wire_address"]


def wire_address(address: str) -> str:
    """`address` with its domain in the ASCII that mail servers know (IDNA 2008); what stands before the @ stays.

    Raises:
        ValueError: the domain is none.
    """
    local, _at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    # Whether the name is reserved is no question here: tests have to use those that are.
    checked = validate_email(f"x@{domain}", check_deliverability=False, globally_deliverable=False)
    return f"{local}@{checked.ascii_domain}"


def one_line(name: str) -> str:
    """`name` without what would end a header or hide in it: line ends, control characters, half surrogates."""
    if name.isprintable():
        return name
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in name)
