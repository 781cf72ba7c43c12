"""SMTP: any mail server that takes letters for others, by a login or because it knows this machine.

Hands on one channel, `SMTP`: a message a recipient. The only place that knows smtplib. It must never say “not sent” of
a message whose last line may have gone out.
"""

from pvd_mailer.send.channels.smtp.channel import SMTP

__all__ = ["SMTP"]
