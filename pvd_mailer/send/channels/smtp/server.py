"""The mail server, as `PVD_SMTP_URL` names it."""

from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import N_, _

__all__ = ["SMTP_URL_HINT", "SmtpServer"]

SMTP_URL_HINT = N_("Write smtp://user:password@host:587, or smtps://…:465.")
LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class SmtpServer:
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
    def from_url(cls, url: str) -> "SmtpServer":
        """The server that `url` names.

        `smtps://` speaks TLS from the start; `smtp://` asks for STARTTLS and does without only on this machine, or with
        `?starttls=no`, which a login to another machine forbids.

        Raises:
            WrongUsageError: it names none, or would send a password in the clear.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
            options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        except ValueError:
            _refuse_url()
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"}:
            _refuse_url()
        choice = options.pop("starttls", None)
        if options or choice not in {None, "yes", "no"} or (choice and parts.scheme == "smtps"):
            _refuse_url()
        tls = parts.scheme == "smtps"
        is_loopback = parts.hostname in LOOPBACK_HOSTS
        starttls = not tls and (choice == "yes" or (choice is None and not is_loopback))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            _refuse_url()
        if user and not (tls or starttls or is_loopback):
            raise WrongUsageError(
                _("PVD_SMTP_URL would send the password in the clear"),
                _("Take ?starttls=no out of it, or the login."),
            )
        return cls(parts.hostname, port or (465 if tls else 587), user, password, tls, starttls)


def _refuse_url() -> NoReturn:
    # Never the value: it holds a password.
    raise WrongUsageError(_("PVD_SMTP_URL is no address of a mail server"), _(SMTP_URL_HINT))
