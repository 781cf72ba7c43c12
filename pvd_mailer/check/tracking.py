"""Parameters of an address that lead nowhere else: they tell a site who sent the reader, or who the reader is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["ADDRESS", "Tracked", "fewer", "tracked", "untracked"]

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
