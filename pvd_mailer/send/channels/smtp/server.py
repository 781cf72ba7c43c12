"""The mail server, as `PVD_SMTP_URL` names it."""

from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import N_, _

__all__ = ["EXAMPLE", "Server"]

EXAMPLE = N_("Write smtp://user:password@host:587, or smtps://…:465.")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mail server is, and how it is spoken to; `repr` shows no secret."""

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: bool = False
    """TLS from the first byte (smtps)."""
    starttls: bool = True
    """STARTTLS before anything else, or no delivery."""

    @classmethod
    def at(cls, url: str) -> "Server":
        """The server that `url` names.

        `smtps://` speaks TLS from the start; `smtp://` asks for STARTTLS and does without only on this machine, or with
        `?starttls=no`, which a login to another machine forbids.

        Raises:
            WrongUsageError: it names none, or would send a password in the clear.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
            wanted = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        except ValueError:
            _wrong()
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"}:
            _wrong()
        choice = wanted.pop("starttls", None)
        if wanted or choice not in {None, "yes", "no"} or (choice and parts.scheme == "smtps"):
            _wrong()
        tls = parts.scheme == "smtps"
        near = parts.hostname in LOOPBACK
        starttls = not tls and (choice == "yes" or (choice is None and not near))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            _wrong()
        if user and not (tls or starttls or near):
            raise WrongUsageError(
                _("PVD_SMTP_URL would send the password in the clear"),
                _("Take ?starttls=no out of it, or the login."),
            )
        return cls(parts.hostname, port or (465 if tls else 587), user, password, tls, starttls)


def _wrong() -> NoReturn:
    # Never the value: it holds a password.
    raise WrongUsageError(_("PVD_SMTP_URL is no address of a mail server"), _(EXAMPLE))
