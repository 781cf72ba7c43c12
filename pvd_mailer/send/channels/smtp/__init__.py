"""SMTP: any mail server that takes letters for others, by a login or because it knows this machine."""

from pvd_mailer.send.channels.smtp.channel import SMTP

__all__ = ["SMTP"]
