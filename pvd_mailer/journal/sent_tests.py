"""Tests of a letter (BAT): that they were sent, and of which bytes; not to whom."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from pvd_mailer.database.schema import test_sends

__all__ = ["accepted_tests_of", "tested_letters", "write_hosted_letter", "write_test"]


def write_test(
    connection: Connection,
    publication: str,
    number: int,
    letter: str,
    *,
    channel: str,
    at: datetime,
    accepted: int,
    others: int,
) -> None:
    """Write down a test of the letter with that digest."""
    connection.execute(
        insert(test_sends).values(
            publication=publication,
            number=number,
            letter=letter,
            channel=channel,
            at=at,
            accepted=accepted,
            others=others,
        )
    )


def write_hosted_letter(connection: Connection, publication: str, number: int, letter: str, *, at: datetime) -> None:
    """Write down that the letter with that digest is kept, so that its files can be looked at where they are hosted.

    It is a test that nobody got.
    """
    write_test(connection, publication, number, letter, channel="hosted", at=at, accepted=0, others=0)


def tested_letters(connection: Connection, publication: str, number: int) -> list[str]:
    """The digests of the letters of an issue that were tested or kept, the newest first."""
    rows = select(test_sends.c.letter).where(test_sends.c.publication == publication, test_sends.c.number == number)
    return list(connection.execute(rows.order_by(test_sends.c.at.desc(), test_sends.c.id.desc())).scalars())


def accepted_tests_of(connection: Connection, letter: str) -> list[datetime]:
    """When the letter with that digest was tested and taken by the channel, the newest first."""
    rows = select(test_sends.c.at).where(test_sends.c.letter == letter, test_sends.c.accepted > 0)
    return list(connection.execute(rows.order_by(test_sends.c.at.desc())).scalars())
