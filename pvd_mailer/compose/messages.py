"""How each fault of a file is put into words: what was found, what was expected; and what to do.

Keys are the rules that findings carry. `{found}` and the other names are filled in from the fault's context.
"""

from typing import Any

from pvd_mailer.i18n import N_, _

__all__ = ["FILE_RULES", "MARKDOWN_NAMES", "MESSAGES", "OUTSIDE_WORKSPACE", "message_and_hint"]

MESSAGES: dict[str, tuple[str, str]] = {
    # The file
    "file-missing": (N_("there is no file {found}"), N_("Create it, or check the name of the folder.")),
    "file-unreadable": (N_("the file cannot be opened: {found}"), N_("Check that it is a file and that you may read it.")),
    "file-empty": (N_("the file is empty; an issue was expected"), N_("Copy a past issue into it, or start a workspace with `pvd-mailer init DIR`.")),
    "file-too-large": (
        N_("the file weighs {size} KB; at most {limit} KB is expected"),
        N_("A letter that long would be cut by mail programs: keep the essential, link to the rest."),
    ),
    "file-utf16": (
        N_("the file is in UTF-16; UTF-8 was expected"),
        N_("In your editor, choose “Save as…” and the encoding UTF-8."),
    ),
    "file-encoding": (
        N_("the byte {found} is not UTF-8; the file seems to be in another encoding, such as Latin-1"),
        N_("In your editor, choose “Save as…” and the encoding UTF-8."),
    ),
    "file-binary": (
        N_("this is not a text file ({found} found)"),
        N_("An issue is a text file named issue.yaml; check that another file was not copied over it."),
    ),
    "control-character": (
        N_("an invisible control character was found ({found}); only text was expected"),
        N_("Delete it: retype the word where it stands, or paste again as plain text."),
    ),
    # YAML
    "yaml-syntax": (
        N_("the file cannot be read from here on: {problem}"),
        N_("Compare with the lines above: same indentation, a space after each “:” and each “-”, closed quotes."),
    ),
    "yaml-colon": (
        N_("“{found}” has a “:” that YAML takes for a key; a quoted text was expected"),
        N_("Put the text between double quotes: {wanted}"),
    ),
    "yaml-star": (
        N_("“{found}” begins with a sign that YAML keeps for itself; a quoted text was expected"),
        N_("Put the text between double quotes: {wanted}. For several lines, write `|` and the text below it."),
    ),
    "yaml-indicator": (
        N_("“{found}” begins with “{character}”, which YAML keeps for itself; a quoted text was expected"),
        N_("Put the text between double quotes: {wanted}"),
    ),
    "yaml-quote": (
        N_("the quotes around {found} do not match; one pair around the whole text was expected"),
        N_("Write one double quote before and one after, and « » inside the text; or: {wanted}"),
    ),
    "yaml-tab": (
        N_("a tab was found in the indentation; spaces were expected"),
        N_("Replace the tab by two spaces."),
    ),
    "yaml-cut": (
        N_("the text ends at “{found}”: YAML drops “{lost}” as a comment"),
        N_("If it belongs to the text, put the whole text between double quotes; if it is a remark, use `note:`."),
    ),
    "yaml-comment": (
        N_("“{lost}”, after a text without quotes, is a comment and is not in the letter"),
        N_("If it belongs to the text, put the whole text between double quotes; if it is a remark, use `note:`."),
    ),
    "yaml-double-key": (
        N_("“{found}” stands here a second time; the first is on line {first}"),
        N_("Keep one of the two."),
    ),
    "yaml-ambiguous": (
        N_("“{found}” without quotes is text here, but other programs read it as {reading}"),
        N_('Put it between double quotes: "{found}"'),
    ),
    "yaml-alias": (
        N_("“{found}” is a YAML anchor or alias; plain content was expected"),
        N_("Write the content out; if it is text, put it between double quotes."),
    ),
    "yaml-tag": (
        N_("“{found}” is a YAML tag; plain content was expected"),
        N_("Take it out; if it is text, put it between double quotes."),
    ),
    "yaml-documents": (
        N_("a second document begins here (“---”); one issue a file was expected"),
        N_("Take the line out."),
    ),
    "yaml-key": (N_("a list or a group stands where a key was expected"), N_("Put the text between double quotes.")),
    "yaml-too-deep": (
        N_("more than {limit} levels inside one another; an issue has five or six"),
        N_("Check the brackets and the indentation around here."),
    ),
    "yaml-too-many": (N_("more than {limit} values in one file"), N_("Check that the file is an issue.")),
    # The shape
    "missing": (N_("“{key}” is missing"), N_("Add a line “{key}: …” here.")),
    "empty": (N_("“{key}” is empty; a value was expected"), N_("Fill it in, or take the line out if it is optional.")),
    "unknown-key": (
        N_("“{key}” is not known here; expected: {expected}"),
        N_("Check the spelling{suggestion}; for a remark, use `note:`."),
    ),
    "unknown-type": (
        N_("there is no block of type “{found}”; expected: {expected}"),
        N_("Check the spelling{suggestion}."),
    ),
    "no-type": (N_("this block has no “type”; expected: {expected}"), N_("Add a line “type: …” to say what it is.")),
    "not-a-group": (
        N_("found {found}; a group of “key: value” lines was expected"),
        N_("Indent the lines under it, one “key: value” each."),
    ),
    "not-a-list": (N_("found {found}; a list was expected"), N_("Begin each item with “- ”, indented under the key.")),
    "not-a-text": (N_("found {found}; a text was expected"), N_("Write the text on the same line, between double quotes.")),
    "too-short": (N_("“{key}” has {actual}; at least {minimum} expected"), N_("Add one, or take the whole out.")),
    "too-many": (N_("“{key}” has {actual}; at most {maximum} expected"), N_("Keep the most important ones.")),
    "too-long": (N_("“{key}” has {actual} characters; at most {maximum} expected"), N_("Shorten the text.")),
    "not-among": (N_("found “{found}”; expected: {expected}"), N_("Choose one of these{suggestion}.")),
    "out-of-range": (N_("found {found}; expected {expected}"), N_("Change the number.")),
    "bad-value": (N_("found “{found}”, which cannot be used here"), N_("Compare with `pvd-mailer schema`, or with another issue.")),
    # Values
    "not-a-number": (N_("found “{found}”; a whole number was expected"), N_("Write digits only, such as 22.")),
    "leading-zero": (
        N_("found “{found}”; a whole number was expected, and some programs read a leading zero as octal"),
        N_("Write {wanted}."),
    ),
    "not-a-figure": (
        N_("found “{found}”; a bare number was expected, with a point before decimals"),
        N_("Write for instance {wanted}; a unit such as “%” goes under `unit`, once for all."),
    ),
    "figure-out-of-range": (
        N_("found {found}; a number from 0 to 1,000,000,000,000 was expected"),
        N_("Change the number, or count in a larger unit, such as thousands."),
    ),
    "figure-count": (
        N_("this row has {actual} values, and `series` has {expected}; one value for each was expected"),
        N_("Write as many values as there are series, in the same order."),
    ),
    "not-a-flag": (N_("found “{found}”; true or false was expected"), N_("Write {wanted}.")),
    "not-a-date": (
        N_("found “{found}”; a date such as 2023-03-07 was expected"),
        N_("Write the year, the month and the day in digits, joined by hyphens."),
    ),
    "not-a-moment": (
        N_("found “{found}”; a day and an hour such as 2023-03-08 13:30 were expected"),
        N_("Write year-month-day, a space, then hours:minutes; without the hour if it is not known."),
    ),
    "no-such-date": (N_("“{found}” does not exist in the calendar"), N_("Check the day and the month.")),
    "no-such-hour": (N_("“{found}” is not an hour of the day"), N_("Hours go from 00:00 to 23:59.")),
    "skipped-hour": (
        N_("{found} does not exist on that night: clocks go forward for summer time"),
        N_("Check the hour, and the zone."),
    ),
    "no-such-zone": (
        N_("found “{found}”; a time zone such as Europe/Paris was expected"),
        N_("Use a name of the IANA list: Europe/Paris, Indian/Reunion, America/Martinique…"),
    ),
    "end-without-start": (N_("there is an end but no start"), N_("Add “start: …”.")),
    "end-before-start": (N_("the end is not after the start"), N_("Check both; the end may be left out.")),
    "mixed-moments": (
        N_("the start and the end are not alike: one has an hour, the other has none"),
        N_("Write both as days, or both with an hour, such as 2023-03-08 14:30."),
    ),
    "too-long-event": (N_("the event lasts more than a year"), N_("Check the years.")),
    "section-empty": (
        N_("the section is empty; a title, an image, figures or a body was expected"),
        N_("Write at least one of “title:”, “image:”, “figures:” and “body:”, or take the section out."),
    ),
    "link-and-buttons": (
        N_("the brief has a `link` and also `buttons`; one of the two was expected"),
        N_("Move the link under `buttons`, as one of them, or take one of the two out."),
    ),
    "resource-without-link": (
        N_("the resource leads nowhere: it has neither a `link` nor a `url`"),
        N_("Add a “link:” with “label:” and “url:”, or “url: …” to make the title the link."),
    ),
    "link-and-url": (
        N_("the resource has a `link` and also a `url`; one of the two was expected"),
        N_("Keep `link` for a button, or `url` to make the title the link."),
    ),
    "alt-missing": (
        N_("the image has no “alt”: a reader who cannot see it learns nothing"),
        N_("Describe it in a sentence: “alt: …”; if it only decorates, write “decorative: true”."),
    ),
    "alt-on-decoration": (
        N_("the image has an “alt” and is also said to be decorative"),
        N_("Keep one of the two."),
    ),
    "bad-file-name": (
        N_("found “{found}”; the name of a PNG, JPEG or GIF file without spaces or accents was expected"),
        N_("Export the picture as PNG or JPEG, and name it for instance carnet-de-voyage.png."),
    ),
    "offer-twice": (
        N_("“{found}” is offered twice; each answer and each key was expected once"),
        N_("Take one of the two out."),
    ),
    "not-a-contact": (
        N_("found “{found}”; a contact such as mailto:name@example.org or https://example.org/report was expected"),
        N_("Write mailto: before an address, or the whole https address of a page with a form."),
    ),
    "audit-without-day": (
        N_("an audit and its day belong together: `state` says what it found, and `audited_on` when"),
        N_("Write both, or neither: without an audit, the statement says that there was none."),
    ),
    "statement-before-audit": (
        N_("the statement is older than the audit that it tells of"),
        N_("Write the day on which the statement was drawn up: that of the audit, or a later one."),
    ),
    "shortcomings-missing": (
        N_("the statement does not say what falls short; in this state the law wants it said"),
        N_("List it under `shortcomings`, one thing each, as the audit found it."),
    ),
    "criteria-met": (
        N_("found {found} %; `compliant` is 100 %, `partially-compliant` at least 50 %, `non-compliant` less than that"),
        N_("Write what the audit found, in both places; without an audit, take this line out."),
    ),
    "not-a-slug": (
        N_("found “{found}”; lower-case letters, digits and hyphens were expected"),
        N_("Write for instance: {wanted}"),
    ),
    "not-an-address": (N_("this is not an e-mail address"), N_("Write it as name@example.org.")),
    "not-a-phone": (N_("found “{found}”; a telephone number was expected"), N_("Write for instance 01 99 00 12 34.")),
    "not-a-colour": (N_("found “{found}”; a colour such as #0f5e5c was expected"), N_("Write # and six digits or letters a to f.")),
    "not-a-domain": (N_("found “{found}”; a domain such as lettre.example.org was expected"), N_("Write lower-case names joined by dots.")),
    "not-a-font": (N_("found “{found}”; font names joined by commas were expected"), N_("Write for instance Georgia, serif.")),
    "url-scheme": (
        N_("the link begins with “{found}:”; only http, https, mailto and tel are allowed"),
        N_("Link to a web page, an address (mailto:) or a telephone number (tel:)."),
    ),
    "url-without-scheme": (
        N_("the link “{found}” does not begin with https://"),
        N_("Write the whole address, as the browser shows it."),
    ),
    "url-host": (N_("the link “{found}” names no site"), N_("Write the whole address, such as https://example.org/page.")),
    "url-login": (N_("the link “{found}” holds a login before the site's name"), N_("Take out what stands before “@”.")),
    "url-characters": (
        N_("the link “{found}” holds a space or a sign that no link has"),
        N_("Copy the address from the browser's bar."),
    ),
    "url-tel": (N_("the link “{found}” is not a telephone number"), N_("Write for instance tel:+33199001234.")),
    "url-mailto": (N_("the link does not name an e-mail address"), N_("Write for instance mailto:name@example.org.")),
    "url-web": (N_("the link “{found}” is not a web page"), N_("Write an address that begins with https://.")),
    "link-malformed": (
        N_("“{found}” looks like a link but is not one"),
        N_("Write [text](https://…) without a space in the address; copy the address from the browser's bar."),
    ),
    "link-without-text": (N_("a link has no text"), N_("Write between the brackets what the link leads to: [text](https://…).")),
    "markdown": (
        N_("the text holds {what}, which it cannot show"),
        N_("Paragraphs, **bold**, *italic*, [links](https://…), lists and 2^e^ are possible; for the rest, use a block."),
    ),
    "override-checks": (
        N_("an issue does not change how much a rule weighs: only publication.yaml has `checks`"),
        N_("Take it out, and let the finding be with a waiver and its reason, where it is found: `waive:` with `rule:` and `reason:`."),
    ),
    "no-reason": (
        N_("“{found}” is no reason; a word at least was expected"),
        N_("Say why the finding is let be, for those who read the issue after you."),
    ),
    # Across blocks and folders
    "double-id": (N_("the id “{found}” is already that of the block on line {first}"), N_("Give each block its own id.")),
    "image-missing": (N_("there is no picture {found}"), N_("Put the file in the folder {folder}, or correct the name.")),
    "image-unreadable": (N_("{found} is not a PNG, JPEG or GIF picture that can be read"), N_("Export the picture again.")),
    "image-too-large": (
        N_("the picture {found} weighs {size} KB; at most {limit} KB is expected"),
        N_("Make it smaller: 1200 pixels wide are enough."),
    ),
    "picture-twice": (
        N_("{found} is the name of two pictures: one of the issue, and one of the publication in {folder}"),
        N_("Give one of the two files another name, and write it here."),
    ),
    "snippet-missing": (
        N_("there is no snippet “{found}”; the publication has: {expected}"),
        N_("Check the spelling{suggestion}, or write the snippet under `snippets` in publication.yaml."),
    ),
    "publication-missing": (
        N_("there is no publication “{found}”; found in templates/: {expected}"),
        N_("Correct the name, or create {folder}."),
    ),
}  # fmt: skip

FILE_RULES = frozenset(MESSAGES)
"""The rules that findings of a file carry."""

OUTSIDE_WORKSPACE = N_("it is a link that leads out of the workspace")
"""Why a file is not read, for `file-unreadable`."""

MARKDOWN_NAMES = {
    "heading": N_("a heading"),
    "image": N_("a picture"),
    "code": N_("a code passage (a line indented by four spaces, or text between ` signs)"),
    "HTML": N_("an HTML tag"),
    "rule": N_("a line across (---)"),
    "quotation": N_("a quotation (>)"),
    "table": N_("a table"),
    "nesting": N_("a list in a list in a list in a list"),
    "link title": N_("a title inside a link"),
}


class _MissingAsEllipsis(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def message_and_hint(rule: str, context: dict[str, Any]) -> tuple[str, str]:
    """Message and hint of `rule` in the interface's language."""
    message, hint = MESSAGES[rule]
    values = _MissingAsEllipsis(context)
    return _(message).format_map(values), _(hint).format_map(values)
