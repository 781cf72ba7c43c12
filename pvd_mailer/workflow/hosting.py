"""Before an approval: what the letter leads to is there already, to the byte."""

from pvd_mailer import approve, archive, clock
from pvd_mailer.approve.hosted import PATIENCE, compare
from pvd_mailer.errors import Blocked, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import sent_tests
from pvd_mailer.workflow.office import Office
from pvd_mailer.workflow.proofing import Proof

__all__ = ["require_hosted"]


def require_hosted(office: Office, made: Proof, patience: float = PATIENCE) -> int:
    """Fetch every picture and every calendar of the letter from where it will lead to, and compare; how many.

    Where the readers' site is the host, the letter is kept in the database first, from where the site serves it.

    Raises:
        Blocked: something is missing or different.
        WrongUsageError: nothing is hosted.
    """
    settings, letter, issue = office.settings, made.letter, made.issue
    if settings.pages_url is None:
        raise WrongUsageError(
            _("nothing of this letter is hosted: its pictures travel with it"),
            _("Leave --check-hosted out, or set PVD_STATIC_URL or PVD_PUBLIC_URL first."),
        )
    folder = f"{settings.pages_url}/{issue.publication}/{issue.number}"
    calendars = {one.name: one.data for one in letter.calendars}
    if settings.static_url is None:
        stored = approve.keep(office.database, letter)
        with office.database.write() as connection:
            sent_tests.write_kept(connection, issue.publication, issue.number, stored, at=clock.now())
            # The site goes on giving those of a letter that has left, until this one is approved.
            calendars |= {
                name: served
                for name in calendars
                if (served := archive.calendar(connection, issue.publication, issue.number, name))
            }
    wanted = {f"{settings.pages_url}/images/{one.name}": one.data for one in letter.attachments}
    wanted |= {f"{folder}/{name}": data for name, data in calendars.items()}
    found = compare(wanted, patience)
    if found:
        raise Blocked(found)
    return len(wanted)
