"""Distils what mail programs lack from npm's `caniemail` into pvd_mailer/check/data/clients.json: `make clients`.

The package is fetched by npm into a temporary folder. What is kept are facts: for each feature, which of our readers'
programs lack it in their latest version that was tested. No sentence of theirs is.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "caniemail"
TARGET = Path(__file__).parent.parent / "pvd_mailer" / "check" / "data" / "clients.json"
CLIENTS = {
    "outlook": (("outlook", "windows"),),
    "outlook-com": (("outlook", "outlook-com"),),
    "gmail": (("gmail", "desktop-webmail"),),
    "gmail-app": (("gmail", "android"), ("gmail", "ios")),
    "apple-mail": (("apple-mail", "macos"), ("apple-mail", "ios")),
    "thunderbird": (("thunderbird", "macos"), ("thunderbird", "windows")),
    "orange": (("orange", "desktop-webmail"),),
    "laposte": (("laposte", "desktop-webmail"),),
    "sfr": (("sfr", "desktop-webmail"),),
    "free": (("free-fr", "desktop-webmail"),),
    "samsung": (("samsung-email", "android"),),
}
"""What our readers have, as families and platforms of the source; a feature is there where all have it."""
KINDS = ("css", "html", "image")


def natural(version: str) -> tuple[int, ...]:
    """So that 16.80 comes after 16.9, and 2022-02 after 2021-12."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def latest(versions: dict[str, str]) -> str:
    """What is said of the latest version: y, n, a (partly) or u (unknown)."""
    return versions[max(versions, key=natural)].partition(" ")[0] if versions else "u"


def lacking(stats: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    """The clients that lack a feature."""
    return [
        client
        for client, places in CLIENTS.items()
        if any(latest(stats.get(family, {}).get(platform, {})) == "n" for family, platform in places)
    ]


def fetched() -> tuple[dict, dict]:
    """The package's description and its data."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "install", *options, f"{PACKAGE}@latest"], check=True)
        root = Path(folder) / "node_modules" / PACKAGE
        return json.loads((root / "package.json").read_text("utf-8")), json.loads(
            (root / "data" / "caniemail.json").read_text("utf-8")
        )


def distilled(package: dict, data: dict) -> dict:
    """What we keep."""
    features = {
        one["slug"]: lacks
        for one in sorted(data["data"], key=lambda one: one["slug"])
        if one["category"] in KINDS and (lacks := lacking(one["stats"]))
    }
    return {
        "source": f"npm {package['name']} {package['version']}, data of https://www.caniemail.com",
        "licence": "MIT",
        "author": "Rémi Parmentier and contributors",
        "date": data["last_update_date"].partition(" ")[0],
        "clients": list(CLIENTS),
        "known": sorted(one["slug"] for one in data["data"] if one["category"] in KINDS),
        "lacks": features,
    }


def main() -> None:
    """Write the file, and say what changed."""
    before = json.loads(TARGET.read_text("utf-8")) if TARGET.exists() else {"lacks": {}, "known": []}
    made = distilled(*fetched())
    text = json.dumps(made, ensure_ascii=False, indent=1, separators=(",", ": "))
    # A feature a line: what a new version changes can be read in a diff.
    text = re.sub(r"\[\n\s+([^\]]*?)\n\s+\]", lambda match: "[" + re.sub(r"\n\s+", " ", match[1]) + "]", text)
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(f"{made['source']}, {made['date']}: {len(made['known'])} features, {len(made['lacks'])} lacking somewhere")
    for slug in sorted(set(before["lacks"]) | set(made["lacks"])):
        if before["lacks"].get(slug) != made["lacks"].get(slug):
            print(f"  {slug}: {before['lacks'].get(slug, [])} -> {made['lacks'].get(slug, [])}")
    new = set(made["known"]) - set(before["known"])
    if new and before["known"]:
        print("New; say in pvd_mailer/check/features.py how they are seen:", ", ".join(sorted(new)))


if __name__ == "__main__":
    sys.exit(main())
