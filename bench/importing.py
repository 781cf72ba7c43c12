"""Peak memory and time of an import, by the number of people: simulation and --apply, CSV and .xlsx.

The peer is the csv module and one executemany of sqlite3, in a process of its own: what the rows of such a file cost
where nothing of them is looked at.
"""

import argparse
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (2_000, 200_000, 1_000_000)
LIMIT = 250
"""MB of memory that no import may need."""
HEADER = ("Courriel", "Prénom", "Nom", "Fonction", "Département", "Statut", "Date d’accord")
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def person(number: int) -> tuple[str, ...]:
    """A row; one of fifty left elsewhere, one of a hundred is there twice."""
    who = number - 1 if number % 100 == 99 else number
    return (
        f"prenom.nom{who}@commune-{who % 5000}.example",
        f"Prénom{who % 900}",
        f"Nom{who}",
        f"Fonction {who % 12}",
        str(1 + who % 95),
        "désabonné" if number % 50 == 7 else "abonné",
        f"{1 + who % 28:02d}/{1 + who % 12:02d}/2023",
    )


def write_csv(path: Path, size: int) -> None:
    """A CSV as Excel writes it."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(person(number) for number in range(size))


def write_xlsx(path: Path, size: int) -> None:
    """An .xlsx as Excel writes it, with all texts shared."""
    texts: dict[str, int] = {}

    def cell(place: str, text: str) -> str:
        return f'<c r="{place}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="a"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{OFFICE}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{SHEET}"><sheetData>'.encode())
            for number in range(size + 1):
                row = HEADER if number == 0 else person(number - 1)
                cells = "".join(cell(f"{'ABCDEFG'[at]}{number + 1}", text) for at, text in enumerate(row))
                sheet.write(f'<row r="{number + 1}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w") as shared:
            shared.write(f'<sst xmlns="{SHEET}">'.encode())
            for text in texts:
                shared.write(f"<si><t>{text}</t></si>".encode())
            shared.write(b"</sst>")


def measured(command: list[str], cwd: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and MB of a process."""
    start = time.perf_counter()
    with (cwd / "out").open("wb") as out:
        pid = subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=out)
        _pid, status, used = os.wait4(pid.pid, 0)
    pid.returncode = os.waitstatus_to_exitcode(status)
    if pid.returncode:
        sys.exit((cwd / "out").read_text())
    return time.perf_counter() - start, used.ru_maxrss / 1024


def floor(path: Path) -> None:
    """The peer: read and written, and nothing looked at."""
    connection = sqlite3.connect(path.with_suffix(".sqlite"))
    connection.execute("CREATE TABLE people (a, b, c, d, e, f, g)")
    with path.open(encoding="utf-8-sig", newline="") as source:
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?)", csv.reader(source, delimiter=";"))
    connection.commit()


def main() -> None:
    """Print a line a size; fail where an import needs more than LIMIT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--floor", type=Path)
    given = parser.parse_args()
    if given.floor:
        floor(given.floor)
        return
    command = [sys.executable, "-m", "pvd_mailer", "subscribers", "import"]
    print(f"{'people':>9}  {'file':<5} {'MB':>4}  {'simulation':>17}  {'--apply':>17}  csv + sqlite3")
    too_much = False
    for size in given.sizes:
        for kind, write in (("csv", write_csv), ("xlsx", write_xlsx)):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                environment = os.environ | {"PYTHONPATH": str(ROOT), "PVD_LANG": "en", "HOME": folder}
                subprocess.run(
                    [sys.executable, "-m", "pvd_mailer", "init", "w"],
                    cwd=root, env=environment, check=True, capture_output=True,
                )  # fmt: skip
                file = root / f"liste.{kind}"
                write(file, size)
                dry = measured([*command, str(file), "--basis", "consent"], root / "w", environment)
                done = measured([*command, str(file), "--basis", "consent", "--apply"], root / "w", environment)
                peer = ""
                if kind == "csv":
                    seconds, memory = measured([sys.executable, __file__, "--floor", str(file)], root, environment)
                    peer = f"{seconds:6.1f} s {memory:4.0f} MB"
                told = f"{dry[0]:7.1f} s {dry[1]:4.0f} MB  {done[0]:7.1f} s {done[1]:4.0f} MB"
                print(f"{size:>9}  {kind:<5} {file.stat().st_size / 1e6:4.0f}  {told}  {peer}", flush=True)
                too_much |= max(dry[1], done[1]) > LIMIT
    if too_much:
        sys.exit(f"more than {LIMIT} MB")


if __name__ == "__main__":
    main()
