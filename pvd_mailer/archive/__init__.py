"""The archive: the letters that really left, as everybody may read them, from the bytes that were approved."""

from pvd_mailer.archive.feed import feed
from pvd_mailer.archive.impersonal import Surroundings, web_letter, web_page, web_text
from pvd_mailer.archive.parts import calendar, hosted, kind_of_picture, picture
from pvd_mailer.archive.shelf import Archived, shelf

__all__ = [
    "Archived",
    "Surroundings",
    "calendar",
    "feed",
    "hosted",
    "kind_of_picture",
    "picture",
    "shelf",
    "web_letter",
    "web_page",
    "web_text",
]
