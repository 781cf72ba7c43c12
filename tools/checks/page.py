"""The rules' documentation as a page, in either language: made from the rules, so that it cannot say otherwise."""

from collections.abc import Mapping, Sequence

from pvd_mailer.check.rule import GROUPS, Rule
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, catalogue
from tools.checks.examples import examples_of
from tools.checks.markdown import example_lines

__all__ = ["rules_page"]

_LANGUAGE_LINKS = {"en": "In English", "fr": "En français"}
_TITLE = N_("What `check` looks for")
_INTRODUCTION = (
    N_(
        "`pvd-mailer check ISSUE` reads the issue and its letter as a careful deputy editor would. Each finding names "
        "the rule that made it, between brackets; this page says what each rule looks for, and why. It is made from "
        "the rules themselves (`make checks-page`)."
    ),
    N_(
        "**Blocking**: the letter cannot be approved like this. **Advice**: it can, and would be better otherwise. "
        "**Mends**: `pvd-mailer check ISSUE --fix` corrects in the file what can be corrected without changing its "
        "sense, and touches nothing else."
    ),
)
_COLUMNS = (N_("rule"), N_("what it looks for"), N_("weight"))
_FIXABLE = N_("mends")
_FOUND, _LEFT_ALONE = N_("Found:"), N_("Left alone:")
_SETTINGS_TITLE = N_("Settings and waivers")
_SETTINGS = (
    N_(
        "A publication sets how much a rule weighs in `publication.yaml`: `blocking`, `advice` or `off`. An issue "
        "cannot, not even in its `override`."
    ),
    N_(
        "An issue lets a finding be with a waiver, in the block that it is in, or at the top of the file where it is "
        "in none. The reason is required; waivers are listed at each check, and one that waives nothing is told."
    ),
    N_(
        "Words and names that the rules on language leave alone stand in `words.txt`, beside `publication.yaml`: one a "
        "line; what follows `# ` is a remark."
    ),
)
_CHECKS_EXAMPLE = """\
checks:
  placeholder: advice
"""
_WAIVE_EXAMPLE = """\
- id: jeu-de-piste
  type: article
  title: "Le jeu de piste des XXX"
  waive:
    - rule: placeholder
      reason: "XXX est le nom du groupe."
  body: |
    Trois énigmes, trois croix, une halle.
"""
_SEVERITIES = {Severity.BLOCKING: N_("blocking"), Severity.ADVICE: N_("advice")}


def rules_page(lang: str, rules: Sequence[Rule], file_by_language: Mapping[str, str]) -> str:
    """The page in `lang`; `file_by_language` has a file's name by language, for the way to the other one."""
    translate = catalogue(lang).gettext
    lines = [f"# {translate(_TITLE)}", ""]
    lines += [
        line
        for language, file in file_by_language.items()
        if language != lang
        for line in (f"*[{_LANGUAGE_LINKS[language]}]({file})*", "")
    ]
    for paragraph in _INTRODUCTION:
        lines += [translate(paragraph), ""]
    lines += ["| " + " | ".join(translate(column) for column in _COLUMNS) + " | |", "|---|---|---|---|"]
    for rule in rules:
        fixable = translate(_FIXABLE) if rule.fixable else ""
        severity = translate(_SEVERITIES[rule.severity])
        lines.append(f"| [`{rule.id}`](#{rule.id}) | {translate(rule.title)} | {severity} | {fixable} |")
    lines += ["", f"## {translate(_SETTINGS_TITLE)}", ""]
    for paragraph, example in zip(_SETTINGS, (_CHECKS_EXAMPLE, _WAIVE_EXAMPLE, ""), strict=True):
        lines += [translate(paragraph), ""]
        lines += _code_block("yaml", example) if example else []
    for group, group_title in GROUPS.items():
        rules_of_group = [rule for rule in rules if rule.group is group]
        lines += [f"## {translate(group_title)}", ""] if rules_of_group else []
        for rule in rules_of_group:
            lines += _section_of_rule(rule, lang)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section_of_rule(rule: Rule, lang: str) -> list[str]:
    translate = catalogue(lang).gettext
    weight = translate(_SEVERITIES[rule.severity]) + (f", {translate(_FIXABLE)}" if rule.fixable else "")
    lines = [f"### `{rule.id}`", "", f"**{translate(rule.title)}** ({weight})", ""]
    lines += [_escaped_prose(translate(rule.description)), "", f"→ {_escaped_prose(translate(rule.hint))}", ""]
    examples = examples_of(rule.id)
    failing, passing = examples.failing[0], examples.passing[0]
    lines += [translate(_FOUND), "", *example_lines(failing, passing, rule, lang)]
    lines += [translate(_LEFT_ALONE), "", *example_lines(passing, failing, rule, lang)]
    return lines


def _escaped_prose(text: str) -> str:
    """`text` in which Markdown takes no `<` for HTML; between backticks it does not anyway."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("<", "\\<") for number, part in enumerate(parts))


def _code_block(language: str, text: str) -> list[str]:
    return [f"```{language}", *text.strip("\n").split("\n"), "```", ""]
