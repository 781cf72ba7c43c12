"""People for tests, at reserved domains."""

from datetime import UTC, datetime

from pvd_mailer.database.states import LegalBasis
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.mutations import SubscriberData, insert_subscribers
from pvd_mailer.subscribers.queries import LegalProof

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
KEYS = KeyRing(("5" * 64,), "0" * 64)
CONSENT = LegalProof(LegalBasis.CONSENT, NOW, "a form", "I want the letter.")
MISSION = LegalProof(LegalBasis.PUBLIC_MISSION, NOW, "liste.csv")


def person(written, first="", last="", **marks):
    """Somebody; each of `marks` is a value or a tuple of them."""
    return SubscriberData(
        parse_address(written),
        first,
        last,
        {key: (one,) if isinstance(one, str) else one for key, one in marks.items()},
    )


def settle(database, *people, proof=MISSION, now=NOW):
    """Make `people` subscribers."""
    with database.write() as connection:
        insert_subscribers(connection, [(one, proof) for one in people], now, "added")


FOUR = (
    person("claire@example.org", "Claire", "Exemple", role="Cheffe de projet", department="35", region="Bretagne"),
    person("Karim@Example.com", "Karim", "Modèle", role=("Chef de projet", "Élu"), department="22", region="Bretagne"),
    person("mairie@petite-ville.example", "", "Mairie", role="Mairie", department="01"),
    person("lea@example.net", "Léa", "O’Neill"),
)
