"""The tables. Migrations make them; a test holds the two equal.

A column's `comment` is in the database, too (PostgreSQL); `doc` is for readers of this file, where a name says too
little.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

from pvd_mailer.database.states import DispatchState, EventKind, LegalBasis, RequestKind, SubscriberState

__all__ = [
    "UtcDateTime",
    "batches",
    "blobs",
    "dispatches",
    "events",
    "facts",
    "histories",
    "log",
    "metadata",
    "oppositions",
    "recipients",
    "requests",
    "subscribers",
    "tags",
    "test_sends",
]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone: it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raise ValueError for a time without a zone: which moment it is, nobody could say."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The moment, in UTC."""
        del dialect
        if value is None:
            return None
        moment: datetime = value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_enum(column: str, values: type[StrEnum], name: str) -> CheckConstraint:
    values_sql = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({values_sql})", name=name)


Identity = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself for INTEGER alone

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What the database knows of itself, such as the digest of the key that its links were signed with.",
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("ref", String(32), nullable=False, unique=True, comment="Opaque; what a signed link carries."),
    Column("address_key", Text, nullable=False, unique=True, comment="The canonical form: one person, one row."),
    Column("address", Text, nullable=False, comment="As it was written."),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("proof_at", UtcDateTime, nullable=False, comment="When consent was given or the person was informed."),
    Column("proof_source", Text, nullable=False, comment="Where from: a file, a form, a person."),
    Column("proof_wording", Text, nullable=False, server_default="", comment="What the person was told."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("last_contact_at", UtcDateTime, nullable=False, comment="What retention counts from."),
    _in_enum("state", SubscriberState, "state"),
    _in_enum("basis", LegalBasis, "basis"),
    Index(None, "state"),
)

tags = Table(
    "tags",
    metadata,
    Column("subscriber_id", Identity, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False, comment="Folded: lower case, no accents, hyphens for blanks."),
    Column("value", Text, nullable=False, comment="As it was written."),
    Column("value_key", Text, nullable=False, comment="Folded, for filters."),
    PrimaryKeyConstraint("subscriber_id", "key", "value_key"),
    Index(None, "key", "value_key"),
)

histories = Table(
    "histories",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("subscriber_id", Identity, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(40), nullable=False, doc="A verb or the new state: imported, signed-up, bounced."),
    Column("source", Text, nullable=False, server_default="", doc="Who says so: a file, site, soft-bounces, restore."),
    Column("detail", Text, nullable=False, server_default=""),
    Index(None, "subscriber_id"),
)

oppositions = Table(
    "oppositions",
    metadata,
    Column("digest", String(64), primary_key=True, comment="Keyed hash of the canonical address."),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(40), nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of data, in hexadecimal."),
    Column("data", LargeBinary, nullable=False),
)

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("publication", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column(
        "issue_key",
        Text,
        nullable=False,
        comment="What a person gets once: publication, number, and real or rehearsal.",
    ),
    Column("state", String(16), nullable=False),
    Column("letter", String(64), ForeignKey("blobs.digest"), nullable=False, doc="Digest of its manifest."),
    Column(
        "sealed", Text, nullable=False, comment="JSON: sender, channel, public URL, audience, digests of the sources."
    ),
    Column("approved_by", Text, nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
    Column(
        "again",
        Boolean,
        nullable=False,
        server_default=false(),
        doc="Sent on purpose to people who have the issue; its recipients claim nothing.",
    ),
    Column("start_at", UtcDateTime, doc="When it is scheduled for; not when it began, which is started_at."),
    Column("owner", String(32), comment="The sender that may claim its batches; the newest one wins."),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("paused_why", Text, nullable=False, server_default="", doc="Why it is paused, or why it is void."),
    Column("not_before", UtcDateTime, comment="Until when the provider asked to be left alone."),
    Column(
        "calls",
        Integer,
        nullable=False,
        server_default="0",
        comment="How often a batch was claimed, or may have been. It only grows: an older copy has fewer.",
    ),
    _in_enum("state", DispatchState, "state"),
    Index(
        "ix_dispatches_one_approval",
        "publication",
        "number",
        unique=True,
        sqlite_where=text("state = 'approved'"),
        postgresql_where=text("state = 'approved'"),
    ),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("dispatch_id", String(24), ForeignKey("dispatches.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0", doc="How often it was claimed."),
    Column("owner", String(32), doc="The sender that claimed it last; None where a late answer is not to count."),
    Column("call_id", String(32), unique=True, comment="Opaque, new for each call, written down before it."),
    Column("cause", String(24), nullable=False, server_default="", doc="One of a closed set: FailureCause."),
    Column("reason", Text, nullable=False, server_default="", doc="For people; the far side's own words."),
    Column("retryable", Boolean, nullable=False, server_default=false(), doc="Another attempt may reach the refused."),
    Column("not_before", UtcDateTime, doc="Until when the provider asked not to be called with it."),
    Column("claimed_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    CheckConstraint("state IN ('pending', 'sending', 'accepted', 'refused', 'unknown', 'cancelled')", name="state"),
    Index(None, "dispatch_id", "state"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("dispatch_id", String(24), ForeignKey("dispatches.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("batch_id", Identity, comment="None for those excluded when the audience was frozen."),
    Column("subscriber_ref", String(32), comment="subscribers.ref; None once forgotten."),
    Column("issue_key", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("state", String(16), comment="None: as the batch."),
    Column(
        "claims_issue",
        Boolean,
        nullable=False,
        comment="Has the issue, or may have it, or is about to: nobody else may send it.",
    ),
    Column("cause", String(24), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("retryable", Boolean, nullable=False, server_default=false()),
    Column("settled_at", UtcDateTime),
    PrimaryKeyConstraint("dispatch_id", "position"),
    ForeignKeyConstraint(["batch_id"], ["batches.id"]),
    UniqueConstraint("dispatch_id", "address_key"),
    CheckConstraint("state IN ('accepted', 'excluded', 'refused', 'unknown', 'cancelled')", name="state"),
    CheckConstraint("state IS NOT NULL OR batch_id IS NOT NULL", name="somewhere"),
    Index(None, "batch_id"),
    Index(None, "address_key"),
    Index(
        "ix_recipients_once",
        "issue_key",
        "address_key",
        unique=True,
        sqlite_where=text("claims_issue"),
        postgresql_where=text("claims_issue"),
    ),
)

log = Table(
    "log",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("dispatch_id", String(24), ForeignKey("dispatches.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(24), nullable=False, doc="What was done: approved, sending, paused, resend-unknown."),
    Column("by", Text, nullable=False, server_default="", doc="The person who did it; empty for the program."),
    Column("detail", Text, nullable=False, server_default=""),
    Index(None, "dispatch_id"),
)

test_sends = Table(
    "test_sends",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("publication", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("letter", String(64), ForeignKey("blobs.digest"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("accepted", Integer, nullable=False, doc="How many recipients the channel took it for."),
    Column("others", Integer, nullable=False, doc="How many it did not."),
)

events = Table(
    "events",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("source", String(16), nullable=False, comment="Who says so: sendgrid, sync, maildir, send, site, office."),
    Column("key", Text, nullable=False, unique=True, comment="The same for the same event, however often it is told."),
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False, comment="When it happened, as the source says."),
    Column("received_at", UtcDateTime, nullable=False),
    Column("dispatch_id", String(24), ForeignKey("dispatches.id"), comment="None where it is about no dispatch."),
    Column("position", Integer, comment="Of the recipient in the dispatch."),
    Column("call_id", String(32), comment="Of the call that it proves to have been taken (batches.call_id)."),
    Column("subscriber_ref", String(32), comment="subscribers.ref; None for nobody we know, or once forgotten."),
    Column("domain", Text, nullable=False, server_default="", comment="Of the address; empty once forgotten."),
    Column("status", String(16), nullable=False, server_default="", comment="RFC 3463's code, such as 5.1.1."),
    Column("reason", Text, nullable=False, server_default="", comment="The far side's words, without the address."),
    _in_enum("kind", EventKind, "kind"),
    Index(None, "dispatch_id", "kind"),
    Index(None, "dispatch_id", "position"),
    Index(None, "subscriber_ref"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("ref", String(32), nullable=False, unique=True, comment="Opaque; what the signed link in its mail carries."),
    Column("kind", String(16), nullable=False),
    Column("publication", Text, nullable=False),
    Column("lang", String(2), nullable=False, comment="What the person was spoken to in."),
    Column("address_key", Text, nullable=False),
    Column("address", Text, nullable=False, comment="As it was written."),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("tags", Text, nullable=False, server_default="{}", comment="JSON: key -> values as they were written."),
    Column("wording", Text, nullable=False, server_default="", comment="What the person was told, and said yes to."),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, comment="The row goes away after this, confirmed or not."),
    Column("mail", String(16), nullable=False, comment="Its mail: waiting, sent, refused."),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcDateTime, comment="When its mail may be tried again."),
    Column("done_at", UtcDateTime, comment="When its link was used."),
    _in_enum("kind", RequestKind, "kind"),
    CheckConstraint("mail IN ('waiting', 'sent', 'refused')", name="mail"),
    Index(None, "mail"),
    Index(None, "address_key"),
    comment="What somebody asked for at the readers' site, and has to confirm by the link in a mail.",
)
