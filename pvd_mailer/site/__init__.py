"""The readers' public pages: the way in, the way out, and what was sent. No page needs JavaScript."""

from pvd_mailer.site.app import create_app
from pvd_mailer.site.state import Site, open_site

__all__ = ["Site", "create_app", "open_site"]
