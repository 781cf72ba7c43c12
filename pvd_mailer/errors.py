"""What can go wrong for a reason that a person can mend. The command line prints these; it never prints a trace."""

from pvd_mailer.findings import Finding

__all__ = ["Blocked", "PvdError", "SendIncompleteError", "WrongUsageError"]


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


class SendIncompleteError(PvdError):
    """A send ended before everybody was served."""

    exit_code = 4


class Blocked(PvdError):  # noqa: N818 - it is a verdict on the letter and not a failure of the program
    """A blocking finding stands in the way."""

    exit_code = 1

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message if findings else "")
        self.findings = findings
