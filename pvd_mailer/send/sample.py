"""The letter on disk, as one reader would get it: to look at, to open in a mail program, to hand to a colleague."""

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pvd_mailer.issue import Issue, Publication
from pvd_mailer.letter import Letter
from pvd_mailer.letter.mime import MessageHeaders, build_message, feedback_id
from pvd_mailer.send.unsubscribe_links import unsubscribe_mailto

__all__ = ["sample_envelope", "write_letter"]

SAMPLE_READER = ("Camille Exemple", "lectrice@example.org")


def sample_envelope(issue: Issue, publication: Publication, kind: str) -> MessageHeaders:
    """The headers for a reader who does not exist; dated nine in the morning of the issue's day.

    So the same issue gives the same bytes. `kind` tells the uses apart in the Message-ID.
    """
    return MessageHeaders(
        sender_name=publication.sender.name,
        sender_address=publication.sender.address,
        reply_to=publication.sender.reply_to,
        list_name=publication.list_id.name,
        list_id=publication.list_id.id,
        recipient_name=SAMPLE_READER[0],
        recipient_address=SAMPLE_READER[1],
        unsubscribe_mailto=unsubscribe_mailto(publication.unsubscribe, publication.list_id.id),
        one_click_url=None,
        message_id=f"{issue.number:03}.{kind}@{publication.list_id.id}",
        feedback_id=feedback_id(str(issue.number), issue.publication, kind, publication.sender.address),
        date=datetime.combine(issue.date, time(9), ZoneInfo(publication.zone)),
    )


def write_letter(letter: Letter, issue: Issue, publication: Publication, folder: Path) -> list[tuple[Path, int]]:
    """Write letter.html, letter.txt, letter.eml and images/ into `folder`; paths and sizes in bytes."""
    envelope = sample_envelope(issue, publication, "sample")
    values = {"unsubscribe": envelope.unsubscribe_url}
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    parts = [
        (folder / "letter.html", letter.with_local_pictures(letter.fill_html(values)).encode()),
        (folder / "letter.txt", letter.fill_text(values).encode()),
        (folder / "letter.eml", build_message(letter, envelope)),
        *((images / attachment.name, attachment.data) for attachment in letter.attachments),
    ]
    for path, data in parts:
        path.write_bytes(data)
    return [(path, len(data)) for path, data in parts]
