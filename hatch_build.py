"""Compiles the gettext catalogues when a wheel is built or the project is installed in place."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    """Write the `.mo` beside each `.po` under `root`, and return their paths."""
    written = []
    for source in sorted((root / "pvd_mailer" / "locales").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as po:
            catalogue = read_po(po, locale=source.parent.parent.name, abort_invalid=True)
        with target.open("wb") as mo:
            write_mo(mo, catalogue)
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg] # hatchling's parameter is its own config class
    """Runs before every build, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile the catalogues of this source tree."""
        compile_catalogues(Path(self.root))
