"""A list of recipients from a CSV file, as French Excel, LibreOffice and others write it."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from pvd_mailer.errors import WrongUsageError, reason
from pvd_mailer.findings import Finding, Place, Severity
from pvd_mailer.i18n import N_, _

__all__ = ["Recipient", "read_list"]

MAX_BYTES = 50 * 1024 * 1024
_EMAIL = ("email", "e-mail", "mail", "courriel", "adresse", "adresse e-mail", "adresse mail")
_FIRST = ("first_name", "first name", "prénom", "prenom")
_LAST = ("last_name", "last name", "nom", "name")
_REASONS = {
    "list-address": (
        N_("line {line}: this is not an e-mail address"),
        N_("Correct the line: nobody is written to for it."),
    ),
    "list-duplicate": (
        N_("line {line}: the same address as on line {first}"),
        N_("Nothing to do: it will get one letter."),
    ),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to write to."""

    address: str
    name: str = ""


def canonical(address: str) -> str:
    """The form under which two spellings are one address: case and international domains set aside."""
    return address.strip().casefold()


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def read_list(path: Path) -> tuple[list[Recipient], list[Finding]]:
    """The recipients in `path`, each address once, and what is to be said of the lines left out.

    Raises:
        WrongUsageError: there is no such file, or no column with addresses.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WrongUsageError(
            _("the list {file} cannot be read: {reason}").format(file=path, reason=reason(error)),
            _("Give a CSV file with --list; subscribers/sample.csv shows how it looks."),
        ) from error
    if len(raw) > MAX_BYTES:
        raise WrongUsageError(_("the list {file} is larger than 50 MB").format(file=path), _("Split it."))
    text = _text(raw).replace("\0", "")
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        table = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise WrongUsageError(
            _("the list {file} is not a CSV file: {reason}").format(file=path, reason=error),
            _("Save it again as CSV from your spreadsheet."),
        ) from error
    header = [name.strip().casefold() for name in (table[0][1] if table else [])]
    column = next((header.index(name) for name in _EMAIL if name in header), None)
    if column is None:
        raise WrongUsageError(
            _("the list {file} has no column with addresses").format(file=path),
            _("Name the column “email” or “courriel” on the first line."),
        )
    first = next((header.index(name) for name in _FIRST if name in header), None)
    last = next((header.index(name) for name in _LAST if name in header), None)
    return _recipients(table[1:], path, column, (first, last))


def _recipients(
    rows: list[tuple[int, list[str]]], path: Path, column: int, names: tuple[int | None, ...]
) -> tuple[list[Recipient], list[Finding]]:
    recipients: list[Recipient] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        written = row[column].strip() if column < len(row) else ""
        try:
            address = validate_email(written, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            if not written.casefold().endswith((".example", ".invalid")) or written.count("@") != 1:
                findings.append(_finding("list-address", path, line))
                continue
            address = written
        key = canonical(address)
        if key in seen:
            findings.append(_finding("list-duplicate", path, line, first=seen[key]))
            continue
        seen[key] = line
        cells = [row[index].strip() for index in names if index is not None and index < len(row)]
        name = " ".join("".join(char for char in " ".join(cells) if char.isprintable()).split())
        recipients.append(Recipient(address, name[:100]))
    return recipients, findings


def _finding(rule: str, path: Path, line: int, **context: int) -> Finding:
    message, hint = _REASONS[rule]
    return Finding(
        rule,
        Severity.ADVICE,
        _(message).format(line=line, **context),
        _(hint),
        Place(path.as_posix(), line, 1),
    )
