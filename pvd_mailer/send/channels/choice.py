"""A channel by its name, set up from the settings."""

from pathlib import Path
from typing import TYPE_CHECKING

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Channel
from pvd_mailer.send.channels.outbox import Outbox
from pvd_mailer.settings import Settings

if TYPE_CHECKING:
    from pvd_mailer.send.channels.sendgrid import SendGrid

__all__ = ["open_channel", "open_sendgrid"]


def open_channel(name: str, settings: Settings, outbox_folder: Path) -> Channel:
    """The channel that `--channel` names; nothing is connected to yet.

    Raises:
        WrongUsageError: it is not set up.
    """
    if name == "outbox":
        return Outbox(outbox_folder)
    if name == "smtp":
        return _open_smtp(settings)
    return open_sendgrid(settings)


def _open_smtp(settings: Settings) -> Channel:
    from pvd_mailer.send.channels.smtp import SMTP  # noqa: PLC0415 - most runs send nothing

    url = settings.secret_smtp_url
    if not url:
        raise WrongUsageError(
            _("no mail server is set up: PVD_SMTP_URL is not set"),
            _("Write smtp://user:password@host:587, or smtps://…:465."),
        )
    return SMTP(url, concurrency=settings.connections)


def open_sendgrid(settings: Settings) -> "SendGrid":
    """SendGrid, with all that it can beside sending.

    Raises:
        WrongUsageError: it is not set up.
    """
    from pvd_mailer.send.channels.sendgrid import SendGrid  # noqa: PLC0415 - the SDK takes its time to load

    key = settings.secret_sendgrid_key
    if not key:
        raise WrongUsageError(
            _("no SendGrid account is set up: SENDGRID_API_KEY is not set"),
            _("Make a key with the right to send mail in SendGrid's settings, and set SENDGRID_API_KEY=SG.… to it."),
        )
    return SendGrid(key, settings.sendgrid_url, sandbox=settings.sendgrid_sandbox, concurrency=settings.connections)
