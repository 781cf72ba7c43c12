"""The readers' public pages: subscribe, unsubscribe, preferences, letters that were sent. None needs JavaScript.

Hands on `create_app` and `open_site`. Routes answer URLs, views make pages, jobs work beside requests; all of them call
services, and none opens a database or a transaction.
"""

from pvd_mailer.site.app import create_app
from pvd_mailer.site.state import Site, open_site

__all__ = ["Site", "create_app", "open_site"]
