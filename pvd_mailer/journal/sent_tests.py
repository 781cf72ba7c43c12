"""Tests of a letter (BAT): that they were sent, and of which bytes; not to whom."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from pvd_mailer.database.schema import test_sends

__all__ = ["of_letter", "write_test"]


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


def of_letter(connection: Connection, letter: str) -> list[datetime]:
    """When the letter with that digest was tested and taken by the channel, the newest first."""
    rows = select(test_sends.c.at).where(test_sends.c.letter == letter, test_sends.c.accepted > 0)
    return list(connection.execute(rows.order_by(test_sends.c.at.desc())).scalars())
