"""`doctor`: settings in force and from where, and what is missing."""

import json
import os
import platform
import sys
from contextlib import closing

import click
import yaml

from pvd_mailer import __version__
from pvd_mailer.approve.way_out import is_reachable
from pvd_mailer.check.dictionaries import INSTALL
from pvd_mailer.check.dictionaries import missing as unspelled
from pvd_mailer.cli import show
from pvd_mailer.cli.desk import DEFAULT
from pvd_mailer.cli.safekeeping import VARIABLE
from pvd_mailer.cli.words import new_database
from pvd_mailer.compose import load_publication
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare, revision
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.findings import Finding, is_blocked
from pvd_mailer.i18n import N_, _
from pvd_mailer.private import others_may_read
from pvd_mailer.send.channels import open_channel
from pvd_mailer.settings import Setting, Settings, load_settings, settings_in_force
from pvd_mailer.workflow.standing import is_new
from pvd_mailer.workspace import Workspace, find_workspace

__all__ = ["examine"]

SECRETS = ("SENDGRID_API_KEY", VARIABLE)
_ORIGINS = {"environment": N_("environment"), "file": "pvd-mailer.toml", "default": N_("default")}


def examine(form: str) -> int:
    """Print the state of the installation; 1 where something stands in the way of a letter."""
    workspace: Workspace | None
    missing: list[str] = []
    unserved: list[str] = []
    try:
        workspace = find_workspace()
    except WrongUsageError as error:
        workspace = None
        missing.append(f"{error}. {error.hint}")
    loaded = load_settings(workspace)
    settings = settings_in_force(loaded, workspace)
    findings: list[Finding] = []
    if workspace is not None:
        for name in workspace.publications():
            findings += load_publication(name, workspace)[1]
        unserved = _unserved(workspace, loaded)
        missing += _missing(workspace) + unserved + _unreachable(loaded) + _unheard(loaded)
        missing += [] if unserved else _new(workspace, loaded)
        missing += _exposed(workspace, loaded)
    if form == "json":
        click.echo(_as_json(workspace, settings, missing, findings))
    else:
        click.echo(f"pvd-mailer {__version__}, Python {platform.python_version()}, {platform.system()}")
        click.echo(_("Workspace: {folder}").format(folder=workspace.root if workspace else "–"))
        click.echo()
        width = max(len(name) for name in (*SECRETS, *(setting.name for setting in settings)))
        for setting in settings:
            value = setting.value if setting.value is not None else _("not set")
            click.echo(f"  {setting.name:<{width}} {value}  ({_(_ORIGINS[setting.origin])})")
            click.echo(click.style(f"  {'':<{width}} {setting.meaning}", dim=True))
        for name in SECRETS:
            state = _("set") if os.environ.get(name) else _("not set")
            secret = _("secret")
            click.echo(f"  {name:<{width}} {state}  ({secret})")
        click.echo()
        for line in missing:
            click.echo(click.style("! ", fg="yellow") + line)
        show.findings(findings)
        if not missing and not findings:
            click.echo(_("Everything is in place."))
    return 1 if workspace is None or unserved or is_blocked(findings) else 0


def _missing(workspace: Workspace) -> list[str]:
    missing = []
    if not workspace.publications():
        missing.append(_("no publication: templates/<name>/publication.yaml is missing"))
    if not workspace.issue_folders():
        missing.append(_("no issue yet in issues/"))
    if not yaml.__with_libyaml__:
        missing.append(_("PyYAML was built without libyaml: reading is slower"))
    for lang in sorted(
        {made.lang for name in workspace.publications() if (made := load_publication(name, workspace)[0])}
    ):
        spelling = unspelled(lang)
        if spelling:
            missing.append(f"{spelling} {INSTALL}")
    if not os.access(workspace.root, os.W_OK):
        missing.append(_("the workspace cannot be written to"))
    return missing


def _unserved(workspace: Workspace, settings: Settings) -> list[str]:
    """What a send would stumble over: the database and the channel. Nothing is written."""
    unserved = []
    file = workspace.var / DEFAULT
    try:
        if settings.secret_database_url or file.exists():
            with closing(open_database(settings.secret_database_url, file)) as database:
                if revision(database) is not None:  # where it is empty, `prepare` would fill it
                    prepare(database)
    except PvdError as error:
        unserved.append(_said(error))
    try:
        open_channel(settings.channel, settings, workspace.var / "outbox")
    except PvdError as error:
        unserved.append(_said(error))
    return unserved


def _unreachable(settings: Settings) -> list[str]:
    if settings.channel == "outbox":  # on one's own machine any address will do
        return []
    addresses = (("PVD_PUBLIC_URL", settings.public_url), ("PVD_STATIC_URL", settings.static_url))
    return [
        _("{name} is {url}, where no reader finds anything: no letter leaves with it.").format(name=name, url=url)
        for name, url in addresses
        if url is not None and not is_reachable(url)
    ]


def _new(workspace: Workspace, settings: Settings) -> list[str]:
    """Whether the database is one that holds nothing: it may not be the one that was meant."""
    file = workspace.var / DEFAULT
    try:
        if settings.secret_database_url or file.exists():
            with closing(open_database(settings.secret_database_url, file)) as database:
                if database.is_there and (revision(database) is None or is_new(database)):
                    return [new_database(database.shown())]
    except PvdError:  # said already
        return []
    return []


def _unheard(settings: Settings) -> list[str]:
    if settings.channel != "sendgrid" or not settings.public_url or settings.sendgrid_webhook_key:
        return []
    return [_("PVD_SENDGRID_WEBHOOK_KEY is not set: what becomes of the letters is only known once `sync` has asked.")]


def _exposed(workspace: Workspace, settings: Settings) -> list[str]:
    """What others on this machine may read, and should not: keys, people's addresses."""
    files = {settings.keys_path: "600", workspace.var / DEFAULT: "600", workspace.var / "outbox": "700"}
    return [
        _("Others on this machine may read {file}: `chmod {mode} {file}`").format(file=path, mode=mode)
        for path, mode in files.items()
        if others_may_read(path)
    ]


def _said(error: PvdError) -> str:
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}. {error.hint or ''}".rstrip()


def _as_json(workspace: Workspace | None, settings: list[Setting], missing: list[str], findings: list[Finding]) -> str:
    return json.dumps(
        {
            "version": __version__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "workspace": str(workspace.root) if workspace else None,
            "settings": [
                {"name": one.name, "value": one.value, "origin": one.origin, "meaning": one.meaning} for one in settings
            ],
            "secrets": {name: bool(os.environ.get(name)) for name in SECRETS},
            "missing": missing,
            "findings": [one.as_json() for one in findings],
        },
        ensure_ascii=False,
        indent=2,
    )
