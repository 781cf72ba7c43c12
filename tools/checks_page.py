"""Writes the pages that document the proofreader's rules, from the rules: `make checks-page`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pvd_mailer.check import RULES
from tools.checks.page import rules_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "reference"
PAGES = {"en": DOCS / "checks.md", "fr": DOCS / "verifications.md"}


def written(lang: str) -> str:
    """The page in `lang`."""
    return rules_page(lang, RULES, {name: path.name for name, path in PAGES.items()})


def main() -> None:
    """Write every page."""
    for lang, path in PAGES.items():
        path.write_text(written(lang), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
