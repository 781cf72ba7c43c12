"""Which spellings lead to one mailbox: for limits alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, create_engine, insert, select

from pvd_mailer.subscribers.mailbox_limits import MAIL_PROVIDERS, domain_of, is_of_mailbox, mailbox_of


@pytest.mark.parametrize(
    ("key", "mailbox"),
    [
        ("claire@example.org", "claire@example.org"),
        ("c.l.aire@example.org", "claire@example.org"),
        ("claire+1@example.org", "claire@example.org"),
        ("c.laire+x.y+z@example.org", "claire@example.org"),
        ("claire-2@example.org", "claire-2@example.org"),
        ("claire@ex.ample.org", "claire@ex.ample.org"),
        ("+336.00@example.org", "+33600@example.org"),
        ("claire@googlemail.com", "claire@gmail.com"),
        ("c.laire@mac.com", "claire@icloud.com"),
    ],
)
def test_dots_and_what_follows_a_plus_are_not_told_apart(key, mailbox):
    assert mailbox_of(key) == mailbox


LOCAL = st.text("ab_%+.", min_size=1, max_size=6).filter(lambda one: one.strip(".") == one and ".." not in one)
KEY = st.builds("{}@{}".format, LOCAL, st.sampled_from(["a.example", "a.b.example", "ab.example", "me.com", "mac.com"]))


@given(st.lists(KEY, max_size=8, unique=True), KEY)
def test_the_database_says_the_same(keys, wanted):
    engine = create_engine("sqlite://")
    table = Table("t", MetaData(), Column("address_key", Text))
    with engine.begin() as connection:
        table.create(connection)
        if keys:
            connection.execute(insert(table), [{"address_key": one} for one in keys])
        condition = is_of_mailbox(table.c.address_key, wanted)
        found = set(connection.scalars(select(table.c.address_key).where(condition)))
    engine.dispose()
    assert found == {one for one in keys if mailbox_of(one) == mailbox_of(wanted)}


def test_providers_are_domains():
    assert {"wanadoo.fr", "orange.fr", "gmail.com", "laposte.net"} <= MAIL_PROVIDERS
    assert all(one == domain_of(f"x@{one}") == one.lower() and "." in one for one in MAIL_PROVIDERS)
