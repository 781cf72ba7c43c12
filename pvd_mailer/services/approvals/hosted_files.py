"""Before an approval: what the letter leads to is there already, to the byte."""

from pvd_mailer import approve, archive, clock
from pvd_mailer.errors import BlockedError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import sent_tests
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.proofs import CheckedLetter

__all__ = ["require_hosted"]


def require_hosted(context: AppContext, checked: CheckedLetter) -> int:
    """Fetch every picture and every calendar of the letter from where it will lead to, and compare; how many.

    Where the readers' site is the host, the letter is kept in the database first, from where the site serves it.

    Raises:
        BlockedError: something is missing or different.
        WrongUsageError: nothing is hosted.
    """
    settings, letter, issue = context.settings, checked.letter, checked.issue
    if settings.pages_url is None:
        raise WrongUsageError(
            _("nothing of this letter is hosted: its pictures travel with it"),
            _("Leave --check-hosted out, or set PVD_STATIC_URL or PVD_PUBLIC_URL first."),
        )
    folder = f"{settings.pages_url}/{issue.publication}/{issue.number}"
    calendars = {calendar.name: calendar.data for calendar in letter.calendars}
    if settings.static_url is None:
        with context.database.write() as connection:
            letter_digest = approve.store_letter(connection, letter)
        with context.database.write() as connection:
            sent_tests.write_hosted_letter(connection, issue.publication, issue.number, letter_digest, at=clock.now())
            # The site goes on giving those of a letter that has left, until this one is approved.
            calendars |= {
                name: served_data
                for name in calendars
                if (served_data := archive.find_calendar(connection, issue.publication, issue.number, name))
            }
    expected = {f"{settings.pages_url}/images/{attachment.name}": attachment.data for attachment in letter.attachments}
    expected |= {f"{folder}/{name}": data for name, data in calendars.items()}
    from pvd_mailer.approve.hosted_files import compare_hosted  # noqa: PLC0415 - brings an HTTP client

    findings = compare_hosted(expected)
    if findings:
        raise BlockedError(findings)
    return len(expected)
