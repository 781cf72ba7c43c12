import io
import zipfile

import pytest

from pvd_mailer.audience import sheet, xlsx
from pvd_mailer.audience.columns import open_list, read_map
from pvd_mailer.audience.sheet import SheetError, read_sheet
from pvd_mailer.errors import WrongUsageError
from tests.audience.sheets import csv_text, packed, parts
from tests.audience.sheets import xlsx as xlsx_of

ROWS = [
    ["Courriel", "Prénom", "Nom"],
    ["claire@example.org", "Élodie", "L’Œuvre; dit « X »"],
    [None, None, None],
    ["karim@example.com", "Karim", 'Le "Grand"'],
    ["lea@example.net", "Léa\nMarie", ""],
]
READ = [
    (1, ("Courriel", "Prénom", "Nom")),
    (2, ("claire@example.org", "Élodie", "L’Œuvre; dit « X »")),
    (4, ("karim@example.com", "Karim", 'Le "Grand"')),
    (5, ("lea@example.net", "Léa\nMarie", "")),
]


def as_read(tmp_path, raw, name="liste.csv"):
    file = tmp_path / name
    file.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return [(row.number, row.cells) for row in read_sheet(file)]


@pytest.mark.parametrize(
    "raw",
    [
        csv_text(ROWS).encode("utf-8-sig"),
        csv_text(ROWS).encode("utf-8"),
        csv_text(ROWS).encode("cp1252"),
        csv_text(ROWS).encode("utf-16"),
        b"\xfe\xff" + csv_text(ROWS).encode("utf-16-be"),
        csv_text(ROWS, ",").encode(),
        csv_text(ROWS, "\t").encode("utf-16"),
        csv_text(ROWS, "|").encode(),
        ("sep=;\r\n" + csv_text(ROWS)).encode("cp1252"),
        csv_text(ROWS).replace("\r\n", "\n").encode(),
        csv_text(ROWS).rstrip("\r\n").encode(),
    ],
    ids=[
        "excel-utf8",
        "utf8",
        "excel-cp1252",
        "utf16",
        "utf16-be",
        "comma",
        "unicode-text",
        "bar",
        "sep",
        "lf",
        "no-end",
    ],
)
def test_a_list_is_read_as_its_spreadsheet_shows_it(tmp_path, raw):
    assert as_read(tmp_path, raw) == READ


def test_an_xlsx_is_read_by_its_content_with_the_numbers_of_its_rows(tmp_path):
    assert as_read(tmp_path, xlsx_of(ROWS), "liste.csv") == READ


def test_a_mac_of_old_ends_lines_with_a_return(tmp_path):
    assert as_read(tmp_path, "email;nom\ra@example.org;A\r")[1] == (2, ("a@example.org", "A"))


def test_two_lists_pasted_together_keep_their_accents(tmp_path):
    raw = "email;nom\r\na@example.org;É\r\n".encode() + "b@example.org;È\r\n".encode("cp1252")
    assert [cells[1] for _number, cells in as_read(tmp_path, raw)] == ["nom", "É", "È"]


def test_numbers_of_an_xlsx_are_written_as_people_write_them(tmp_path):
    rows = [["email", "n", "p", "d"], ["a@example.org", 35, 1.5, 1e300]]
    assert as_read(tmp_path, xlsx_of(rows))[1] == (2, ("a@example.org", "35", "1.5", "1e+300"))


def test_the_first_visible_sheet_is_read(tmp_path):
    raw = xlsx_of(ROWS, names=("Notes", "Liste"), hidden=("Notes",))
    assert as_read(tmp_path, raw) == READ


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('email;nom\r\n"a@example.org;A\r\nb@example.org;B\r\n', 2),
        ('email;nom\r\na@example.org;A\r\nb@example.org;"B', 3),
        ('"email;nom\r\na@example.org;A\r\n', 1),
        ('email;nom\r\na@example.org;"' + "x" * 200_000 + "\r\n", 2),
    ],
)
def test_a_quotation_mark_that_is_never_closed_is_told_with_its_row(tmp_path, text, row):
    with pytest.raises(SheetError, match=f"row {row}: a quotation mark"):
        as_read(tmp_path, text)


def claims(**changed):
    members = parts([["email"], ["a@example.org"]])
    for part, (old, new) in changed.items():
        name = {"sheet": "xl/worksheets/sheet1.xml", "texts": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}[part]
        assert old in members[name]
        members[name] = members[name].replace(old, new)
    return packed(members)


@pytest.mark.parametrize(
    "change",
    [
        ('r="A2"', 'r="XFD1048576"'),
        ('r="A2"', 'r="A1048576"'),
        ('r="A2"', 'r="XFD2"'),
        ('<row r="2"><c r="A2"', '<row r="999999"><c'),
        ('<row r="2">', '<row r="2">' + "<c/>" * 2000),
        ('<row r="2"><c r="A2"', "<row/>" * 300_000 + "<row><c"),
    ],
)
def test_an_xlsx_that_claims_more_than_a_list_needs_is_refused(tmp_path, change):
    with pytest.raises(SheetError, match="larger, once unpacked"):
        as_read(tmp_path, claims(sheet=change))


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04",
        b"PK" + b"\0" * 500,
        packed({"word/document.xml": "<a/>"}),
        packed({"xl/workbook.xml": "<a/>"}),
        claims(sheet=('r="A2"', 'r="A0"')),
        claims(sheet=('r="A2"', 'r="ZZZZZZZZZZZ99999999999"')),
        claims(sheet=('r="A2"', 'r="A99999999999"')),
        claims(sheet=('r="A2"', 'r="-1"')),
        claims(sheet=('r="A2"', 'r="A1" r="A2"')),
        claims(sheet=("</row>", "")),
        claims(sheet=("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')),
        claims(texts=("<sst", '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><sst')),
        claims(sheet=('encoding="UTF-8"', 'encoding="ISO-8859-1"')),
        claims(book=("</workbook>", "")),
        xlsx_of(ROWS)[:-30],
        xlsx_of(ROWS)[:200],
    ],
)
def test_an_xlsx_that_is_not_sound_is_refused_in_words(tmp_path, capfd, raw):
    with pytest.raises(SheetError) as told:
        as_read(tmp_path, raw)
    assert told.value.hint
    assert "panicked" not in capfd.readouterr().err


def test_a_bomb_is_not_unpacked(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts(ROWS).items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet9.xml", "w") as bomb:
            for _ in range(150):
                bomb.write(b" " * (1 << 20))
    assert len(target.getvalue()) < 1_000_000
    with pytest.raises(SheetError, match="larger, once unpacked"):
        as_read(tmp_path, target.getvalue())


def test_a_long_text_that_many_cells_share_is_not_multiplied(tmp_path):
    rows = [["email"], *[["x" * 30_000]] * 4000]
    with pytest.raises(SheetError, match="larger, once unpacked"):
        as_read(tmp_path, xlsx_of(rows))


def test_a_size_that_lies_does_not_get_past(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 3000)
    raw = bytearray(xlsx_of([["email"], *[[f"n{n}@example.org"] for n in range(500)]]))
    at = raw.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24  # the size in the directory at the end
    raw[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(SheetError):
        as_read(tmp_path, bytes(raw))


def test_old_files_and_those_with_a_password_are_told(tmp_path):
    with pytest.raises(SheetError, match=r"old \.xls file, or has a password"):
        as_read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def test_too_many_rows_or_columns_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MAX_ROWS", 3)
    with pytest.raises(SheetError, match="more than 3 rows"):
        as_read(tmp_path, "email\n" + "a@example.org\n" * 5)
    with pytest.raises(SheetError, match="row 2: more than 200 columns"):
        as_read(tmp_path, "email,nom\n" + ",".join(["abc"] * 201) + "\n", "b.csv")
    file = tmp_path / "big.csv"
    with file.open("wb") as target:
        target.truncate(51 * 1024 * 1024)
    with pytest.raises(SheetError, match="larger than 50 MB"):
        list(read_sheet(file))


def columns(tmp_path, header, *pairs):
    file = tmp_path / "liste.csv"
    file.write_text(header + "\n", encoding="utf-8")
    return open_list(file, read_map(pairs))[0]


def test_columns_are_known_by_their_french_and_english_names(tmp_path):
    found = columns(tmp_path, "NOM;Prénom ;Adresse e-mail;Fonction;Département;Région;Base légale;Téléphone;tag:Réseau")
    assert found.fields == {"last_name": 0, "first_name": 1, "email": 2, "basis": 6}
    assert found.tags == (("role", 3), ("department", 4), ("region", 5), ("reseau", 8))
    assert found.ignored == ("Téléphone",)


def test_a_map_wins_over_what_is_known(tmp_path):
    found = columns(
        tmp_path,
        "Mail;Courriel pro;Dpt=;Nom",
        "Mail=ignore",
        "courriel PRO=courriel",
        "Dpt==tag:Département",
        "Nom=ignore",
    )
    assert found.fields == {"email": 1}
    assert found.tags == (("department", 2),)
    assert found.ignored == ("Mail", "Nom")


@pytest.mark.parametrize(
    ("header", "pairs", "said"),
    [
        ("nom;prenom", [], "no column with addresses"),
        ("email;courriel", [], "two columns for email: “email” and “courriel”"),
        ("email;nom", ["Téléphone=tag:tel"], "no column “telephone”"),
        ("claire@example.org;Claire", [], "holds an address already"),
        ("", [], "is empty"),
    ],
)
def test_columns_that_do_not_fit_are_told(tmp_path, header, pairs, said):
    with pytest.raises(SheetError, match=said) as told:
        columns(tmp_path, header, *pairs)
    assert told.value.hint


@pytest.mark.parametrize("pair", ["", "x", "x=", "=email", "x=nonsense", "x=tag:", "x=tag:--"])
def test_a_map_that_is_not_understood_is_told(pair):
    with pytest.raises(WrongUsageError, match="not understood"):
        read_map([pair])
