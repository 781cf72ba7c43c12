"""SendGrid: a thousand recipients a call of its v3 API, and its suppression lists.

Hands on one channel, `SendGrid`. The only place that knows the `sendgrid` SDK. It must never log a key, a header or a
body, nor repeat a call of which it does not know how it ended.
"""

from pvd_mailer.send.channels.sendgrid.channel import SendGrid

__all__ = ["SendGrid"]
