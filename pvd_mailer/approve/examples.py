"""What is an example still in a letter for people: addresses where nobody is, and texts that `init` wrote.

A letter with examples may go to addresses of examples, so that a new workspace can be tried with any channel. It may
not go to anybody who could read it.
"""

import re
from collections.abc import Iterable, Iterator

from pvd_mailer.approve.require_unsubscribe import EXAMPLE_DOMAINS
from pvd_mailer.findings import Finding, Location, Severity
from pvd_mailer.i18n import _
from pvd_mailer.issue.source_map import KeyPath, SourceMap
from pvd_mailer.letter import Letter

__all__ = ["RULE", "find_examples", "fold_words", "is_real_recipient"]

RULE = "example-left"
"""What its findings are called; it is none of the proofreader's rules, since it depends on whom the letter goes to."""
_RESERVED_DOMAINS = (*EXAMPLE_DOMAINS, "test", "localhost")
_HOST = re.compile(
    r"""(?ix)(?<![\w.@-])(?:[\w.+'-]+@|https?://)?
    (?:[\w-]{1,63}\.)*(?:example\.(?:org|com|net)|[\w-]{1,63}\.(?:example|invalid))(?![\w-]|\.\w)"""
)
_HIDDEN_KEYS = frozenset({"note", "waive", "checks", "id", "file", "dark_file"})
"""Keys whose values are in no letter. Of a mailing list the `id` is, below."""


def is_real_recipient(address: str) -> bool:
    """Whether a person may read what is sent to `address`: its domain is none that is reserved (RFC 2606, RFC 6761)."""
    host = address.rpartition("@")[2].casefold().rstrip(".")
    return not f".{host}".endswith(tuple(f".{name}" for name in _RESERVED_DOMAINS))


def fold_words(text: str) -> str:
    """`text` as it is compared: its words, so that what `check --fix` mends in an example leaves it one."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def find_examples(
    issue_map: SourceMap, publication_map: SourceMap | None, letter: Letter, starter_texts: Iterable[str]
) -> Iterator[Finding]:
    """Examples left in `letter` and the files it was made from; `starter_texts` are the texts that `init` wrote."""
    folded_texts = frozenset(map(fold_words, starter_texts))
    snippets_used = {
        node.value for path, node in issue_map.spans.items() if path[:1] == ("blocks",) and path[2:] == ("use",)
    }
    reported: set[str] = set()
    for source_map, other in ((publication_map, issue_map), (issue_map, None)):
        if source_map is None:
            continue
        for path, value, start in _values(source_map):
            if other is not None and ("override", *path) in other.spans:
                continue
            if path[:1] == ("snippets",) and path[1] not in snippets_used:
                continue  # of the publication, and in another letter
            if fold_words(value) in folded_texts:
                yield _finding(
                    source_map,
                    start,
                    _("“{found}” is what `init` wrote, and nobody has changed it").format(found=_short(value)),
                )
                continue
            hosts = {match[0] for match in _HOST.finditer(value)}
            reported |= {host.casefold() for host in hosts}
            for host in sorted(hosts):
                yield _finding(source_map, start, _example_message(host))
    for host in sorted({match[0] for match in _HOST.finditer(letter.text)}):
        if not any(host.casefold() in reported_host or reported_host in host.casefold() for reported_host in reported):
            yield Finding(
                RULE, Severity.BLOCKING, _example_message(host), _hint(), Location(issue_map.file)
            )  # a template's


def _values(source_map: SourceMap) -> Iterator[tuple[KeyPath, str, int]]:
    for path, node in source_map.spans.items():
        hidden = _HIDDEN_KEYS.intersection(path) if path[:1] != ("list_id",) else ()
        if node.value and not hidden and path[:1] != ("theme",):
            yield path, node.value, node.start


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= 60 else line[:59].rsplit(" ", 1)[0] + "…"  # noqa: PLR2004 - a line of a terminal


def _example_message(host: str) -> str:
    return _("{found} is an example's address: nobody is there").format(found=host)


def _hint() -> str:
    return _(
        "Put your own in its place. Until then the letter goes to examples' addresses alone, or with --channel outbox."
    )


def _finding(source_map: SourceMap, start: int, message: str) -> Finding:
    location, line = source_map.locate(start)
    return Finding(RULE, Severity.BLOCKING, message, _hint(), location, excerpt=line)
