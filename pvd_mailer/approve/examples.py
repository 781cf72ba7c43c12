"""What is an example still in a letter for people: addresses where nobody is, and texts that `init` wrote.

A letter with examples may go to addresses of examples, so that a new workspace can be tried with any channel. It may
not go to anybody who could read it.
"""

import re
from collections.abc import Iterable, Iterator

from pvd_mailer.approve.way_out import EXAMPLES
from pvd_mailer.findings import Finding, Place, Severity
from pvd_mailer.i18n import _
from pvd_mailer.issue.manuscript import Manuscript, Path
from pvd_mailer.letter import Letter

__all__ = ["RULE", "examples_left", "folded", "is_somebody"]

RULE = "example-left"
"""What its findings are called; it is none of the proofreader's rules, since it depends on whom the letter goes to."""
_NOBODY = (*EXAMPLES, "test", "localhost")
_HOST = re.compile(
    r"""(?ix)(?<![\w.@-])(?:[\w.+'-]+@|https?://)?
    (?:[\w-]{1,63}\.)*(?:example\.(?:org|com|net)|[\w-]{1,63}\.(?:example|invalid))(?![\w-]|\.\w)"""
)
_UNSEEN = frozenset({"note", "waive", "checks", "id", "file", "dark_file"})
"""Keys whose values are in no letter. Of a mailing list the `id` is, below."""


def is_somebody(address: str) -> bool:
    """Whether a person may read what is sent to `address`: its domain is none that is reserved (RFC 2606, RFC 6761)."""
    host = address.rpartition("@")[2].casefold().rstrip(".")
    return not f".{host}".endswith(tuple(f".{name}" for name in _NOBODY))


def folded(text: str) -> str:
    """`text` as it is compared: its words, so that what `check --fix` mends in an example leaves it one."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def examples_left(
    issue: Manuscript, publication: Manuscript | None, letter: Letter, begun: Iterable[str]
) -> Iterator[Finding]:
    """What `letter` and the files that it was made from have of examples; `begun` are the texts that `init` wrote."""
    texts = frozenset(map(folded, begun))
    told: set[str] = set()
    for manuscript, other in ((publication, issue), (issue, None)):
        if manuscript is None:
            continue
        for path, value, start in _values(manuscript):
            if other is not None and ("override", *path) in other.stands:
                continue
            if folded(value) in texts:
                yield _finding(
                    manuscript,
                    start,
                    _("“{found}” is what `init` wrote, and nobody has changed it").format(found=_short(value)),
                )
                continue
            hosts = {match[0] for match in _HOST.finditer(value)}
            told |= {found.casefold() for found in hosts}
            for found in sorted(hosts):
                yield _finding(manuscript, start, _nobody(found))
    for found in sorted({match[0] for match in _HOST.finditer(letter.text)}):
        if not any(found.casefold() in one or one in found.casefold() for one in told):
            yield Finding(RULE, Severity.BLOCKING, _nobody(found), _hint(), Place(issue.file))  # a template's


def _values(manuscript: Manuscript) -> Iterator[tuple[Path, str, int]]:
    for path, stand in manuscript.stands.items():
        hidden = _UNSEEN.intersection(path) if path[:1] != ("list_id",) else ()
        if stand.value and not hidden and path[:1] != ("theme",):
            yield path, stand.value, stand.start


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= 60 else line[:59].rsplit(" ", 1)[0] + "…"  # noqa: PLR2004 - a line of a terminal


def _nobody(found: str) -> str:
    return _("{found} is an example's address: nobody is there").format(found=found)


def _hint() -> str:
    return _(
        "Put your own in its place. Until then the letter goes to examples' addresses alone, or with --channel outbox."
    )


def _finding(manuscript: Manuscript, start: int, message: str) -> Finding:
    where, line = manuscript.place(start)
    return Finding(RULE, Severity.BLOCKING, message, _hint(), where, excerpt=line)
