"""Which mailbox an address leads to, as far as its spelling says: for limits alone, never to tell who is who."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, or_, select

from pvd_mailer.database.schema import subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = ["PROVIDERS", "domain_of", "has_many", "is_of_mailbox", "mailbox_of"]

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
PROVIDERS: Final = frozenset((_FRENCH + _ELSEWHERE).split())
"""Domains at which anybody may have a mailbox: many people, each with a right to ask.

From the lists of public mail domains of mailcheck (its wiki's "List of Popular Domains"; MIT) and of PhantPHP's
domain-name (`EmailServiceProvider`), the parts on France and its neighbours. One that is missing is treated as a
town's own domain until `has_many` of the audience have it.
"""
MANY: Final = 20
"""Subscribers that show a domain to be one of many people's; they confirmed, each by a mail there."""


def domain_of(key: str) -> str:
    """The domain of an address's canonical form."""
    return key.rpartition("@")[2]


def mailbox_of(key: str) -> str:
    """The mailbox that an address's canonical form leads to at providers that read no dots and nothing after a `+`.

    `c.laire+lettre@example.org` is `claire@example.org`. Where a provider does read them, two people share a limit.
    """
    local, _at, domain = key.rpartition("@")
    whole = local.replace(".", "")
    return f"{whole.partition('+')[0] or whole}@{domain}"


def is_of_mailbox(column: ColumnElement[Any], key: str) -> ColumnElement[bool]:
    """The condition that the address in `column` (its canonical form) leads to the same mailbox as `key`."""
    local, _at, domain = mailbox_of(key).rpartition("@")
    end = f"@{domain}"
    bare = func.replace(column, ".", "")  # both databases have it; the domain's own dots are looked at apart
    tagged = bare.startswith(f"{local}+", autoescape=True)
    plain = bare == f"{local}{end.replace('.', '')}"
    return column.endswith(end, autoescape=True) & or_(plain, tagged)


def has_many(connection: Connection, domain: str) -> bool:
    """Whether many subscribers have an address at `domain`. Looks through the whole audience."""
    those = (
        select(subscribers.c.id)
        .where(
            subscribers.c.address_key.endswith(f"@{domain}", autoescape=True),
            subscribers.c.state == str(SubscriberState.SUBSCRIBED),
        )
        .limit(MANY)
    )
    return len(connection.execute(those).all()) == MANY
