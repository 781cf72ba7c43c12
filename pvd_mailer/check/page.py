"""The rules' documentation as a page, in either language: made from the rules, so that it cannot say otherwise."""

from collections.abc import Mapping, Sequence

from pvd_mailer.check.illustration import illustration
from pvd_mailer.check.rule import GROUPS, Rule
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, catalogue

__all__ = ["page"]

LANGUAGE = {"en": "In English", "fr": "En français"}
TITLE = N_("What `check` looks for")
INTRODUCTION = (
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
COLUMNS = (N_("rule"), N_("what it looks for"), N_("weight"))
MENDS = N_("mends")
FAILS, PASSES = N_("Found:"), N_("Left alone:")
SETTINGS_TITLE = N_("Settings and waivers")
SETTINGS = (
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
CHECKS_EXAMPLE = """\
checks:
  placeholder: advice
"""
WAIVE_EXAMPLE = """\
- id: jeu-de-piste
  type: article
  title: "Le jeu de piste des XXX"
  waive:
    - rule: placeholder
      reason: "XXX est le nom du groupe."
  body: |
    Trois énigmes, trois croix, une halle.
"""
SEVERITIES = {Severity.BLOCKING: N_("blocking"), Severity.ADVICE: N_("advice")}


def page(lang: str, rules: Sequence[Rule], files: Mapping[str, str]) -> str:
    """The page in `lang`; `files` has a file's name by language, for the way to the other one."""
    say = catalogue(lang).gettext
    lines = [f"# {say(TITLE)}", ""]
    lines += [line for name, file in files.items() if name != lang for line in (f"*[{LANGUAGE[name]}]({file})*", "")]
    for paragraph in INTRODUCTION:
        lines += [say(paragraph), ""]
    lines += ["| " + " | ".join(say(column) for column in COLUMNS) + " | |", "|---|---|---|---|"]
    for rule in rules:
        mends = say(MENDS) if rule.mends else ""
        lines.append(f"| [`{rule.id}`](#{rule.id}) | {say(rule.title)} | {say(SEVERITIES[rule.severity])} | {mends} |")
    lines += ["", f"## {say(SETTINGS_TITLE)}", ""]
    for paragraph, example in zip(SETTINGS, (CHECKS_EXAMPLE, WAIVE_EXAMPLE, ""), strict=True):
        lines += [say(paragraph), ""]
        lines += _fenced("yaml", example) if example else []
    for group, name in GROUPS.items():
        own = [rule for rule in rules if rule.group is group]
        lines += [f"## {say(name)}", ""] if own else []
        for rule in own:
            lines += _section(rule, lang)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(rule: Rule, lang: str) -> list[str]:
    say = catalogue(lang).gettext
    weight = say(SEVERITIES[rule.severity]) + (f", {say(MENDS)}" if rule.mends else "")
    lines = [f"### `{rule.id}`", "", f"**{say(rule.title)}** ({weight})", ""]
    lines += [_prose(say(rule.about)), "", f"→ {_prose(say(rule.hint))}", ""]
    for words, examples, other in ((FAILS, rule.failing, rule.passing), (PASSES, rule.passing, rule.failing)):
        lines += [say(words), "", *illustration(examples[0], other[0], rule, lang)]
    return lines


def _prose(text: str) -> str:
    """`text` in which Markdown takes no `<` for HTML; between backticks it does not anyway."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("<", "\\<") for number, part in enumerate(parts))


def _fenced(language: str, text: str) -> list[str]:
    return [f"```{language}", *text.strip("\n").split("\n"), "```", ""]
