"""Which mailbox an address leads to, as far as its spelling says: for limits alone, never to tell who is who."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, or_, select

from pvd_mailer.database.schema import subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = ["MAIL_PROVIDERS", "DomainSizes", "domain_of", "is_of_domain", "is_of_mailbox", "mailbox_of"]

_FRENCH: Final = """
    9business.fr aliceadsl.fr bbox.fr cegetel.net club-internet.fr dbmail.com free.fr laposte.net libertysurf.fr
    mailo.com mailoo.org netcourrier.com neuf.fr nordnet.fr noos.fr numericable.fr orange.fr sfr.fr voila.fr
    wanadoo.fr
"""
_ELSEWHERE: Final = """
    aol.com aol.fr email.com fastmail.com gmail.com gmx.com gmx.de gmx.fr gmx.net googlemail.com hey.com
    hotmail.be hotmail.ch hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com
    icloud.com live.be live.ca live.co.uk live.com live.de live.fr live.it mac.com mail.com me.com msn.com
    outlook.be outlook.com outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de posteo.net proton.me
    protonmail.ch protonmail.com rocketmail.com skynet.be t-online.de telenet.be tuta.com tutanota.com web.de
    yahoo.ca yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it ymail.com zoho.com
"""
MAIL_PROVIDERS: Final = frozenset((_FRENCH + _ELSEWHERE).split())
"""Domains at which anybody may have a mailbox: many people, each with a right to ask.

From the lists of public mail domains of mailcheck (its wiki's "List of Popular Domains"; MIT) and of PhantPHP's
domain-name (`EmailServiceProvider`), the parts on France and its neighbours. One that is missing is treated as a
town's own domain until many of the audience have it.
"""
MIN_SHARED_DOMAIN_SUBSCRIBERS: Final = 20
"""Subscribers that show a domain to be one of many people's; they confirmed, each by a mail there."""
DOMAIN_CACHE_TIME: Final = timedelta(hours=1)
MAX_REMEMBERED_DOMAINS: Final = 1000
"""Domains that are remembered."""


_ALIAS_DOMAINS: Final = (
    ("gmail.com", "googlemail.com"),
    ("icloud.com", "me.com", "mac.com"),
    ("proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
)
"""Domains of one provider that lead to the same mailboxes."""


def _aliases_of(domain: str) -> tuple[str, ...]:
    """All the domains by which the mailboxes at `domain` are reached."""
    return next((aliases for aliases in _ALIAS_DOMAINS if domain in aliases), (domain,))


def domain_of(key: str) -> str:
    """The domain of an address's canonical form."""
    return key.rpartition("@")[2]


def mailbox_of(key: str) -> str:
    """The mailbox that an address's canonical form leads to at providers that read no dots and nothing after a `+`.

    `c.laire+lettre@example.org` is `claire@example.org`. Where a provider does read them, two people share a limit.
    """
    local, _at, domain = key.rpartition("@")
    undotted = local.replace(".", "")
    return f"{undotted.partition('+')[0] or undotted}@{_aliases_of(domain)[0]}"


def is_of_mailbox(column: ColumnElement[Any], key: str) -> ColumnElement[bool]:
    """The condition that the address in `column` (its canonical form) leads to the same mailbox as `key`."""
    local, _at, domain = mailbox_of(key).rpartition("@")
    undotted = func.replace(column, ".", "")  # both databases have it; the domain's own dots are looked at apart
    is_tagged = undotted.startswith(f"{local}+", autoescape=True)
    aliases = _aliases_of(domain)
    is_plain = undotted.in_([f"{local}@{alias.replace('.', '')}" for alias in aliases])
    return or_(*(is_of_domain(column, alias) for alias in aliases)) & or_(is_plain, is_tagged)


def is_of_domain(column: ColumnElement[Any], domain: str) -> ColumnElement[bool]:
    """The condition that the address in `column` is one at `domain`."""
    return column.endswith(f"@{domain}", autoescape=True)


def _has_many(connection: Connection, domain: str) -> bool:
    query = (
        select(subscribers.c.id)
        .where(
            is_of_domain(subscribers.c.address_key, domain),
            subscribers.c.state == str(SubscriberState.SUBSCRIBED),
        )
        .limit(MIN_SHARED_DOMAIN_SUBSCRIBERS)
    )
    return len(connection.execute(query).all()) == MIN_SHARED_DOMAIN_SUBSCRIBERS


class DomainSizes:
    """Knows at which domains anybody may have a mailbox. To ask it looks through the whole audience, once an hour."""

    def __init__(self) -> None:
        self._cache: OrderedDict[str, tuple[bool, datetime]] = OrderedDict()

    def is_small(self, connection: Connection, domain: str, now: datetime) -> bool:
        """Whether few people may have an address at `domain`, so that one of them may get the mails of all."""
        if domain in MAIL_PROVIDERS:
            return False
        has_many, expires_at = self._cache.get(domain, (False, now))
        if expires_at <= now:
            has_many = _has_many(connection, domain)
            self._cache[domain] = (has_many, now + DOMAIN_CACHE_TIME)
            if len(self._cache) > MAX_REMEMBERED_DOMAINS:
                self._cache.popitem(last=False)
        return not has_many
