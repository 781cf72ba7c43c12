"""From what rules found to what is said: a publication's severities, an editor's waivers."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locate import locate
from pvd_mailer.check.locations import IssueValue, SettingsValue
from pvd_mailer.check.rule import Rule, Violation
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _
from pvd_mailer.issue.blocks import Waiver
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["run_rules"]

_OFF = "off"


def run_rules(
    context: CheckContext,
    rules: Sequence[Rule],
    known_ids: Iterable[str],
    file_fault_ids: Iterable[str] = (),
    before_rule: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """Everything that `rules` find, in the order of the file.

    `known_ids` are the names that settings may use, `file_fault_ids` those of faults of the file, which nothing waives.
    `before_rule` is called before each rule; what it raises ends the check.
    """
    if context.online is None:
        rules = [rule for rule in rules if not rule.online]
    findings: list[Finding] = []
    for rule in rules:
        before_rule()
        findings += _findings_of_rule(rule, context)
    findings, idle_paths = _apply_waivers(context, findings)
    findings.sort(key=_place_key)
    ids_that_ran = {rule.id for rule in rules if rule.is_available is None or rule.is_available(context)}
    unknown_rule_findings = _unknown_rule_findings(context, frozenset(known_ids), frozenset(file_fault_ids))
    return [*findings, *unknown_rule_findings, *_idle_waiver_findings(context, idle_paths, ids_that_ran, findings)]


def _findings_of_rule(rule: Rule, context: CheckContext) -> Iterator[Finding]:
    configured = context.publication.checks.get(rule.id)
    if configured == _OFF:
        return
    for violation in rule.check(context):
        severity = Severity(configured) if configured else violation.severity or rule.severity
        yield locate(rule.id, severity, violation, context, _(rule.hint))


def _place_key(finding: Finding) -> tuple[bool, str, int, int]:
    return (
        finding.location.line is None,
        finding.location.file or "",
        finding.location.line or 0,
        finding.location.column or 0,
    )


def _waivers(context: CheckContext) -> Iterator[tuple[str | None, Waiver, KeyPath]]:
    """Each waiver with the block that it stands in, and the way to it."""
    for number, waiver in enumerate(context.issue.waive):
        yield None, waiver, ("waive", number)
    for index, block in enumerate(context.issue.blocks):
        for number, waiver in enumerate(block.waive):
            yield block.id, waiver, ("blocks", index, "waive", number)


def _apply_waivers(context: CheckContext, findings: list[Finding]) -> tuple[list[Finding], set[KeyPath]]:
    """`findings` with the reasons of waivers; and the waivers that waive nothing."""
    reasons: dict[tuple[str | None, str], tuple[str, KeyPath]] = {}
    idle_paths: set[KeyPath] = set()
    for block, waiver, path in _waivers(context):
        reasons.setdefault((block, waiver.rule), (waiver.reason, path))
        idle_paths.add(path)
    weighed = []
    for finding in findings:
        reason = reasons.get((finding.block, finding.rule))
        if reason:
            idle_paths.discard(reason[1])
            weighed.append(replace(finding, waived=reason[0], fix=None))
        else:
            weighed.append(finding)
    return weighed, idle_paths


def _idle_waiver_findings(
    context: CheckContext, idle_paths: set[KeyPath], ids_that_ran: set[str], findings: list[Finding]
) -> Iterator[Finding]:
    for block, waiver, path in _waivers(context):
        if path not in idle_paths or waiver.rule not in ids_that_ran:
            continue
        violation = Violation(
            _("this waiver waives nothing: {rule} finds nothing here").format(rule=waiver.rule),
            IssueValue((*path, "rule")),
            _("Take the waiver out."),
        )
        block_with_findings = next(
            (finding.block for finding in findings if finding.rule == waiver.rule and finding.block), None
        )
        if block is None and block_with_findings:
            violation = replace(
                violation,
                message=_("this waiver waives nothing: at the top of the file it is for what is in no block"),
                hint=_("Move it into the block “{block}”, where {rule} finds something.").format(
                    block=block_with_findings, rule=waiver.rule
                ),
            )
        yield locate("idle-waiver", Severity.ADVICE, violation, context)


def _unknown_rule_findings(
    context: CheckContext, known_ids: frozenset[str], file_fault_ids: frozenset[str]
) -> Iterator[Finding]:
    for _block, waiver, path in _waivers(context):
        if waiver.rule in file_fault_ids:
            violation = Violation(
                _("“{name}” is a fault of the file itself, and cannot be waived").format(name=waiver.rule),
                IssueValue((*path, "rule")),
                _("Take the waiver out, and correct the fault where `check` tells it."),
            )
            yield locate("unknown-rule", Severity.ADVICE, violation, context)
        elif waiver.rule not in known_ids:
            yield _unknown_rule_finding(waiver.rule, IssueValue((*path, "rule")), context, known_ids)
    for rule_id in context.publication.checks:
        if rule_id not in known_ids:
            yield _unknown_rule_finding(rule_id, SettingsValue(("checks", rule_id)), context, known_ids)


def _unknown_rule_finding(
    rule_id: str, location: IssueValue | SettingsValue, context: CheckContext, known_ids: frozenset[str]
) -> Finding:
    close_matches = difflib.get_close_matches(rule_id, sorted(known_ids), n=1)
    suggestion = _(" (did you mean “{name}”?)").format(name=close_matches[0]) if close_matches else ""
    violation = Violation(
        _("there is no rule “{name}”{suggestion}").format(name=rule_id, suggestion=suggestion),
        location,
        _("Write its name as `check` prints it between brackets; docs/reference/checks.md lists all of them."),
    )
    return locate("unknown-rule", Severity.ADVICE, violation, context)
