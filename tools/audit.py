"""Look for known weaknesses in the packages of a lock file: `python tools/audit.py [--advisories FOLDER] LOCK …`.

The data is the Python Packaging Advisory Database (github.com/pypa/advisory-database, CC-BY-4.0), of which pip-audit
gets its answers by the way of PyPI: here it is read as the Git repository that it is, so that one clone does for a
machine without a way to PyPI, and one run asks nobody which packages we have. Exits with 1 where something is found.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent
OLD = 30
"""Days after which advisories are said to be old."""
HOME = "https://github.com/pypa/advisory-database"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Weakness:
    """A package of ours that an advisory is about."""

    package: str
    version: str
    advisory: str
    fixed: str
    details: str


def pins(text: str) -> list[tuple[str, str]]:
    """Names and versions that a lock file has, each once."""
    return list(dict.fromkeys((canonicalize_name(name), version) for name, version in _PIN.findall(text)))


def _version(said: str) -> Version | None:
    try:
        return Version(said)
    except InvalidVersion:  # of a package that is older than PEP 440
        return None


def _lies_in(version: Version, events: list[dict[str, str]]) -> bool:
    """Whether a range of OSV holds `version`: from `introduced` on, until `fixed`, through `last_affected`."""
    inside = False
    for event in events:
        for kind, said in event.items():
            bound = Version("0") if said == "0" else _version(said)
            if bound is None:
                continue
            if kind == "introduced" and version >= bound:
                inside = True
            elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
                inside = False
    return inside


def weaknesses(folder: Path, package: str, said: str) -> Iterator[Weakness]:
    """What the advisories in `folder` have against version `said` of `package`."""
    version = _version(said)
    for path in sorted((folder / "vulns" / package).glob("*.yaml")):
        advisory = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - one of PyYAML's two safe loaders
        if advisory.get("withdrawn"):
            continue
        for affected in advisory["affected"]:
            ranges = [one["events"] for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM"]
            if said in affected.get("versions", []) or (
                version is not None and any(_lies_in(version, events) for events in ranges)
            ):
                fixed = [event["fixed"] for events in ranges for event in events if "fixed" in event]
                details = " ".join(advisory.get("details", "").split())
                yield Weakness(package, said, advisory["id"], ", ".join(fixed), details)
                break


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def _fetched() -> Path:
    folder = ROOT / "var" / "advisories"
    if (folder / ".git").exists():
        _git("-C", str(folder), "fetch", "--quiet", "--depth", "1", "origin", "main")
        _git("-C", str(folder), "reset", "--quiet", "--hard", "FETCH_HEAD")
    else:
        folder.parent.mkdir(exist_ok=True)
        _git("clone", "--quiet", "--depth", "1", HOME, str(folder))
    return folder


def main() -> int:
    """Print what is found; 0 where nothing is, 2 where the advisories cannot be had."""
    parser = argparse.ArgumentParser(description="Look for known weaknesses in the packages of lock files.")
    parser.add_argument("locks", nargs="+", type=Path, metavar="LOCK")
    parser.add_argument("--advisories", type=Path, metavar="FOLDER", help=f"a clone of {HOME}; fetched if not given")
    said = parser.parse_args()
    try:
        folder = said.advisories or _fetched()
        date = _git("-C", str(folder), "log", "-1", "--format=%cs")
    except subprocess.CalledProcessError as error:
        print(f"The advisories cannot be had: {error.stderr.strip()}", file=sys.stderr)
        return 2
    if not (folder / "vulns").is_dir():
        print(f"{folder} is no clone of {HOME}.", file=sys.stderr)
        return 2
    age = (datetime.now(UTC).date() - datetime.fromisoformat(date).date()).days
    if age > OLD:
        print(f"These advisories are {age} days old: what is known since is not among them.", file=sys.stderr)
    found = 0
    known = [pin for lock in said.locks for pin in pins(lock.read_text("utf-8"))]
    for package, version in dict.fromkeys(known):
        for one in weaknesses(folder, package, version):
            found += 1
            print(f"{one.package} {one.version}: {one.advisory}, mended in {one.fixed or '–'}\n    {one.details[:300]}")
    print(f"{len(known)} packages, advisories of {date}: {found or 'no'} known weakness{'' if found == 1 else 'es'}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
