"""What of an address leads nowhere else, and tells a site who sent the reader, or who the reader is.

Parameters that are added to it, and detours that are put around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

__all__ = [
    "URL_IN_TEXT",
    "LinkWrapper",
    "TrackingParameters",
    "link_wrapper",
    "tracking_parameters",
    "without_certain_tracking",
    "without_tracking",
]

_SOURCE_PARAMETERS = (
    r"utm_\w+|mtm_\w+|pk_(?:campaign|kwd|source|medium|content)|piwik_\w+|at_(?:medium|campaign|creation|format)|xtor|"
    r"fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|li_fat_id|_hsfp|mc_tc|trk_contact"
)
# Copied from another letter, they say which of its readers copied them.
_READER_PARAMETERS = (
    r"mc_eid|mc_cid|_hsenc|_hsmi|__hstc|__hssc|mkt_tok|vero_id|vero_conv|oly_anon_id|oly_enc_id|_openstat|"
    r"ml_subscriber(?:_hash)?|ck_subscriber_id|sc_eh|rb_clickid|wickedid|bsft_\w+"
)
# The target of a Markdown link, an address between < and >, and a bare one: what ends the sentence, or the words in
# bold, is no part of that.
URL_IN_TEXT = re.compile(
    r"""
      (?<=\]\()https?://(?:[^\s()<>"]|\([^\s()<>"]*\))+
    | (?<=<)https?://[^\s<>]+
    | https?://[^\s<>«»"()\[\]*]*[^\s<>«»"()\[\]*.,;:!?…’'_]
    """,
    re.VERBOSE,
)
_PARAMETER = re.compile(rf"(?i)(?<=[?&])(?:(?P<reader>{_READER_PARAMETERS})|(?:{_SOURCE_PARAMETERS}))=[^&#\s]*")


@dataclass(frozen=True, slots=True)
class TrackingParameters:
    """What of a URL can go, by offsets; `names` of parameters, `names_reader`: whether one tells who somebody is."""

    start: int
    end: int
    names: tuple[str, ...]
    names_reader: bool
    replacement: str
    """What stands there afterwards."""


def tracking_parameters(url: str) -> Iterator[TrackingParameters]:
    """The parameters of `url` that can go, in as few pieces as there are."""
    query = url.find("?")
    if query < 0:
        return
    end = url.find("#", query)
    end = len(url) if end < 0 else end
    matches = list(_PARAMETER.finditer(url, query, end))
    if not matches:
        return
    kept_parts = [part for part in url[query + 1 : end].split("&") if not _is_tracking(part)]
    names = tuple(dict.fromkeys(match[0].partition("=")[0] for match in matches))
    names_reader = any(match["reader"] for match in matches)
    yield TrackingParameters(query, end, names, names_reader, f"?{'&'.join(kept_parts)}" if kept_parts else "")


def _is_tracking(part: str) -> bool:
    return _PARAMETER.fullmatch(f"?{part}", 1) is not None


def without_tracking(url: str) -> str:
    """`url` without them."""
    for parameters in tracking_parameters(url):
        url = url[: parameters.start] + parameters.replacement + url[parameters.end :]
    return url


# A value that is all letters and digits: a proof takes away less than the mending itself, never more.
_CERTAIN_PARAMETER = re.compile(rf"(?i)&(?:{_READER_PARAMETERS}|{_SOURCE_PARAMETERS})=(?:[\w%~+-]+(?:\.[\w%~+-]+)*)?")


def without_certain_tracking(text: str) -> str:
    """`text` with what certainly tracks taken out of its addresses, to compare with another: no text to be shown."""
    return URL_IN_TEXT.sub(lambda match: _CERTAIN_PARAMETER.sub("", match[0].replace("?", "&")), text)


@dataclass(frozen=True, slots=True)
class LinkWrapper:
    """A detour: by whose host it leads, and the address inside of it, where that can be read."""

    host: str
    target: str | None


# By host and path, the parameters that hold the address inside; none where nobody but the host knows it.
_WRAPPERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(?:[\w-]+\.)*safelinks\.protection\.(?:outlook|office365)\.(?:com|us|de)/.*"), ("url",)),
    (re.compile(r"statics\.teams\.(?:cdn\.office\.net|microsoft\.com)/.*safelinks.*"), ("url",)),
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}/url"), ("q", "url")),
    (re.compile(r"lm?\.(?:facebook|instagram)\.com/(?:l\.php)?"), ("u",)),
    (re.compile(r"(?:www\.)?linkedin\.com/redir/.*"), ("url",)),
    (re.compile(r"urldefense\.proofpoint\.com/.*"), ()),
    (re.compile(r"(?:[\w-]+\.)*sendgrid\.net/(?:ls|wf)/.*"), ()),
    (re.compile(r"(?:[\w-]+\.)*list-manage\.com/track/.*"), ("url",)),
    (re.compile(r"(?:[\w-]+\.)*(?:sendib[mt]\d\.com|mjt\.lk|hubspotlinks\.com)/.*"), ()),
)
_MAX_QUERY_FIELDS = 100
_URLDEFENSE = re.compile(r"(?i)https?://urldefense\.(?:com|us)/v3/__(https?:/{1,2}.+?)__;")


def link_wrapper(url: str) -> LinkWrapper | None:
    """The detour that `url` is; None where it is none."""
    if not url.lower().startswith(("http://", "https://")):
        return None
    urldefense = _URLDEFENSE.match(url)
    if urldefense:
        inner = re.sub(r"^(https?):/+", r"\1://", urldefense[1])
        return LinkWrapper("urldefense.com", None if "*" in inner else inner)
    try:
        parts = urlsplit(url)
    except ValueError:  # a template's own: the were read as addresses already
        return None
    host = (parts.hostname or "").lower()
    for pattern, parameters in _WRAPPERS:
        if pattern.fullmatch(host + parts.path.lower()):
            query = (
                parse_qs(parts.query, max_num_fields=_MAX_QUERY_FIELDS)
                if parts.query.count("&") < _MAX_QUERY_FIELDS
                else {}
            )
            address = next((value for parameter in parameters for value in query.get(parameter, ())), "")
            return LinkWrapper(host, address if re.fullmatch(r"(?i)https?://\S+", address) else None)
    return None
