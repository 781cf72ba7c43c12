"""Sends a letter through django-anymail's SendGrid backend, on one connection: what standard input says, as JSON.

`python bench/anymail_peer.py < job` prints the seconds that it took. It is a process of its own, for Django's settings
are a process's.
"""

import html
import json
import sys
import time

import django
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection

BATCH = 1_000


def main() -> None:
    """Send to all of the job's people, BATCH recipients a call."""
    job = json.load(sys.stdin)
    settings.configure(
        EMAIL_BACKEND="anymail.backends.sendgrid.EmailBackend",
        ANYMAIL={"SENDGRID_API_KEY": "SG.bench", "SENDGRID_API_URL": f"http://127.0.0.1:{job['port']}/v3/"},
        DEFAULT_CHARSET="utf-8",
        USE_TZ=True,
    )
    django.setup()
    people = job["people"]
    begun = time.perf_counter()
    connection = get_connection()
    connection.open()
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        message = AnymailMessage(
            subject=job["subject"],
            body=job["text"],
            from_email=job["from"],
            to=[f"{one['name']} <{one['address']}>" for one in batch],
            headers=job["headers"],
            connection=connection,
        )
        message.attach_alternative(job["html"], "text/html")
        message.merge_data = {
            one["address"]: {job["in_html"]: html.escape(one["link"]), job["in_text"]: one["link"]} for one in batch
        }
        message.merge_headers = {
            one["address"]: {
                "List-Unsubscribe": f"<{one['link']}>, <{job['mailto']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
            for one in batch
        }
        message.merge_metadata = {one["address"]: {"pvd_recipient": one["ref"]} for one in batch}
        message.track_clicks = message.track_opens = False
        message.esp_extra = {"merge_field_format": "{}"}  # our placeholders are whole already
        if message.send() != 1:
            raise SystemExit("a call was not taken")
    connection.close()
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
