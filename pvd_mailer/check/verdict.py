"""From what rules found to what is said: a publication's severities, an editor's waivers."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pvd_mailer.check.placing import place
from pvd_mailer.check.rule import Found, InFile, InSettings, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _
from pvd_mailer.issue.blocks import Waiver
from pvd_mailer.issue.manuscript import Path

__all__ = ["judge"]

OFF = "off"


def judge(subject: Subject, rules: Sequence[Rule], known: Iterable[str], faults: Iterable[str] = ()) -> list[Finding]:
    """Everything that `rules` find, in the order of the file.

    `known` are the names that settings may use, `faults` those of faults of the file, which nothing waives.
    """
    if subject.online is None:
        rules = [rule for rule in rules if not rule.online]
    findings = [one for rule in rules for one in _run(rule, subject)]
    findings, idle = _waived(subject, findings)
    findings.sort(key=_by_place)
    looked = {rule.id for rule in rules if rule.able is None or rule.able(subject)}
    unknown = _unknown(subject, frozenset(known), frozenset(faults))
    return [*findings, *unknown, *_idle(subject, idle, looked, findings)]


def _run(rule: Rule, subject: Subject) -> Iterator[Finding]:
    wanted = subject.publication.checks.get(rule.id)
    if wanted == OFF:
        return
    for found in rule.find(subject):
        severity = Severity(wanted) if wanted else found.severity or rule.severity
        yield place(rule.id, severity, found, subject, _(rule.hint))


def _by_place(one: Finding) -> tuple[bool, str, int, int]:
    return (one.place.line is None, one.place.file or "", one.place.line or 0, one.place.column or 0)


def _waivers(subject: Subject) -> Iterator[tuple[str | None, Waiver, Path]]:
    """Each waiver with the block that it stands in, and the way to it."""
    for number, waiver in enumerate(subject.issue.waive):
        yield None, waiver, ("waive", number)
    for index, block in enumerate(subject.issue.blocks):
        for number, waiver in enumerate(block.waive):
            yield block.id, waiver, ("blocks", index, "waive", number)


def _waived(subject: Subject, findings: list[Finding]) -> tuple[list[Finding], set[Path]]:
    """`findings` with the reasons of waivers; and the waivers that waive nothing."""
    reasons: dict[tuple[str | None, str], tuple[str, Path]] = {}
    idle: set[Path] = set()
    for block, waiver, path in _waivers(subject):
        reasons.setdefault((block, waiver.rule), (waiver.reason, path))
        idle.add(path)
    result = []
    for one in findings:
        reason = reasons.get((one.block, one.rule))
        if reason:
            idle.discard(reason[1])
            result.append(replace(one, waived=reason[0], fix=None))
        else:
            result.append(one)
    return result, idle


def _idle(subject: Subject, idle: set[Path], ran: set[str], findings: list[Finding]) -> Iterator[Finding]:
    for block, waiver, path in _waivers(subject):
        if path not in idle or waiver.rule not in ran:
            continue
        found = Found(
            _("this waiver waives nothing: {rule} finds nothing here").format(rule=waiver.rule),
            InFile((*path, "rule")),
            _("Take the waiver out."),
        )
        inside = next((one.block for one in findings if one.rule == waiver.rule and one.block), None)
        if block is None and inside:
            found = replace(
                found,
                message=_("this waiver waives nothing: at the top of the file it is for what is in no block"),
                hint=_("Move it into the block “{block}”, where {rule} finds something.").format(
                    block=inside, rule=waiver.rule
                ),
            )
        yield place("idle-waiver", Severity.ADVICE, found, subject)


def _unknown(subject: Subject, known: frozenset[str], faults: frozenset[str]) -> Iterator[Finding]:
    for _block, waiver, path in _waivers(subject):
        if waiver.rule in faults:
            found = Found(
                _("“{name}” is a fault of the file itself, and cannot be waived").format(name=waiver.rule),
                InFile((*path, "rule")),
                _("Take the waiver out, and correct the fault where `check` tells it."),
            )
            yield place("unknown-rule", Severity.ADVICE, found, subject)
        elif waiver.rule not in known:
            yield _unknown_rule(waiver.rule, InFile((*path, "rule")), subject, known)
    for name in subject.publication.checks:
        if name not in known:
            yield _unknown_rule(name, InSettings(("checks", name)), subject, known)


def _unknown_rule(name: str, at: InFile | InSettings, subject: Subject, known: frozenset[str]) -> Finding:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    suggestion = _(" (did you mean “{name}”?)").format(name=close[0]) if close else ""
    found = Found(
        _("there is no rule “{name}”{suggestion}").format(name=name, suggestion=suggestion),
        at,
        _("Write its name as `check` prints it between brackets; docs/checks.md lists all of them."),
    )
    return place("unknown-rule", Severity.ADVICE, found, subject)
