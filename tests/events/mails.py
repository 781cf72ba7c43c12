"""Mails as mail servers and readers write them."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

LIST = "lettre.example.org"


def dsn(
    name,
    address,
    *,
    list_id=LIST,
    action="failed",
    status="5.1.1",
    said="550 5.1.1 User unknown",
    final=None,
    sender="Mail Delivery System <MAILER-DAEMON@mail.example.org>",
):
    """A report in the form of RFC 3464, as Postfix writes it, on the letter whose Message-ID is `name` before the @."""
    lines = [
        "Return-Path: <>",
        f"From: {sender}",
        "To: la-lettre@lettre.example.org",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(datetime.now(UTC))}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="BB"',
        "",
        "--BB",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"<{address}>: {said}",
        "",
        "--BB",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example.org",
        "",
        *([f"Final-Recipient: rfc822; {final or address}"] if final or address else []),
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}",
        "",
        "--BB",
        "Content-Type: message/rfc822",
        "",
        f"Message-ID: <{name}@{list_id}>",
        f"To: {address}",
        "Subject: La lettre",
        "",
        "Bonjour",
        "--BB--",
        "",
    ]
    return "\r\n".join(lines).encode()


def qmail(name, address, *, list_id=LIST):
    """A report from before RFC 3464."""
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example.org\nTo: la-lettre@lettre.example.org\n"
        "Subject: failure notice\n\nHi. This is the qmail-send program at mail.example.org.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{address}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
        f"Message-ID: <{name}@{list_id}>\nSubject: La lettre\n\nBonjour\n"
    ).encode()


def leave(sender, *, list_id=LIST, subject=None, **headers):
    """A wish to leave, as a mail program writes it from the link in the letter."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "desinscription@lettre.test"
    message["Subject"] = subject or f"unsubscribe {list_id}"
    message["Date"] = headers.pop("date", None) or format_datetime(datetime.now(UTC))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("")
    return message.as_bytes()
