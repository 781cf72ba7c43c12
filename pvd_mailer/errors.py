"""What can go wrong for a reason that a person can mend. The command line prints these; it never prints a trace."""

import errno

from pvd_mailer.findings import Finding
from pvd_mailer.i18n import N_, _

__all__ = ["BlockedError", "PvdError", "WrongUsageError", "os_error_reason"]

_OS_ERROR_REASONS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("permission denied"),
    errno.EROFS: N_("the disk is read-only"),
    errno.ENOSPC: N_("no space left on the disk"),
    errno.EDQUOT: N_("no space left on the disk"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a file stands where a folder was expected"),
    errno.EEXIST: N_("it exists already"),
}


def os_error_reason(error: OSError) -> str:
    """Why the system refused, in the interface's language."""
    known = _OS_ERROR_REASONS.get(error.errno or 0)
    return _(known) if known else error.strerror or type(error).__name__


class PvdError(Exception):
    """Something failed: what happened, where, and what to do.

    Attributes:
        hint: What to do, in the reader's language.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class WrongUsageError(PvdError):
    """What was asked for does not exist or makes no sense."""

    exit_code = 2


class BlockedError(PvdError):
    """A blocking finding stands in the way."""

    exit_code = 1

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message if findings else "")
        self.findings = findings
