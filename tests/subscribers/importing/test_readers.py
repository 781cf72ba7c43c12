import io
import tracemalloc
import zipfile
from datetime import date

import pytest

from pvd_mailer.database.states import LegalBasis
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.subscribers.importing.column_map_option import parse_column_map
from pvd_mailer.subscribers.importing.consent import parse_consent_date
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults
from pvd_mailer.subscribers.importing.readers import sheet_reader, workbook
from pvd_mailer.subscribers.importing.readers.opening import open_list_file
from pvd_mailer.subscribers.importing.readers.sheet import SheetError
from pvd_mailer.subscribers.importing.readers.sheet_reader import read_sheet
from pvd_mailer.subscribers.importing.rows import parse_rows
from tests.subscribers.importing.imports import planned
from tests.subscribers.importing.sheets import csv_text, packed, parts
from tests.subscribers.importing.sheets import xlsx as xlsx_of
from tests.subscribers.people import NOW

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


def test_a_row_far_below_is_read_where_it_is(tmp_path):
    assert as_read(tmp_path, claims(sheet=('<row r="2"><c r="A2"', '<row r="999999"><c')))[1][0] == 999_999


@pytest.mark.parametrize(
    "change",
    [
        ('r="A2"', 'r="XFD1048576"'),
        ('r="A2"', 'r="XFD2"'),
        ('<row r="2"><c r="A2"', '<row r="9999999"><c'),
        ('<row r="2">', '<row r="2">' + "<c/>" * 2000),
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
            if "sheet1" not in name:
                archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as bomb:
            for _ in range(150):
                bomb.write(b" " * (1 << 20))
    assert len(target.getvalue()) < 1_000_000
    with pytest.raises(SheetError, match="larger, once unpacked"):
        as_read(tmp_path, target.getvalue())


def test_a_long_text_that_many_cells_share_is_not_multiplied(tmp_path):
    file = tmp_path / "liste.xlsx"
    file.write_bytes(xlsx_of([["email"], *[["x" * 30_000]] * 4000]))
    tracemalloc.start()
    assert sum(1 for _ in read_sheet(file)) == 4001
    assert tracemalloc.get_traced_memory()[1] < 40_000_000  # they are 120 million characters
    tracemalloc.stop()


def test_a_size_that_lies_does_not_get_past(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 3000)
    raw = bytearray(xlsx_of([["email"], *[[f"n{n}@example.org"] for n in range(500)]]))
    at = raw.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24  # the size in the directory at the end
    raw[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(SheetError):
        as_read(tmp_path, bytes(raw))


def test_old_files_and_those_with_a_password_are_told(tmp_path):
    with pytest.raises(SheetError, match=r"old \.xls file, or has a password"):
        as_read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def test_too_many_rows_or_columns_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_reader, "MAX_LIST_ROWS", 3)
    with pytest.raises(SheetError, match="more than 3 rows"):
        as_read(tmp_path, "email\n" + "a@example.org\n" * 5)
    with pytest.raises(SheetError, match="row 2: more than 200 columns"):
        as_read(tmp_path, "email,nom\n" + ",".join(["abc"] * 201) + "\n", "b.csv")
    file = tmp_path / "big.csv"
    with file.open("wb") as target:
        target.truncate(501 * 1024 * 1024)
    with pytest.raises(SheetError, match="larger than 500 MB"):
        list(read_sheet(file))


def columns(tmp_path, header, *pairs):
    file = tmp_path / "liste.csv"
    file.write_text(header + "\n", encoding="utf-8")
    return open_list_file(file, parse_column_map(pairs)).columns


def test_columns_are_known_by_their_french_and_english_names(tmp_path):
    found = columns(tmp_path, "NOM;Prénom ;Adresse e-mail;Fonction;Département;Région;Base légale;Téléphone;tag:Réseau")
    assert found.fields == {"last_name": (0,), "first_name": (1,), "email": (2,), "basis": (6,)}
    assert found.tags == (("role", 3, "tag:"), ("department", 4, "tag:"), ("region", 5, "tag:"), ("reseau", 8, "tag:"))
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
    assert found.fields == {"email": (1,)}
    assert found.tags == (("department", 2, "tag:"),)
    assert found.ignored == ("Mail", "Nom")


@pytest.mark.parametrize(
    ("header", "pairs", "said"),
    [
        ("nom;prenom", [], "no column with addresses"),
        ("email;courriel", [], "two columns for email: “email” and “courriel”"),
        ("email;nom", ["Téléphone=tag:tel"], "no column “Téléphone”"),
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
        parse_column_map([pair])


# As people have it.


def people_of(tmp_path, raw, *pairs, **more):
    file = tmp_path / "liste"
    file.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    sheet = open_list_file(file, parse_column_map(pairs), **more)
    given = ImportDefaults(LegalBasis.CONSENT, "liste", "", NOW)
    return [
        (one.address_as_written, one.person and one.person.last_name)
        for one in parse_rows(sheet.rows(), sheet.columns, given)
    ]


TITLED = [
    ["Liste des abonnés au 12/03/2026", None, None],
    ["Contact : mairie@example.org", None, None],
    [None, None, None],
    ["Nom", "Prénom", "Courriel"],
    ["Pic", "Ola", "a@example.org"],
]


@pytest.mark.parametrize(
    "raw", [csv_text(TITLED).encode(), csv_text(TITLED, ",").encode(), xlsx_of(TITLED, merged=("A1:C1",))]
)
def test_the_names_of_the_columns_are_found_below_a_title(tmp_path, raw):
    assert people_of(tmp_path, raw) == [("a@example.org", "Pic")]
    assert people_of(tmp_path, raw, header_row=4) == [("a@example.org", "Pic")]


def test_the_row_that_names_the_columns_can_be_said(tmp_path):
    text = "email;nom\r\nvoir;ci-dessous\r\nCourriel;Nom\r\na@example.org;Pic\r\n"
    assert people_of(tmp_path, text, header_row=3) == [("a@example.org", "Pic")]
    with pytest.raises(SheetError, match="nothing stands on row 9"):
        people_of(tmp_path, text, header_row=9)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_by_its_nul_bytes(tmp_path, encoding):
    assert people_of(tmp_path, csv_text(ROWS, "\t").encode(encoding))[0] == ("claire@example.org", "L’Œuvre; dit « X »")


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("a@example.org;", ""),
        (" a@example.org , ", ""),
        ("<a@example.org>", ""),
        ("Claire Roy <a@example.org>", "Claire Roy"),
        ('"Roy, Claire" <a@example.org>;', "Roy, Claire"),
        ("'a@example.org'", ""),
        ("mailto:a@example.org", ""),
    ],
)
def test_an_address_is_read_as_mail_programs_write_it(tmp_path, cell, name):
    assert people_of(tmp_path, csv_text([["email", "rôle"], [cell, ""]])) == [("a@example.org", name)]


@pytest.mark.parametrize(
    "name",
    [
        "Adresse mél",
        "Mél.",
        "Email *",
        "E-mail :",
        "Courriel (obligatoire)",
        "ADRESSE DE MESSAGERIE",
        "Courrier électronique",
        "e‑mail",
    ],
)
def test_columns_of_addresses_are_known_as_forms_write_them(tmp_path, name):
    assert people_of(tmp_path, csv_text([[name, "nom"], ["a@example.org", "A"]])) == [("a@example.org", "A")]


def test_where_people_live_is_no_address_to_write_to_beside_one(tmp_path):
    rows = [["Nom", "Adresse", "Code postal", "Courriel"], ["Pic", "12 rue X", "32000", "a@example.org"]]
    assert people_of(tmp_path, csv_text(rows)) == [("a@example.org", "Pic")]
    rows = [["Nom", "Adresse"], ["Pic", "a@example.org"]]
    assert people_of(tmp_path, csv_text(rows)) == [("a@example.org", "Pic")]
    with pytest.raises(SheetError, match="no column with addresses"):
        people_of(tmp_path, csv_text([["Nom", "Adresse"], ["Pic", "12 rue X"]]))


def test_of_two_columns_with_one_name_the_hint_says_which_and_works(tmp_path):
    text = csv_text([["email", "email", "nom"], ["a@example.org", "b@example.org", "Pic"]])
    with pytest.raises(SheetError) as told:
        people_of(tmp_path, text)
    pair = told.value.hint.partition("'")[2].rstrip("'")
    assert pair == "email#2=ignore"
    assert people_of(tmp_path, text, pair) == [("a@example.org", "Pic")]
    assert people_of(tmp_path, text, "email#1=ignore") == [("b@example.org", "Pic")]
    assert people_of(tmp_path, text, "#1=ignore", "#3=first_name") == [("b@example.org", "")]


def test_a_line_end_in_a_column_that_nobody_takes_refuses_nobody(tmp_path):
    rows = [
        ["email", "nom", "commentaire"],
        ["a@example.org", "Pic", "voir avec\nb@example.org"],
        ["c@example.org", "C", ""],
    ]
    assert people_of(tmp_path, csv_text(rows)) == [("a@example.org", "Pic"), ("c@example.org", "C")]
    swallowed = 'email;note\r\na@example.org;"oui\r\nb@example.org;non\r\nc@example.org;"oui"\r\n'
    assert people_of(tmp_path, swallowed) == [("a@example.org", None)]


def test_a_row_that_a_filter_hides_adds_nobody_and_who_left_there_left(tmp_path, database):
    rows = [
        ["Courriel", "Statut"],
        ["a@example.org", "abonné"],
        ["b@example.org", "abonné"],
        ["c@example.org", "désabonné"],
    ]
    told = planned(database, tmp_path, xlsx_of(rows, hidden_rows=(3, 4)), name="liste.xlsx")
    assert told.said == [(2, "added", None), (3, "hidden", "hidden"), (4, "opposed", "left")]
    assert told.plan.hidden == 2


def test_what_is_merged_over_rows_holds_for_each_of_them(tmp_path):
    rows = [["Courriel", "Nom"], ["a@example.org", "Mairie"], ["b@example.org", None], ["c@example.org", "C"]]
    assert people_of(tmp_path, xlsx_of(rows, merged=("B2:B3",))) == [
        ("a@example.org", "Mairie"), ("b@example.org", "Mairie"), ("c@example.org", "C"),
    ]  # fmt: skip


def test_a_date_of_a_spreadsheet_is_that_date(tmp_path):
    assert as_read(tmp_path, xlsx_of([["email", "date", "n"], ["a@example.org", date(2021, 3, 7), 44262]]))[1] == (
        2, ("a@example.org", "2021-03-07", "44262"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-07", "2021/03/07", "07/03/2021", "07/03/21", "7/3/2021", "07-03-2021", "07.03.2021", "7 mars 2021",
        "dimanche 7 mars 2021", "Mar 7, 2021", "7 March 2021", "7-mar-2021", "20210307", "44262", "07/03/2021 à 12h00",
        "2021-03-07T12:00:11.123Z", "2021-03-07 12:00:11 UTC", "2021-03-07 12:00:11 +0100", "2021-03-07T12:00:11+01:00",
        "1615108931", "1615108931000", "Sun, 07 Mar 2021 12:00:11 +0000", "07/03/2021 12:00 PM",
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_and_programs_write_it(text):
    assert f"{parse_consent_date(text, NOW):%Y-%m-%d}" == "2021-03-07"


@pytest.mark.parametrize(
    "text", ["03/25/2021", "12", "7 foo 2021", "31/02/2021", "99999", "1e400", "2031-01-01", "44262,x"]
)
def test_what_is_no_date_is_told(text):
    with pytest.raises(WrongUsageError, match="not the date of a consent"):
        parse_consent_date(text, NOW)
