"""The command line: arguments in, a call of a service, words (or JSON) and an exit code out.

It hands on nothing but the exit code, and is the only package that knows click. It must never decide anything, nor
know SQL, a transaction or a channel's protocol: what a command does, a program can do by calling the same service.
"""

import gettext
import os
import sys

from pvd_mailer import i18n
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.workspace import find_workspace, read_config

__all__ = ["main"]


def _language() -> str:
    """The language to speak: the setting's, or the system's. Faults of settings are told later, in words."""
    lang = os.environ.get("PVD_LANG", "")
    if not lang:
        try:
            lang = str(read_config(find_workspace()).get("lang", ""))
        except WrongUsageError:
            lang = ""
    return lang if lang in i18n.LANGUAGES else i18n.guess_language()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code.

    0: good, or advice only. 1: a blocking fault. 2: wrong usage. 3: something else failed. 4: a send that is not
    complete. 5: a send that stopped on the way. 130: interrupted.
    """
    lang = _language()
    i18n.set_language(lang)
    # click asks gettext's global domain for its own words ("Usage", "No such option"); they are in our catalogue.
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain(i18n.GETTEXT_DOMAIN, str(i18n.LOCALES))
    gettext.textdomain(i18n.GETTEXT_DOMAIN)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console or LANG=C must not turn an accent into a crash.
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Help texts are translated when the module is read, hence after the language is known.
    from pvd_mailer.cli.main import run

    sys.exit(run(arguments))
