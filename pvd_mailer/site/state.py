"""What every page of the site has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pvd_mailer.compose import load_publication
from pvd_mailer.errors import BlockedError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.keys import KeyRing
from pvd_mailer.services.context import AppContext
from pvd_mailer.site.live.default_publication import DefaultPublication
from pvd_mailer.site.live.keys import LiveKeys
from pvd_mailer.site.live.publications import LivePublications

__all__ = ["RESERVED_NAMES", "Site", "open_site", "open_site_for_export"]

RESERVED_NAMES = frozenset({"c", "health", "p", "ready", "u", "undo", "events", "archive", "images"})
"""First parts of addresses that are the site's own: no publication's folder can be called so."""


@dataclass(frozen=True, slots=True)
class Site:
    """The office behind the site, and the publications that it speaks for.

    Attributes:
        publications: By the name of their folder, as their files are now.
    """

    context: AppContext
    publications: Mapping[str, Publication]
    live_default: DefaultPublication
    live_keys: LiveKeys

    @property
    def default_publication(self) -> str:
        """The publication whose face pages wear that are of none, such as one that is not there."""
        return self.live_default.name

    def publication_or_default(self, name: str | None) -> str:
        """`name` where the site speaks for it, else the house."""
        return name if name is not None and name in self.publications else self.default_publication

    @property
    def keys(self) -> KeyRing:
        """The keys as they are now, `keys rotate` included."""
        return self.live_keys.ring

    @property
    def public_url(self) -> str:
        """The site's own address, without a final slash; links in mails begin with it."""
        url = self.context.settings.public_url
        if url is None:  # `open_site` has looked
            raise LookupError
        return url

    @property
    def prefix(self) -> str:
        """What every path of the site begins with, where its address has a path: nothing, or such as `/lettre`."""
        return urlsplit(self.context.settings.public_url or "").path


def open_site(context: AppContext) -> Site:
    """The site of `context`'s workspace.

    Raises:
        BlockedError: a publication.yaml is at fault.
        WrongUsageError: there is no publication, one has a name that cannot be, or no public address is set.
    """
    if context.settings.public_url is None:
        raise WrongUsageError(
            _("the readers' site has no address: PVD_PUBLIC_URL is not set"),
            _("Set it to the https address under which readers reach it, such as https://lettre.example.org."),
        )
    return open_site_for_export(context)


def open_site_for_export(context: AppContext) -> Site:
    """As `open_site`, for pages that are written as files: they need no site.

    Raises:
        BlockedError: a publication.yaml is at fault.
        WrongUsageError: there is no publication, or one has a name that cannot be.
    """
    publications: dict[str, Publication] = {}
    for name in context.workspace.publications():
        if name in RESERVED_NAMES:
            raise WrongUsageError(
                _("a publication cannot be called “{name}” on the readers' site").format(name=name),
                _("Give its folder another name: this one is an address of the site's own."),
            )
        publication, findings = load_publication(name, context.workspace)
        if publication is None:
            raise BlockedError(list(findings))
        publications[name] = publication
    if not publications:
        raise WrongUsageError(
            _("there is no publication in {folder}").format(
                folder=context.workspace.display_path(context.workspace.templates)
            ),
            _("Start a workspace with `pvd-mailer init DIR`: it holds a first one."),
        )
    keys = LiveKeys(context.settings.keys_path, context.keys)
    return Site(
        context,
        LivePublications(context.workspace, publications),
        DefaultPublication(context, publications),
        keys,
    )
