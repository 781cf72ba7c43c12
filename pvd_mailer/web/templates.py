"""The templates of pages for people at a browser: the preview's, the site's and the report's."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pvd_mailer.i18n import _, ngettext

__all__ = ["Environment", "page_environment"]


def page_environment(folder: Path) -> Environment:
    """Jinja2 over the templates of `folder`: all is escaped, a slip in a name is an error, and `_` speaks.

    The language is the interface's or the reader's, which is known only when somebody asks.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.install_gettext_callables(_, ngettext)  # type: ignore[attr-defined] # added by the extension
    return environment
