"""A publication's own words: `words.txt` beside publication.yaml, one word or name a line."""

import re
from pathlib import Path

from pvd_mailer.compose.finding import make_finding
from pvd_mailer.compose.messages import OUTSIDE_WORKSPACE
from pvd_mailer.compose.yaml.tree import ParseError, decode_utf8
from pvd_mailer.errors import os_error_reason
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _
from pvd_mailer.workspace import Workspace

__all__ = ["DICTIONARY_FILE", "read_dictionary"]

DICTIONARY_FILE = "words.txt"
_MAX_WORDS = 5000
_MAX_WORD_LENGTH = 80


def read_dictionary(path: Path, findings: list[Finding], workspace: Workspace) -> tuple[str, ...]:
    """The words of the file at `path`, without remarks (`# …`); none where there is no file.

    What is wrong with the file is added to `findings`, as advice: a letter does not hang on it.
    """
    if not path.is_file():
        return ()
    if workspace.leads_outside(path, path.parent):
        finding = make_finding(
            "file-unreadable", workspace.display_path(path), severity=Severity.ADVICE, found=_(OUTSIDE_WORKSPACE)
        )
        findings.append(finding)
        return ()
    try:
        with path.open("rb") as file:
            text = decode_utf8(file.read(1024 * 1024))
    except ParseError as exc:
        finding = make_finding(
            exc.rule, workspace.display_path(path), exc.line, exc.column, severity=Severity.ADVICE, **exc.context
        )
        findings.append(finding)
        return ()
    except OSError as exc:
        finding = make_finding(
            "file-unreadable", workspace.display_path(path), severity=Severity.ADVICE, found=os_error_reason(exc)
        )
        findings.append(finding)
        return ()
    # A hashtag is a word; a remark has a space after its #.
    lines = (re.sub(r"(?:^|\s)#(?:\s.*|$)", "", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line and len(line) <= _MAX_WORD_LENGTH)[:_MAX_WORDS]
