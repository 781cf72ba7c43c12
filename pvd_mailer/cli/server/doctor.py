"""`doctor`: settings in force and from where, and what is missing."""

import json
import os
import platform
import sys
from dataclasses import dataclass

import click
import yaml

from pvd_mailer import __version__
from pvd_mailer.approve.require_unsubscribe import is_public_url
from pvd_mailer.check.text.spelling import SPELLING_INSTALL_COMMAND, missing_dictionary_notice
from pvd_mailer.cli.output import diagnostics
from pvd_mailer.cli.output.labels import new_database_notice
from pvd_mailer.cli.server.backups import PASSPHRASE_VARIABLE
from pvd_mailer.compose import load_publication
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.findings import Finding, has_blocking
from pvd_mailer.i18n import N_, _
from pvd_mailer.private import others_may_read
from pvd_mailer.send.channels import open_channel
from pvd_mailer.services.context import database_file
from pvd_mailer.services.machine.installation import check_database, empty_database_name
from pvd_mailer.settings import Setting, Settings, effective_settings, load_settings
from pvd_mailer.workspace import Workspace, find_workspace

__all__ = ["run_doctor"]

_SECRETS = ("SENDGRID_API_KEY", PASSPHRASE_VARIABLE)
_ORIGINS = {"environment": N_("environment"), "file": "pvd-mailer.toml", "default": N_("default")}


@dataclass(slots=True)
class _Diagnosis:
    """What was found of an installation.

    Attributes:
        workspace: None where there is none around the current folder.
        settings: Those in force, secrets apart.
        problems: What is missing, a line each.
        findings: Faults of the publications.
        is_blocked: Whether something stands in the way of a letter.
    """

    workspace: Workspace | None
    settings: list[Setting]
    problems: list[str]
    findings: list[Finding]
    is_blocked: bool


def run_doctor(form: str) -> int:
    """Print the state of the installation; 1 where something stands in the way of a letter."""
    diagnosis = _diagnose()
    if form == "json":
        click.echo(_doctor_json(diagnosis))
    else:
        _print_diagnosis(diagnosis)
    return 1 if diagnosis.is_blocked else 0


def _diagnose() -> _Diagnosis:
    try:
        workspace = find_workspace()
    except WrongUsageError as exc:
        values = load_settings(None)
        return _Diagnosis(None, effective_settings(values, None), [f"{exc}. {exc.hint}"], [], is_blocked=True)
    values = load_settings(workspace)
    settings = effective_settings(values, workspace)
    findings = [finding for name in workspace.publications() for finding in load_publication(name, workspace)[1]]
    send_problems = _send_problems(workspace, values)
    problems = [
        *_workspace_problems(workspace),
        *send_problems,
        *_unreachable_urls(values),
        *_missing_webhook_key(values),
        *([] if send_problems else _new_database(workspace, values)),
        *_readable_by_others(workspace, values),
    ]
    is_blocked = bool(send_problems) or has_blocking(findings)
    return _Diagnosis(workspace, settings, problems, findings, is_blocked)


def _print_diagnosis(diagnosis: _Diagnosis) -> None:
    click.echo(f"pvd-mailer {__version__}, Python {platform.python_version()}, {platform.system()}")
    folder = diagnosis.workspace.root if diagnosis.workspace else "–"
    click.echo(_("Workspace: {folder}").format(folder=folder))
    click.echo()
    _print_settings(diagnosis.settings)
    click.echo()
    for line in diagnosis.problems:
        click.echo(click.style("! ", fg="yellow") + line)
    diagnostics.print_findings(diagnosis.findings)
    if not diagnosis.problems and not diagnosis.findings:
        click.echo(_("Everything is in place."))


def _print_settings(settings: list[Setting]) -> None:
    """A line each, and what it means; of secrets, whether they are set."""
    width = max(len(name) for name in (*_SECRETS, *(setting.name for setting in settings)))
    for setting in settings:
        value = setting.value if setting.value is not None else _("not set")
        click.echo(f"  {setting.name:<{width}} {value}  ({_(_ORIGINS[setting.origin])})")
        click.echo(click.style(f"  {'':<{width}} {setting.meaning}", dim=True))
    for name in _SECRETS:
        state = _("set") if os.environ.get(name) else _("not set")
        secret_label = _("secret")
        click.echo(f"  {name:<{width}} {state}  ({secret_label})")


def _workspace_problems(workspace: Workspace) -> list[str]:
    problems = []
    if not workspace.publications():
        problems.append(_("no publication: templates/<name>/publication.yaml is missing"))
    if not workspace.issue_folders():
        problems.append(_("no issue yet in issues/"))
    if not yaml.__with_libyaml__:
        problems.append(_("PyYAML was built without libyaml: reading is slower"))
    for lang in sorted(
        {publication.lang for name in workspace.publications() if (publication := load_publication(name, workspace)[0])}
    ):
        skipped_spelling = missing_dictionary_notice(lang)
        if skipped_spelling:
            problems.append(f"{skipped_spelling} {SPELLING_INSTALL_COMMAND}")
    if not os.access(workspace.root, os.W_OK):
        problems.append(_("the workspace cannot be written to"))
    return problems


def _send_problems(workspace: Workspace, settings: Settings) -> list[str]:
    """What a send would stumble over: the database and the channel. Nothing is written."""
    problems = []
    try:
        check_database(workspace, settings)
    except PvdError as exc:
        problems.append(_sentence(exc))
    try:
        open_channel(settings.channel, settings, workspace.var / "outbox")
    except PvdError as exc:
        problems.append(_sentence(exc))
    return problems


def _unreachable_urls(settings: Settings) -> list[str]:
    if settings.channel == "outbox":  # on one's own machine any address will do
        return []
    addresses = (("PVD_PUBLIC_URL", settings.public_url), ("PVD_STATIC_URL", settings.static_url))
    return [
        _("{name} is {url}, where no reader finds anything: no letter leaves with it.").format(name=name, url=url)
        for name, url in addresses
        if url is not None and not is_public_url(url)
    ]


def _new_database(workspace: Workspace, settings: Settings) -> list[str]:
    """Whether the database is one that holds nothing: it may not be the one that was meant."""
    name = empty_database_name(workspace, settings)
    return [new_database_notice(name)] if name is not None else []


def _missing_webhook_key(settings: Settings) -> list[str]:
    if settings.channel != "sendgrid" or not settings.public_url or settings.sendgrid_webhook_key:
        return []
    return [_("PVD_SENDGRID_WEBHOOK_KEY is not set: what becomes of the letters is only known once `sync` has asked.")]


def _readable_by_others(workspace: Workspace, settings: Settings) -> list[str]:
    """What others on this machine may read, and should not: keys, people's addresses."""
    files = {settings.keys_path: "600", database_file(workspace): "600", workspace.var / "outbox": "700"}
    return [
        _("Others on this machine may read {file}: `chmod {mode} {file}`").format(file=path, mode=mode)
        for path, mode in files.items()
        if others_may_read(path)
    ]


def _sentence(error: PvdError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}. {error.hint or ''}".rstrip()


def _doctor_json(diagnosis: _Diagnosis) -> str:
    return json.dumps(
        {
            "version": __version__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "workspace": str(diagnosis.workspace.root) if diagnosis.workspace else None,
            "settings": [
                {"name": setting.name, "value": setting.value, "origin": setting.origin, "meaning": setting.meaning}
                for setting in diagnosis.settings
            ],
            "secrets": {name: bool(os.environ.get(name)) for name in _SECRETS},
            "missing": diagnosis.problems,
            "findings": [finding.as_json() for finding in diagnosis.findings],
        },
        ensure_ascii=False,
        indent=2,
    )
