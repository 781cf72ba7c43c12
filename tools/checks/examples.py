"""The examples of a rule: issues in which it finds something, and issues near to them in which it finds nothing.

They stand in `tests/check/rule_examples/`, one file a rule, and are read by the tests and by `make checks-page`. There,
as on that page, `␣` is a no-break space and `˽` a narrow one: nobody would see either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pvd_mailer.check.text.typography import NARROW_NBSP, NBSP
from pvd_mailer.online import DkimKey, DomainRecords, LinkFault, LinkResult, OnlineResults, TxtRecords

__all__ = ["FOLDER", "Example", "ExpectedFinding", "RuleExamples", "examples_of"]

FOLDER = Path(__file__).parent.parent.parent / "tests" / "check" / "rule_examples"
_SPACES = str.maketrans({"␣": NBSP, "˽": NARROW_NBSP})


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """What a rule finds in an example.

    Attributes:
        at: The file's name, and line and column as far as they are told: `issue.yaml:9:12`.
        text: What is marked there; the beginning of the element, where it is one of the letter.
        message: In English.
    """

    at: str
    message: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An issue in which a rule finds something, or finds nothing: only what differs from a plain, faultless one.

    Attributes:
        blocks: YAML of blocks, as they stand under `blocks:`, without their indentation.
        issue_keys: Keys of the issue, in YAML, by name: `subject: '"Un sujet"'`.
        previous_blocks: YAML of the blocks of the issue before this one; no issue before it where None.
        previous_issue_keys: Keys of that issue.
        pictures: Pictures beside the issue, by name: the file of `tests/check/pictures/` to take, or one that
            `tests/check/drawn.py` draws.
        settings: Keys of publication.yaml, in YAML, by name.
        html: HTML put at the end of the letter's body: what a publication's own template could have drawn.
        text: Text put at the end of the letter's text part.
        dictionary_words: Lines of words.txt.
        letter_substitutions: Regular expressions, and what stands in both parts of the letter instead of what they
            match: what a publication's own template could have lost.
        online: What the network answered; None where it was not asked.
        findings: What the rule finds; nothing in an issue that it lets pass.
    """

    blocks: str = ""
    issue_keys: Mapping[str, str] = field(default_factory=dict)
    previous_blocks: str | None = None
    previous_issue_keys: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    text: str = ""
    dictionary_words: str = ""
    letter_substitutions: Mapping[str, str] = field(default_factory=dict)
    online: OnlineResults | None = None
    findings: tuple[ExpectedFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleExamples:
    """The examples of one rule; the first of each kind is shown in the documentation."""

    failing: tuple[Example, ...]
    passing: tuple[Example, ...]


@cache
def examples_of(rule_id: str) -> RuleExamples:
    """The examples of the rule with this id.

    Raises:
        FileNotFoundError: It has none.
        TypeError: A key of its file is none of an example.
    """
    document = _with_spaces(yaml.safe_load((FOLDER / f"{rule_id}.yaml").read_text("utf-8")))
    return RuleExamples(**{kind: tuple(_example(keys) for keys in examples) for kind, examples in document.items()})


def _with_spaces(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_SPACES)
    if isinstance(value, list):
        return [_with_spaces(item) for item in value]
    if isinstance(value, dict):
        return {_with_spaces(key): _with_spaces(item) for key, item in value.items()}
    return value


def _example(keys: Mapping[str, Any]) -> Example:
    values = dict(keys)
    for name in ("blocks", "html"):
        if name in values:
            values[name] = _text(values[name])
    if "online" in values:
        values["online"] = _online_results(**values["online"])
    findings = tuple(ExpectedFinding(**finding) for finding in values.pop("findings", ()))
    return Example(**values, findings=findings)


def _text(pieces: str | list[Any]) -> str:
    """A text as it is, or pieces of one; `{repeat: text, times: n}` stands for many."""
    if isinstance(pieces, str):
        return pieces
    return "".join(piece if isinstance(piece, str) else piece["repeat"] * piece["times"] for piece in pieces)


def _online_results(links: Mapping[str, Any] | None = None, domain: Mapping[str, Any] | None = None) -> OnlineResults:
    results = {url: _link_result(**result) for url, result in (links or {}).items()}
    return OnlineResults(results, _domain_records(**domain) if domain is not None else None)


def _link_result(fault: str | None = None, **fields: Any) -> LinkResult:
    return LinkResult(fault=LinkFault(fault) if fault else None, **fields)


def _domain_records(**fields: Any) -> DomainRecords:
    for name in ("spf", "dmarc"):
        if name in fields:
            fields[name] = _txt_records(**fields[name])
    fields["dkim_keys"] = tuple(DkimKey(**key) for key in fields.get("dkim_keys", ()))
    return DomainRecords(**fields)


def _txt_records(texts: list[str] | None = None, *, is_answered: bool = True) -> TxtRecords:
    return TxtRecords(tuple(texts or ()), is_answered)
