"""A list of subscribers for what is timed."""

from datetime import UTC, datetime

from sqlalchemy import insert

from pvd_mailer.database import Database
from pvd_mailer.database.schema import subscribers


def seed(database: Database, count: int) -> None:
    """Fill the list of subscribers."""
    now = datetime.now(UTC)
    moments = dict.fromkeys(("proof_at", "created_at", "changed_at", "last_contact_at"), now)
    with database.write() as connection:
        for start in range(0, count, 5000):
            rows = [
                {
                    "ref": f"{number * 7919 % 2**64:016x}",
                    "address_key": f"reader{number}@town{number % 97}.test",
                    "address": f"reader{number}@town{number % 97}.test",
                    "first_name": "Camille",
                    "last_name": f"Exemple {number}",
                    "state": "subscribed",
                    "basis": "consent",
                    "proof_source": "bench",
                    **moments,
                }
                for number in range(start, min(start + 5000, count))
            ]
            connection.execute(insert(subscribers), rows)
