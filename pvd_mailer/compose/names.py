"""A publication's own words: `words.txt` beside publication.yaml, one word or name a line."""

import re
from pathlib import Path

from pvd_mailer.compose import faults
from pvd_mailer.compose.source import Unreadable, decode
from pvd_mailer.errors import reason
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.workspace import Workspace

__all__ = ["NAMES", "OUTSIDE", "read_names"]

OUTSIDE = N_("it is a link that leads out of the workspace")
NAMES = "words.txt"
MAX_NAMES = 5000
_MAX_LENGTH = 80


def read_names(path: Path, findings: list[Finding], workspace: Workspace) -> tuple[str, ...]:
    """The words of the file at `path`, without remarks (`# …`); none where there is no file.

    What is wrong with the file is added to `findings`, as advice: a letter does not hang on it.
    """
    if not path.is_file():
        return ()
    if workspace.leaves(path, path.parent):
        found = faults.finding("file-unreadable", workspace.show(path), severity=Severity.ADVICE, found=_(OUTSIDE))
        findings.append(found)
        return ()
    try:
        with path.open("rb") as file:
            text = decode(file.read(1024 * 1024))
    except Unreadable as stop:
        found = faults.finding(
            stop.rule, workspace.show(path), stop.line, stop.column, severity=Severity.ADVICE, **stop.context
        )
        findings.append(found)
        return ()
    except OSError as error:
        found = faults.finding("file-unreadable", workspace.show(path), severity=Severity.ADVICE, found=reason(error))
        findings.append(found)
        return ()
    # A hashtag is a word; a remark has a space after its #.
    lines = (re.sub(r"(?:^|\s)#(?:\s.*|$)", "", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line and len(line) <= _MAX_LENGTH)[:MAX_NAMES]
