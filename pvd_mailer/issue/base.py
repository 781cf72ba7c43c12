"""What every part of the model shares: strictness, and typing scalars from the text that the editor wrote.

YAML 1.1 and 1.2 disagree on what `13:30`, `022` and `no` are. So the file's scalars arrive here as text, and
each field says what it accepts.
"""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "Day",
    "Email",
    "Flag",
    "Model",
    "Moment",
    "Number",
    "OptionalMoment",
    "Phone",
    "Slug",
    "Text",
    "Zone",
    "as_number",
    "clean_text",
    "fault",
]

# Controls but newline and tab, direction overrides and isolates, half surrogates, noncharacters.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2}))?")


class Model(BaseModel):
    """A part of the issue or of the publication: strict, closed and immutable."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, validate_default=False, use_attribute_docstrings=True
    )


def fault(rule: str, **context: Any) -> PydanticCustomError:
    """A fault of the model; `rule` names its wording in `compose.wording`.

    The context's `field` names the key at fault where it is not the one being validated.
    """
    return PydanticCustomError(rule, rule, context or None)


def clean_text(value: str) -> str:
    """Refuse what breaks a mail (control characters, half surrogates, direction overrides); normalise to NFC."""
    unwanted = _UNWANTED.search(value)
    if unwanted:
        raise fault("control-character", found=f"U+{ord(unwanted[0]):04X}")
    return unicodedata.normalize("NFC", value)


def _one_line(value: str) -> str:
    value = " ".join(re.split(r"[\n\t\r\u2028\u2029 ]+", clean_text(value))).strip(" ")
    if not value.strip():
        raise fault("empty")
    return value


def as_number(value: Any) -> Any:
    """Type the text of a whole number; `022` is refused, since YAML readers disagree on it."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"0[0-9]+", value):
        raise fault("leading-zero", wanted=value.lstrip("0") or "0")
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise fault("not-a-number")
    return int(value)


def _as_flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value in ("true", "false"):
        return value == "true"
    lowered = value.lower()
    if lowered in ("yes", "oui", "on", "vrai", "true"):
        raise fault("not-a-flag", wanted="true")
    if lowered in ("no", "non", "off", "faux", "false"):
        raise fault("not-a-flag", wanted="false")
    raise fault("not-a-flag", wanted="true / false")


def _day(text: str) -> date:
    match = _DATE.fullmatch(text)
    if not match:
        raise fault("not-a-date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise fault("no-such-date") from None


def _as_day(value: Any) -> Any:
    return _day(value) if isinstance(value, str) else value


def _as_optional_moment(value: Any) -> Any:
    return None if value is None else _as_moment(value)


def _as_moment(value: Any) -> Any:
    """`2023-03-08` is a whole day; `2023-03-08 13:30` is a time on the wall of its zone."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise fault("empty" if value is None else "not-a-moment")
    match = _MOMENT.fullmatch(value)
    if not match:
        raise fault("not-a-moment")
    day = _day(match[1])
    if match[2] is None:
        return day
    try:
        return datetime.combine(day, time(int(match[2]), int(match[3])))
    except ValueError:
        raise fault("no-such-hour") from None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise fault("no-such-zone") from None
    return value


def _email(value: str) -> str:
    try:
        # Delivery is the channel's affair; a letter is written and tested without a network.
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        # email-validator refuses the domains that RFC 2606 reserves, which examples and tests have to use.
        if not re.fullmatch(r"[A-Za-z0-9.+_-]+@(?:[a-z0-9-]+\.)*(?:invalid|example)", value):
            raise fault("not-an-address") from None
    return value


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", value):
        raise fault("not-a-slug")
    return value


def _phone(value: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 .\u00a0()-]{2,25}", value):
        raise fault("not-a-phone")
    return value


Text = Annotated[
    str,
    StringConstraints(strict=True, max_length=300),
    AfterValidator(_one_line),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 300}),
]
"""A short text on one line, without markup."""

Slug = Annotated[
    str,
    StringConstraints(strict=True, max_length=60),
    AfterValidator(_slug),
    Field(pattern=None),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}),
]
Number = Annotated[int, Field(ge=1, le=9999), BeforeValidator(as_number)]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
Day = Annotated[date, BeforeValidator(_as_day)]
"""A calendar day, written 2023-03-07."""

Moment = Annotated[
    date | datetime,
    BeforeValidator(_as_moment),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?$"}),
]
"""A day, or a day and an hour on the wall of the event's zone."""

OptionalMoment = Annotated[
    date | datetime | None,
    BeforeValidator(_as_optional_moment),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?$"}),
]
"""A moment that may be left out."""

Zone = Annotated[str, StringConstraints(strict=True, max_length=60), AfterValidator(_zone)]
"""A name of the IANA time zone database."""

Email = Annotated[
    str,
    StringConstraints(strict=True, max_length=254),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Phone = Annotated[str, StringConstraints(strict=True, max_length=30), AfterValidator(_phone)]
