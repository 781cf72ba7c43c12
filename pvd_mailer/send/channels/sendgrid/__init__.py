"""SendGrid: a thousand recipients a call of its v3 API. The only place that knows the `sendgrid` SDK."""

from pvd_mailer.send.channels.sendgrid.channel import SendGrid

__all__ = ["SendGrid"]
