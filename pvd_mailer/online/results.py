"""What was asked, and what came back: plain facts, without a judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["DkimKey", "DomainRecords", "LinkFault", "LinkResult", "OnlineResults", "TxtRecords"]


class LinkFault(StrEnum):
    """Why there is no answer."""

    NO_HOST = "no-host"
    """No such name."""
    PRIVATE = "private"
    """The name, or a redirect, leads into a private network."""
    REFUSED = "refused"
    """Nobody listens there."""
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    """No answer in time."""
    LOOP = "loop"
    """Redirects without an end."""
    SCHEME = "scheme"
    """A redirect to what is no page of the web."""
    BROKEN = "broken"
    """The connection broke, or what came was no HTTP."""
    NOT_ASKED = "not-asked"
    """There was no time left."""


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What became of one address.

    Attributes:
        status: HTTP's, of the last page; None where there is a fault.
        final: The address that answered, after redirects.
        seconds: How long it took, waiting for our turn apart.
        size: Of a document, in bytes, as the server says.
        title: The page's, one line.
        anchor: Whether the page has the address's fragment; None where that was not asked, or cannot be told.
        secure: For an http address that stays http: whether https answers there as well.
    """

    status: int | None = None
    fault: LinkFault | None = None
    final: str = ""
    seconds: float = 0.0
    size: int | None = None
    title: str = ""
    anchor: bool | None = None
    secure: bool = False

    @property
    def is_good(self) -> bool:
        """Whether a page came."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own class of codes


@dataclass(frozen=True, slots=True)
class TxtRecords:
    """Records of one kind at one name.

    Attributes:
        texts: Their texts; empty where there are none.
        is_answered: Whether the DNS answered at all.
    """

    texts: tuple[str, ...] = ()
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A DKIM key; `bits` is None where its size cannot be told."""

    selector: str
    bits: int | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class DomainRecords:
    """What the DNS says of the sender's domain.

    Attributes:
        exists: False where there is no such name; None where the DNS did not answer.
        spf: TXT records that begin like SPF.
        spf_lookups: How many further questions evaluating SPF takes (RFC 7208, 4.6.4).
        dmarc: TXT records that begin like DMARC, at `dmarc_at`.
        dmarc_at: The name that they stand at: the domain's, or one above.
        dkim_keys: DKIM keys at the selectors that were tried.
        has_dkim_keys: Whether any name stands under `_domainkey`; None where that cannot be told.
        tried_selectors: The selectors.
    """

    name: str
    exists: bool | None = True
    spf: TxtRecords = TxtRecords()
    spf_lookups: int = 0
    dmarc: TxtRecords = TxtRecords()
    dmarc_at: str = ""
    dkim_keys: tuple[DkimKey, ...] = ()
    has_dkim_keys: bool | None = None
    tried_selectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnlineResults:
    """Everything that was asked for one letter; pages by their address, as it is written."""

    links: Mapping[str, LinkResult] = field(default_factory=dict)
    domain: DomainRecords | None = None
