"""Issues that were sent, and what was told of them since: rows, as sending and the webhook leave them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import func, insert, select

from pvd_mailer.database import schema
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal import ApprovalRecord
from tests.database import rows

HOURS_AGO = timedelta(hours=3)
START = datetime(2026, 12, 3, 8, tzinfo=UTC)
PUBLICATION = "petites-villes-de-demain"
_keys = count()


def seal(**more):
    """A seal of a letter that left by SendGrid."""
    return ApprovalRecord(
        **{
            "lang": "fr",
            "zone": "Europe/Paris",
            "public_url": "https://lettre.test",
            "channel": "sendgrid api.sendgrid.com",
            "rehearsal": False,
            "audience": "all",
            "audience_digest": "0" * 16,
            "sources": {},
        }
        | {name: "" for name in ApprovalRecord.__slots__ if name not in _KNOWN}
        | more
    ).as_json()


_KNOWN = {"lang", "zone", "public_url", "channel", "rehearsal", "audience", "audience_digest", "sources"} | {
    "static_url",
    "archive",
}


class SentIssues:
    """A database with issues that were sent."""

    def __init__(self, database):
        self.database = database
        with database.write() as connection:
            if not connection.scalar(select(func.count()).select_from(schema.blobs)):
                rows.letter(connection)

    def sent(self, number, addresses, *, start=START, state="accepted", name=None, rehearsal=False, own=None, **more):
        """A finished dispatch of issue `number` to `addresses`; its id; `own` are states by position."""
        name = name or f"{number:03}-{next(_keys):06x}"
        with self.database.write() as connection:
            rows.dispatch(
                connection,
                name,
                more.pop("dispatch_state", "finished"),
                number,
                sealed=seal(rehearsal=rehearsal),
                publication=PUBLICATION,
                issue_key=f"{PUBLICATION}/{number}" + ("/rehearsal" if rehearsal else ""),
                approved_at=start - timedelta(hours=1),
                started_at=start,
                **more,
            )
            batch = rows.batch(connection, state, name, attempt=1)
            people = [
                {
                    "dispatch_id": name,
                    "position": position,
                    "batch_id": batch,
                    "subscriber_ref": f"r{position}",
                    "issue_key": f"{PUBLICATION}/{number}",
                    "address_key": address,
                    "address": address,
                    "claims_issue": False,
                    "state": (own or {}).get(position),
                }
                for position, address in enumerate(addresses)
            ]
            for first in range(0, len(people), 5000):
                connection.execute(insert(schema.recipients), people[first : first + 5000])
        return name

    def tell(self, *events):
        """Write events down, in the order in which they are given."""
        with self.database.write() as connection:
            for first in range(0, len(events), 5000):
                connection.execute(insert(schema.events), list(events[first : first + 5000]))


def event(dispatch, position, kind, after=timedelta(minutes=1), *, start=START, **more):
    """Something that happened `after` the start to the recipient at `position`."""
    return {
        "source": "sendgrid",
        "key": f"key-{next(_keys)}",
        "kind": str(kind),
        "at": start + after,
        "received_at": START + timedelta(days=300),
        "dispatch_id": dispatch,
        "position": position,
        "subscriber_ref": None if position is None else f"r{position}",
        "domain": "example.org",
        "status": "",
        "reason": "",
    } | more


def adds_up(report):
    """Hold all the numbers of a report against one another."""
    outcome = report.outcome
    assert sum(report.states.values()) == report.audience
    assert report.states.get(RecipientState.ACCEPTED, 0) == outcome.accepted
    assert all(count >= 0 for count in outcome.fates.values())
    together = Counter()
    for one in report.domains:
        assert all(count >= 0 for count in one.outcome.fates.values())
        together += Counter(one.outcome.fates)
    assert together == +Counter(outcome.fates)
    assert sum(one.outcome.complaints for one in report.domains) == outcome.complaints
    assert sum(one.outcome.unsubscribes for one in report.domains) == outcome.unsubscribes
    by_fate = Counter()
    for reason in report.reasons:
        by_fate[reason.fate] += reason.count
    assert all(by_fate[fate] == outcome.fates[fate] for fate in ("bounced", "blocked", "dropped", "deferred"))
    if report.started_at:
        assert sum(one.delivered for one in report.periods) == outcome.fates["delivered"]
        assert sum(one.returned for one in report.periods) == outcome.returned
        assert sum(one.complaints for one in report.periods) == outcome.complaints
        assert sum(one.unsubscribes for one in report.periods) == outcome.unsubscribes
    return report
