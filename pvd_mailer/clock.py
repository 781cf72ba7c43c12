"""What time it is, asked in one place so that tests can say otherwise."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
