"""What of an address leads nowhere else, and tells a site who sent the reader, or who the reader is.

Parameters that are added to it, and detours that are put around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

__all__ = ["ADDRESS", "Tracked", "Wrapped", "fewer", "tracked", "untracked", "wrapped"]

_SOURCE = (
    r"utm_\w+|mtm_\w+|pk_(?:campaign|kwd|source|medium|content)|piwik_\w+|at_(?:medium|campaign|creation|format)|xtor|"
    r"fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|li_fat_id|_hsfp|mc_tc|trk_contact"
)
# Copied from another letter, they say which of its readers copied them.
_READER = (
    r"mc_eid|mc_cid|_hsenc|_hsmi|__hstc|__hssc|mkt_tok|vero_id|vero_conv|oly_anon_id|oly_enc_id|_openstat|"
    r"ml_subscriber(?:_hash)?|ck_subscriber_id|sc_eh|rb_clickid|wickedid|bsft_\w+"
)
# The target of a Markdown link, an address between < and >, and a bare one: what ends the sentence, or the words in
# bold, is no part of that.
ADDRESS = re.compile(
    r"""
      (?<=\]\()https?://(?:[^\s()<>"]|\([^\s()<>"]*\))+
    | (?<=<)https?://[^\s<>]+
    | https?://[^\s<>«»"()\[\]*]*[^\s<>«»"()\[\]*.,;:!?…’'_]
    """,
    re.VERBOSE,
)
_PARAMETER = re.compile(rf"(?i)(?<=[?&])(?:(?P<reader>{_READER})|(?:{_SOURCE}))=[^&#\s]*")


@dataclass(frozen=True, slots=True)
class Tracked:
    """What of an address can go, by offsets; `names` are the parameters, `reader` whether one tells who somebody is."""

    start: int
    end: int
    names: tuple[str, ...]
    reader: bool
    kept: str
    """What stands there afterwards."""


def tracked(url: str) -> Iterator[Tracked]:
    """The parameters of `url` that can go, in as few pieces as there are."""
    query = url.find("?")
    if query < 0:
        return
    end = url.find("#", query)
    end = len(url) if end < 0 else end
    found = list(_PARAMETER.finditer(url, query, end))
    if not found:
        return
    kept = [part for part in url[query + 1 : end].split("&") if not _is_tracking(part)]
    names = tuple(dict.fromkeys(match[0].partition("=")[0] for match in found))
    reader = any(match["reader"] for match in found)
    yield Tracked(query, end, names, reader, f"?{'&'.join(kept)}" if kept else "")


def _is_tracking(part: str) -> bool:
    return _PARAMETER.fullmatch(f"?{part}", 1) is not None


def untracked(url: str) -> str:
    """`url` without them."""
    for one in tracked(url):
        url = url[: one.start] + one.kept + url[one.end :]
    return url


# A value that is all letters and digits: a proof takes away less than the mending itself, never more.
_CERTAIN = re.compile(rf"(?i)&(?:{_READER}|{_SOURCE})=(?:[\w%~+-]+(?:\.[\w%~+-]+)*)?")


def fewer(text: str) -> str:
    """`text` with what certainly tracks taken out of its addresses, to compare with another: no text to be shown."""
    return ADDRESS.sub(lambda match: _CERTAIN.sub("", match[0].replace("?", "&")), text)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A detour: by whose host it leads, and the address inside of it, where that can be read."""

    host: str
    inner: str | None


# By host and path, the parameters that hold the address inside; none where nobody but the host knows it.
_DETOURS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
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
MOST_FIELDS = 100
_DEFENSE = re.compile(r"(?i)https?://urldefense\.(?:com|us)/v3/__(https?:/{1,2}.+?)__;")


def wrapped(url: str) -> Wrapped | None:
    """The detour that `url` is; None where it is none."""
    if not url.lower().startswith(("http://", "https://")):
        return None
    defended = _DEFENSE.match(url)
    if defended:
        inner = re.sub(r"^(https?):/+", r"\1://", defended[1])
        return Wrapped("urldefense.com", None if "*" in inner else inner)
    try:
        parts = urlsplit(url)
    except ValueError:  # a template's own: the were read as addresses already
        return None
    host = (parts.hostname or "").lower()
    for pattern, names in _DETOURS:
        if pattern.fullmatch(host + parts.path.lower()):
            held = parse_qs(parts.query, max_num_fields=MOST_FIELDS) if parts.query.count("&") < MOST_FIELDS else {}
            found = next((value for name in names for value in held.get(name, ())), "")
            return Wrapped(host, found if re.fullmatch(r"(?i)https?://\S+", found) else None)
    return None
