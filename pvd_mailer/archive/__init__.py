"""The archive: the letters that really left, as everybody may read them, from the bytes that were approved.

Hands on the list of letters, their pages without anything of one reader's own, the feed, and the files that letters
lead to. It reads the journal alone, knows no request and no address of a reader, and changes nothing.
"""

from pvd_mailer.archive.assets import find_calendar, find_picture, hosted_letters, picture_media_type
from pvd_mailer.archive.feed import atom_feed
from pvd_mailer.archive.letters import ArchivedLetter, archived_letters
from pvd_mailer.archive.public_page import PageContext, web_letter, web_page, web_text

__all__ = [
    "ArchivedLetter",
    "PageContext",
    "archived_letters",
    "atom_feed",
    "find_calendar",
    "find_picture",
    "hosted_letters",
    "picture_media_type",
    "web_letter",
    "web_page",
    "web_text",
]
