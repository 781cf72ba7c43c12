"""What every part of the model shares: strictness, and typing scalars from the text that the editor wrote.

YAML 1.1 and 1.2 disagree on what `13:30`, `022` and `no` are. So the file's scalars arrive here as text, and
each field says what it accepts.
"""

import inspect
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
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from pvd_mailer.issue.attribute_docstrings import attribute_docstrings

__all__ = [
    "DateOrDateTime",
    "Day",
    "Email",
    "Flag",
    "IssueNumber",
    "OptionalDateOrDateTime",
    "Phone",
    "Slug",
    "StrictModel",
    "Text",
    "Zone",
    "clean_text",
    "model_error",
    "parse_number",
]

# Controls but newline and tab, direction overrides and isolates, half surrogates, noncharacters.
_FORBIDDEN_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DATE_OR_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2}))?")


class StrictModel(BaseModel):
    """A part of the issue or of the publication: strict, closed and immutable."""

    # Built when first used: blocks are parts of an issue, and none is validated by itself.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_default=False, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """With the attributes' docstrings; `use_attribute_docstrings` would read every source at each start."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        docstrings: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            inherited = {name: text for name, text in docstrings.items() if name not in inspect.get_annotations(base)}
            docstrings = inherited | (attribute_docstrings(base) if issubclass(base, StrictModel) else {})
        for name, text in docstrings.items():
            if name in cls.model_fields and cls.model_fields[name].description is None:
                properties[name]["description"] = text
        return schema


def model_error(rule: str, **context: Any) -> PydanticCustomError:
    """A fault of the model; `rule` names its wording in `compose.messages`.

    The context's `field` names the key at fault, or the way to it, where it is not the one being validated; `others`
    are the rule and the context of each further fault.
    """
    return PydanticCustomError(rule, rule, context or None)


def clean_text(value: str) -> str:
    """Refuse what breaks a mail (control characters, half surrogates, direction overrides); normalise to NFC."""
    forbidden = _FORBIDDEN_CHARACTERS.search(value)
    if forbidden:
        raise model_error("control-character", found=f"U+{ord(forbidden[0]):04X}")
    return unicodedata.normalize("NFC", value)


def _join_lines(value: str) -> str:
    value = " ".join(re.split(r"[\n\t\r\u2028\u2029 ]+", clean_text(value))).strip(" ")
    if not value.strip():
        raise model_error("empty")
    return value


def parse_number(value: Any) -> Any:
    """Type the text of a whole number; `022` is refused, since YAML readers disagree on it."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"0[0-9]+", value):
        raise model_error("leading-zero", wanted=value.lstrip("0") or "0")
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise model_error("not-a-number")
    return int(value)


def _parse_flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value in ("true", "false"):
        return value == "true"
    lowered = value.lower()
    if lowered in ("yes", "oui", "on", "vrai", "true"):
        raise model_error("not-a-flag", wanted="true")
    if lowered in ("no", "non", "off", "faux", "false"):
        raise model_error("not-a-flag", wanted="false")
    raise model_error("not-a-flag", wanted="true / false")


def _parse_day(text: str) -> date:
    match = _DATE.fullmatch(text)
    if not match:
        raise model_error("not-a-date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise model_error("no-such-date") from None


def _day_of(value: Any) -> Any:
    return _parse_day(value) if isinstance(value, str) else value


def _parse_optional_date_or_datetime(value: Any) -> Any:
    return None if value is None else _parse_date_or_datetime(value)


def _parse_date_or_datetime(value: Any) -> Any:
    """`2023-03-08` is a whole day; `2023-03-08 13:30` is a time on the wall of its zone."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise model_error("empty" if value is None else "not-a-moment")
    match = _DATE_OR_DATETIME.fullmatch(value)
    if not match:
        raise model_error("not-a-moment")
    day = _parse_day(match[1])
    if match[2] is None:
        return day
    try:
        return datetime.combine(day, time(int(match[2]), int(match[3])))
    except ValueError:
        raise model_error("no-such-hour") from None


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise model_error("no-such-zone") from None
    return value


def _check_email(value: str) -> str:
    try:
        # Delivery is the channel's affair; a letter is written and tested without a network.
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        # email-validator refuses the domains that RFC 2606 reserves, which examples and tests have to use.
        if not re.fullmatch(r"[A-Za-z0-9.+_-]+@(?:[a-z0-9-]+\.)*(?:invalid|example)", value):
            raise model_error("not-an-address") from None
    return value


def _check_slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", value):
        raise model_error("not-a-slug")
    return value


def _check_phone(value: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 .\u00a0()-]{2,25}", value):
        raise model_error("not-a-phone")
    return value


Text = Annotated[
    str,
    StringConstraints(strict=True, max_length=300),
    AfterValidator(_join_lines),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 300}),
]
"""A short text on one line, without markup."""

Slug = Annotated[
    str,
    StringConstraints(strict=True, max_length=60),
    AfterValidator(_check_slug),
    Field(pattern=None),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}),
]
IssueNumber = Annotated[int, Field(ge=1, le=9999), BeforeValidator(parse_number)]
Flag = Annotated[bool, BeforeValidator(_parse_flag)]
Day = Annotated[date, BeforeValidator(_day_of)]
"""A calendar day, written 2023-03-07."""

DateOrDateTime = Annotated[
    date | datetime,
    BeforeValidator(_parse_date_or_datetime),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?$"}),
]
"""A day, or a day and an hour on the wall of the event's zone."""

OptionalDateOrDateTime = Annotated[
    date | datetime | None,
    BeforeValidator(_parse_optional_date_or_datetime),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?$"}),
]
"""A moment that may be left out."""

Zone = Annotated[str, StringConstraints(strict=True, max_length=60), AfterValidator(_check_zone)]
"""A name of the IANA time zone database."""

Email = Annotated[
    str,
    StringConstraints(strict=True, max_length=254),
    AfterValidator(_check_email),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Phone = Annotated[str, StringConstraints(strict=True, max_length=30), AfterValidator(_check_phone)]
