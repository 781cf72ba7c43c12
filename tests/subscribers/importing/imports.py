"""Lists for tests, planned and applied as the command does it."""

from dataclasses import dataclass, field

from pvd_mailer.database.states import LegalBasis
from pvd_mailer.subscribers.importing import plan as import_plan
from pvd_mailer.subscribers.importing.column_map_option import parse_column_map
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults
from pvd_mailer.subscribers.importing.readers.opening import open_list_file
from pvd_mailer.subscribers.importing.rows import parse_rows
from pvd_mailer.subscribers.importing.survey import SurveyedList, survey_list
from tests.subscribers.importing.sheets import csv_text
from tests.subscribers.people import KEYS, NOW

GIVEN = ImportDefaults(LegalBasis.PUBLIC_MISSION, "liste.csv", "", NOW)


@dataclass
class Told:
    """What an import said."""

    listing: SurveyedList
    verdicts: list = field(default_factory=list)
    plan: "import_plan.ImportPlan | None" = None

    @property
    def fates(self):
        return self.plan.actions

    @property
    def said(self):
        return [(one.row.row_number, one.action, one.reason) for one in self.verdicts]


def written(folder, rows, name="liste.csv", encoding="cp1252"):
    """A file of `rows`: lists of cells, a text, or bytes."""
    file = folder / name
    text = rows if isinstance(rows, str | bytes) else csv_text(rows)
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return file


def opened(file, *pairs, given=GIVEN, header_row=None):
    """The list in a file, looked through."""
    return survey_list(open_list_file(file, parse_column_map(pairs), header_row), given)


def entries_of(file, *pairs, given=GIVEN):
    """What each row of a file says."""
    sheet = open_list_file(file, parse_column_map(pairs))
    return list(parse_rows(sheet.rows(), sheet.columns, given))


def planned(database, folder, rows, given=GIVEN, pairs=(), **more):
    """What an import would do."""
    told = Told(opened(written(folder, rows, **more), *pairs, given=given))
    with database.read() as connection:
        told.plan = import_plan.plan_import(told.listing, connection, KEYS, told.verdicts.append)
    return told


def applied(told, database, now=NOW, source="liste.csv"):
    """Do it."""
    done = Told(told.listing)
    with database.write() as connection:
        done.plan = import_plan.apply_import(told.listing, connection, KEYS, now, source, done.verdicts.append)
    return done
