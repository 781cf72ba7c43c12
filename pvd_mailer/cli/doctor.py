"""`doctor`: settings in force and from where, and what is missing."""

import json
import os
import platform
import sys

import click
import yaml

from pvd_mailer import __version__
from pvd_mailer.check.dictionaries import INSTALL
from pvd_mailer.check.dictionaries import missing as unspelled
from pvd_mailer.cli import show
from pvd_mailer.compose import load_publication
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.findings import Finding, is_blocked
from pvd_mailer.i18n import N_, _
from pvd_mailer.settings import Setting, load_settings, settings_in_force
from pvd_mailer.workspace import Workspace, find_workspace

__all__ = ["examine"]

SECRETS = ("SENDGRID_API_KEY",)
_ORIGINS = {"environment": N_("environment"), "file": "pvd-mailer.toml", "default": N_("default")}


def examine(form: str) -> int:
    """Print the state of the installation; 1 where something stands in the way of a letter."""
    workspace: Workspace | None
    missing: list[str] = []
    try:
        workspace = find_workspace()
    except WrongUsageError as error:
        workspace = None
        missing.append(f"{error}. {error.hint}")
    settings = settings_in_force(load_settings(workspace), workspace)
    findings: list[Finding] = []
    if workspace is not None:
        for name in workspace.publications():
            findings += load_publication(name, workspace)[1]
        missing += _missing(workspace)
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
    return 1 if workspace is None or is_blocked(findings) else 0


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
