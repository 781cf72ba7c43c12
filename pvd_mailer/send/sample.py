"""The letter on disk, as one reader would get it: to look at, to open in a mail program, to hand to a colleague."""

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pvd_mailer.audience import Recipient
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.letter import Letter
from pvd_mailer.letter.mime import build
from pvd_mailer.send.dispatch import envelope

__all__ = ["write_letter"]

READER = Recipient("lectrice@example.org", "Camille Exemple")


def write_letter(letter: Letter, issue: Issue, publication: Publication, folder: Path) -> list[tuple[Path, int]]:
    """Write letter.html, letter.txt, letter.eml and images/ into `folder`; paths and sizes in bytes.

    Dated nine in the morning of the issue's day, so that the same issue gives the same files.
    """
    date = datetime.combine(issue.date, time(9), ZoneInfo(publication.zone))
    said = envelope(publication, READER, f"{issue.number:03}.sample", date)
    values = {"unsubscribe": said.way_out}
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    parts = [
        (folder / "letter.html", letter.standalone(letter.fill_html(values)).encode()),
        (folder / "letter.txt", letter.fill_text(values).encode()),
        (folder / "letter.eml", build(letter, said)),
        *((images / attachment.name, attachment.data) for attachment in letter.attachments),
    ]
    for path, data in parts:
        path.write_bytes(data)
    return [(path, len(data)) for path, data in parts]
