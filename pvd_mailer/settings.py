"""Settings: environment variables `PVD_*`, over `pvd-mailer.toml` in the workspace, over defaults."""

import os
from base64 import b64decode
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import N_, _
from pvd_mailer.keys import default_path
from pvd_mailer.workspace import CONFIG_FILE, Workspace, read_config

__all__ = ["Setting", "Settings", "effective_settings", "load_settings"]

_PREFIX = "PVD_"
MAX_CONNECTIONS = 16
"""Each wants one to the database as well, of which there are 40."""
ENVIRONMENT_SECRETS = ("database_url", "smtp_url")
"""Taken from the environment alone: a file of the workspace may end up in a repository."""
ENVIRONMENT_ONLY = ("keys", "sendgrid_webhook_key", "proxies")
"""Likewise: whoever can write the workspace would say where keys are kept, and whose word is believed."""
_SENDGRID_HOSTS = ("https://api.sendgrid.com", "https://api.eu.sendgrid.com")
"""Where a file of the workspace may send SendGrid's key; the environment may name any other."""


def _public_url(value: str | None) -> str | None:
    if value is None or value == "":
        return None
    stripped = value.rstrip("/")
    parts = urlsplit(stripped)  # which raises ValueError where a bracket is open
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.port == 0 or not parts.hostname or "@" in parts.netloc or not (parts.scheme == "https" or here):
        raise ValueError
    if not stripped.isascii() or not stripped.isprintable() or any(c in stripped for c in " <>\"'?#\\^`{|}"):
        raise ValueError
    return stripped


def _networks(value: str | None) -> str | None:
    """Addresses and networks with commas between them; a whole network in CIDR notation."""
    networks = [network.strip() for network in (value or "").split(",") if network.strip()]
    for network in networks:
        ip_network(network)
    return ",".join(networks) or None


def _webhook_key(value: str | None) -> str | None:
    """Base64 of an SPKI on P-256, as SendGrid's settings show it."""
    key = "".join((value or "").split())
    if key and not 100 <= len(b64decode(key, validate=True)) / 0.75 <= 200:  # noqa: PLR2004 - it has 124 characters
        raise ValueError
    return key or None


class Settings(BaseModel):
    """What differs from one machine to another: the environment wins over what is handed in. No secret is printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Literal["fr", "en"] | None = Field(None, description=N_("language of the commands; the system's if not set"))
    public_url: Annotated[str | None, AfterValidator(_public_url)] = Field(
        None,
        description=N_(
            "public https address of the readers' site, where letters' one-click links lead; leave it out without one"
        ),
    )
    channel: Literal["outbox", "smtp", "sendgrid"] = Field(
        "outbox", description=N_("how letters leave, where a command does not say")
    )
    rate: Annotated[int | None, Field(ge=1, le=1_000_000)] = Field(
        None, description=N_("at most so many messages a minute; no limit if not set")
    )
    batch_size: Annotated[int | None, Field(ge=1, le=1000)] = Field(
        None,
        description=N_("at most so many recipients a call, from the next approval on; the channel's own if not set"),
    )
    connections: Annotated[int, Field(ge=1, le=MAX_CONNECTIONS)] = Field(
        4, description=N_("connections to the provider at once; a kill leaves unknown what is in flight on all of them")
    )
    database_url: SecretStr | None = Field(
        None, description=N_("address of a PostgreSQL database; a file under var/ if not set")
    )
    smtp_url: SecretStr | None = Field(
        None, description=N_("the mail server: smtp:// or smtps://, with login and password")
    )
    sendgrid_url: str | None = Field(None, description=N_("another host for SendGrid, such as the European one"))
    sendgrid_sandbox: bool = Field(default=False, description=N_("SendGrid checks everything and sends nothing"))
    static_url: Annotated[str | None, AfterValidator(_public_url)] = Field(
        None,
        description=N_("https address where what `publish` writes is hosted, pictures and archive; no site is needed"),
    )
    proxies: Annotated[str | None, AfterValidator(_networks)] = Field(
        None, description=N_("addresses of the proxies before the site whose word on the reader's address is taken")
    )
    sendgrid_webhook_key: Annotated[str | None, AfterValidator(_webhook_key)] = Field(
        None, description=N_("public key that SendGrid signs its events with; without it none are taken")
    )
    soft_bounces: Annotated[int, Field(ge=1, le=100)] = Field(
        3,
        description=N_("after so many issues in a row that did not reach them, a subscriber is written to no more"),
    )
    keys: str | None = Field(
        None, description=N_("file with the keys that sign readers' links; in your settings' folder if not set")
    )

    @property
    def pages_url(self) -> str | None:
        """Where pictures and archive are, without a final slash: hosted files, or the readers' site."""
        return self.static_url or self.public_url

    @property
    def secret_database_url(self) -> str | None:
        """The database's address with its password: not for people's eyes."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def secret_smtp_url(self) -> str | None:
        """The mail server's address with its password: not for people's eyes."""
        return self.smtp_url.get_secret_value() if self.smtp_url else None

    @property
    def secret_sendgrid_key(self) -> str | None:
        """SendGrid's key, from the environment alone: not for people's eyes."""
        return os.environ.get("SENDGRID_API_KEY") or None

    @property
    def keys_path(self) -> Path:
        """Where the keys that sign readers' links are."""
        return Path(self.keys).expanduser() if self.keys else default_path()

    @model_validator(mode="before")
    @classmethod
    def _let_environment_win(cls, given: dict[str, Any]) -> dict[str, Any]:
        """`given`, with what the environment says in its place; a variable counts in capitals and in small letters."""
        environment = {name.upper(): value for name, value in os.environ.items()}
        variables = {name: f"{_PREFIX}{name.upper()}" for name in cls.model_fields}
        return given | {name: environment[key] for name, key in variables.items() if key in environment}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in force, for `doctor`."""

    name: str
    value: str | None
    origin: Literal["environment", "file", "default"]
    meaning: str


def load_settings(workspace: Workspace | None) -> Settings:
    """The settings in force.

    Raises:
        WrongUsageError: the file or a variable holds something unusable; it is named.
    """
    table = read_config(workspace)
    for name, variable in (
        _OTHER_SECRETS | {secret: f"{_PREFIX}{secret.upper()}" for secret in ENVIRONMENT_SECRETS}
    ).items():
        if name in table:
            raise WrongUsageError(
                _("{file} holds a secret: {name}").format(file=CONFIG_FILE, name=name),
                _(_INSTEAD).format(variable=variable),
            )
    for name in ENVIRONMENT_ONLY:
        if name in table:
            raise WrongUsageError(
                _("{file} says {name}, which only the environment may say").format(file=CONFIG_FILE, name=name),
                _(_INSTEAD).format(variable=f"{_PREFIX}{name.upper()}"),
            )
    if "sendgrid_url" in table and str(table["sendgrid_url"]).rstrip("/") not in _SENDGRID_HOSTS:
        raise WrongUsageError(
            _("{file} would send SendGrid's key to another host: sendgrid_url").format(file=CONFIG_FILE),
            _("In the file write {hosts}; any other host goes into the environment variable {variable}.").format(
                hosts=_(" or ").join(_SENDGRID_HOSTS), variable=f"{_PREFIX}SENDGRID_URL"
            ),
        )
    try:
        return Settings(**table)
    except ValidationError as error:
        unknown = [str(detail["loc"][0]) for detail in error.errors() if detail["type"] == "extra_forbidden"]
        if unknown:
            raise WrongUsageError(
                _("{file} has a setting that is not known: {name}").format(file=CONFIG_FILE, name=unknown[0]),
                _("Known settings: {names}. See `pvd-mailer doctor`.").format(
                    names=", ".join(
                        setting
                        for setting in Settings.model_fields
                        if setting not in {*ENVIRONMENT_SECRETS, *ENVIRONMENT_ONLY}
                    )
                ),
            ) from error
        name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
        is_in_environment = f"{_PREFIX}{name.upper()}" in os.environ
        source = f"{_PREFIX}{name.upper()}" if is_in_environment else f"{name} ({CONFIG_FILE})"
        raise WrongUsageError(
            _("the setting {name} has a value that cannot be used").format(name=source),
            _EXPECTED_VALUES[name] and _(_EXPECTED_VALUES[name]),
        ) from error


_OTHER_SECRETS = {"sendgrid_api_key": "SENDGRID_API_KEY", "backup_passphrase": f"{_PREFIX}BACKUP_PASSPHRASE"}
"""Secrets that are no settings, and what people would call them in the file -> their variables."""
_INSTEAD = N_("Take it out, and set the environment variable {variable} instead.")
_EXPECTED_VALUES = {
    "lang": N_("Write fr or en."),
    "public_url": N_("Write an address such as https://lettre.example.org, without accents or question mark."),
    "channel": N_("Write outbox, smtp or sendgrid."),
    "rate": N_("Write a whole number: messages a minute."),
    "batch_size": N_("Write a whole number from 1 to 1000: recipients a call."),
    "connections": N_("Write a whole number from 1 to 16."),
    "database_url": N_("Write postgresql://user:password@host/name."),
    "smtp_url": N_("Write smtp://user:password@host:587, or smtps://…:465."),
    "sendgrid_url": N_("Write an address that begins with https://."),
    "sendgrid_sandbox": N_("Write true or false."),
    "static_url": N_("Write an address such as https://lettre.example.org, without accents or question mark."),
    "proxies": N_("Write addresses or networks with commas between them, such as 127.0.0.1, 10.0.0.0/8."),
    "sendgrid_webhook_key": N_("Copy the verification key from SendGrid's settings, Event Webhook, Security features."),
    "soft_bounces": N_("Write a whole number from 1 to 100."),
    "keys": N_("Write the name of a file outside the workspace."),
}


def effective_settings(settings: Settings, workspace: Workspace | None) -> list[Setting]:
    """Every setting with its value and where it comes from."""
    table = read_config(workspace)
    result = []
    for name, field in Settings.model_fields.items():
        variable = f"{_PREFIX}{name.upper()}"
        origin: Literal["environment", "file", "default"] = "default"
        if variable in os.environ:
            origin = "environment"
        elif name in table:
            origin = "file"
        value = getattr(settings, name)
        result.append(
            Setting(
                variable,
                None if value is None else str(value).lower() if isinstance(value, bool) else str(value),
                origin,
                _(field.description) if field.description else "",
            )
        )
    return result
