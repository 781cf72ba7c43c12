"""Everything that SendGrid refuses a call for: the limits of its documentation, enforced."""

import base64
import binascii
import re
import time

__all__ = ["LARGEST", "faults_of"]

LARGEST = 30 * 1000 * 1000
MOST = 1000
BYTES = 10_000
LATEST = 72 * 3600
RESERVED = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}
KNOWN = {
    "personalizations",
    "from",
    "reply_to",
    "reply_to_list",
    "subject",
    "content",
    "attachments",
    "template_id",
    "headers",
    "categories",
    "custom_args",
    "send_at",
    "batch_id",
    "asm",
    "ip_pool_name",
    "mail_settings",
    "tracking_settings",
}
OWN = {
    "to",
    "cc",
    "bcc",
    "from",
    "subject",
    "headers",
    "substitutions",
    "dynamic_template_data",
    "custom_args",
    "send_at",
}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class _Report(list):
    """Errors as SendGrid writes them."""

    def say(self, field, message):
        self.append(
            {"message": message, "field": field, "help": "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/"}
        )


def faults_of(call):
    """The errors of a call, a list that is empty where there are none."""
    report = _Report()
    if not isinstance(call, dict):
        report.say(None, "Bad Request")
        return report
    for name in call.keys() - KNOWN:
        report.say(name, f"Invalid type. Additional property {name} is not allowed.")
    _personalizations(report, call)
    _person(report, "from", call.get("from"))
    if "reply_to" in call:
        _person(report, "reply_to", call["reply_to"])
    if not isinstance(call.get("subject"), str) or not call["subject"]:
        report.say("subject", "The subject is required.")
    _content(report, call.get("content"))
    _attachments(report, call.get("attachments", []))
    _headers(report, "headers", call.get("headers", {}))
    _categories(report, call.get("categories", []))
    _send_at(report, "send_at", call.get("send_at"))
    template = call.get("template_id")
    if template is None and any("dynamic_template_data" in one for one in _dicts(call.get("personalizations"))):
        report.say("template_id", "dynamic_template_data needs a dynamic template, whose id begins with d-.")
    elif template is not None and not str(template).startswith("d-"):
        report.say("template_id", "The template_id must be a valid GUID, you provided '" + str(template) + "'.")
    return report


def _dicts(value):
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _person(report, field, person):
    if not isinstance(person, dict) or not isinstance(person.get("email"), str):
        report.say(f"{field}.email", "The email parameter is required.")
        return
    if len(person["email"]) > 254 or not ADDRESS.fullmatch(person["email"]):
        report.say(f"{field}.email", f"Does not contain a valid address: {person['email']}")
    name = person.get("name", "")
    if not isinstance(name, str):
        report.say(f"{field}.name", "Invalid type. Expected: string.")
    elif field.startswith("personalizations") and (";" in name or "," in name):
        report.say(f"{field}.name", "The name of a recipient must not contain a semicolon or a comma.")
    for key in person.keys() - {"email", "name"}:
        report.say(f"{field}.{key}", "Additional property is not allowed.")


def _personalizations(report, call):
    them = call.get("personalizations")
    if not isinstance(them, list) or not them:
        report.say("personalizations", "The personalizations field is required and must have at least one.")
        return
    if len(them) > MOST:
        report.say("personalizations", f"At most {MOST} personalizations are allowed.")
        return
    seen = set()
    total = 0
    for number, one in enumerate(them):
        field = f"personalizations.{number}"
        if not isinstance(one, dict):
            report.say(field, "Invalid type. Expected: object.")
            continue
        total += _own(report, field, one, call.get("custom_args", {}), seen)
    if total > MOST:
        report.say("personalizations", f"At most {MOST} addresses in to, cc and bcc are allowed.")


def _own(report, field, one, common_args, seen):
    for name in one.keys() - OWN:
        report.say(f"{field}.{name}", "Additional property is not allowed.")
    if not one.get("to"):
        report.say(f"{field}.to", "The to array is required for all personalization objects.")
    total = 0
    for kind in ("to", "cc", "bcc"):
        for index, person in enumerate(one.get(kind, [])):
            total += 1
            _person(report, f"{field}.{kind}.{index}", person)
            address = person.get("email") if isinstance(person, dict) else None
            if isinstance(address, str):
                if address.casefold() in seen:
                    report.say(f"{field}.{kind}.{index}.email", "Each address must be unique.")
                seen.add(address.casefold())
    substitutions = one.get("substitutions", {})
    if _strings(report, f"{field}.substitutions", substitutions) and _bytes(substitutions) > BYTES:
        report.say(f"{field}.substitutions", f"Substitutions are limited to {BYTES} bytes per personalization.")
    arguments = one.get("custom_args", {})
    if (
        _strings(report, f"{field}.custom_args", arguments)
        and _strings(report, "custom_args", common_args)
        and _bytes(common_args | arguments) >= BYTES
    ):
        report.say(f"{field}.custom_args", f"Custom arguments must be under {BYTES} bytes.")
    _headers(report, f"{field}.headers", one.get("headers", {}))
    _send_at(report, f"{field}.send_at", one.get("send_at"))
    return total


def _strings(report, field, table):
    if isinstance(table, dict) and all(isinstance(value, str) for value in table.values()):
        return True
    report.say(field, "Invalid type. Expected: an object whose values are strings.")
    return False


def _bytes(table):
    return sum(len(name.encode()) + len(value.encode()) for name, value in table.items())


def _headers(report, field, headers):
    if not _strings(report, field, headers):
        return
    for name, value in headers.items():
        if name.lower() in RESERVED:
            report.say(f"{field}.{name}", f"The header {name} is reserved and cannot be set.")
        elif not TOKEN.fullmatch(name) or not value.isascii() or not value.isprintable():
            report.say(f"{field}.{name}", "A header must be printable ASCII: encode what is not.")


def _content(report, content):
    if not isinstance(content, list) or not content:
        report.say("content", "Unless a valid template_id is provided, the content parameter is required.")
        return
    if len(_dicts(content)) != len(content):
        report.say("content", "Invalid type. Expected: object.")
        return
    for number, one in enumerate(content):
        if not isinstance(one.get("value"), str) or not one["value"]:
            report.say(f"content.{number}.value", "The content value must be a string of at least one character.")
        if not isinstance(one.get("type"), str) or not one["type"]:
            report.say(f"content.{number}.type", "The content type is required.")
    kinds = [one.get("type") for one in content]
    if "text/plain" in kinds[1:] or ("text/html" in kinds and kinds.index("text/html") != ("text/plain" in kinds)):
        report.say("content", "If present, text/plain and text/html must be the first two, in this order.")


def _attachments(report, attachments):
    for number, one in enumerate(attachments):
        field = f"attachments.{number}"
        if not isinstance(one, dict) or not one.get("filename"):
            report.say(f"{field}.filename", "The filename is required.")
            continue
        try:
            base64.b64decode(one["content"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            report.say(f"{field}.content", "The attachment content must be base64 encoded.")
        if one.get("disposition", "attachment") not in {"attachment", "inline"}:
            report.say(f"{field}.disposition", "The disposition must be inline or attachment.")
        if one.get("disposition") == "inline" and not one.get("content_id"):
            report.say(f"{field}.content_id", "An inline attachment needs a content_id.")


def _categories(report, categories):
    if not isinstance(categories, list) or not all(isinstance(one, str) for one in categories):
        report.say("categories", "Invalid type. Expected: an array of strings.")
    elif len(categories) > 10:
        report.say("categories", "At most 10 categories are allowed.")
    elif len(set(categories)) != len(categories):
        report.say("categories", "Categories must be unique.")
    elif any(len(one) > 255 for one in categories):
        report.say("categories", "A category has at most 255 characters.")


def _send_at(report, field, moment):
    if moment is None:
        return
    if not isinstance(moment, int):
        report.say(field, "Invalid type. Expected: integer.")
    elif moment > time.time() + LATEST:
        report.say(field, "Scheduling more than 72 hours in advance is forbidden.")
