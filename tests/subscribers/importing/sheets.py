"""Files of rows as spreadsheets write them."""

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def letters(column):
    """A column's name: 0 is A."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def parts(rows, *, names=("Feuil1",), hidden=(), hidden_rows=(), merged=()):
    """The members of an .xlsx with `rows` on its first visible sheet; a cell is a text, a number, a date or None."""
    texts = {}
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(row):
            place = f"{letters(column)}{number}"
            if isinstance(value, str):
                cells.append(f'<c r="{place}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>')
            elif isinstance(value, date):
                cells.append(f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>')
            elif value is not None:
                cells.append(f'<c r="{place}"><v>{value}</v></c>')
        unseen = ' hidden="1"' if number in hidden_rows else ""
        lines.append(f'<row r="{number}"{unseen}>{"".join(cells)}</row>')
    sheets = ""
    for at, name in enumerate(names, 1):
        state = ' state="hidden"' if name in hidden else ""
        sheets += f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"{state}/>'
    full = next(at for at, name in enumerate(names, 1) if name not in hidden)
    made = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{KINDS}">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{RELATIONS}">'
        + "".join(
            f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at, _name in enumerate(names, 1)
        )
        + f'<Relationship Id="rId98" Type="{OFFICE}/styles" Target="styles.xml"/>'
        + f'<Relationship Id="rId99" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
        + "</sst>",
    }
    made["xl/styles.xml"] = (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    joined = "".join(f'<mergeCell ref="{place}"/>' for place in merged)
    joined = f"<mergeCells>{joined}</mergeCells>" if joined else ""
    for at, _name in enumerate(names, 1):
        data = "".join(lines) if at == full else ""
        made[f"xl/worksheets/sheet{at}.xml"] = (
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{joined if at == full else ""}</worksheet>'
        )
    return made


def packed(members):
    """The bytes of an .xlsx of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()


def xlsx(rows, **more):
    """The bytes of an .xlsx with `rows`."""
    return packed(parts(rows, **more))


def csv_text(rows, delimiter=";"):
    """`rows` as Excel writes them: quotes where they are needed, CRLF."""
    lines = []
    for row in rows:
        cells = ["" if value is None else str(value) for value in row]
        lines.append(
            delimiter.join(
                '"' + cell.replace('"', '""') + '"'
                if any(sign in cell for sign in (delimiter, '"', "\n", "\r"))
                else cell
                for cell in cells
            )
        )
    return "\r\n".join(lines) + "\r\n"
