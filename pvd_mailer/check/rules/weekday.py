"""A weekday that its date does not have."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Example, Group, Rule, Violation
from pvd_mailer.check.text.dates import dates_in, day_name, long_day
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for written in dates_in(passage.plain, context.lang, context.issue.date, context.year_hints(passage)):
            possible_dates = written.possible_dates()
            if (
                written.weekday is None
                or not possible_dates
                or written.weekday in [day.weekday() for day in possible_dates]
            ):
                continue
            message = _("“{found}”: {date} is a {weekday}").format(
                found=passage.text[written.start : written.end],
                date=long_day(possible_dates[0], context.lang),
                weekday=day_name(possible_dates[0], context.lang),
            )
            yield Violation(message, TextSpan(passage, written.start, written.end))


RULE = Rule(
    id="weekday",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("A weekday that its date does not have"),
    description=N_(
        "“Lundi 23 mars”, where the 23rd is a Thursday: half of the readers come on the wrong day, and the other half write "
        "to ask. The year is the one written, or else the one that brings the date nearest to the issue's own; where a date "
        "is more than four months away, the next nearest year will do as well. So will any year that the text, its title, its "
        "rubric or the dates of its event speak of (“édition 2024”, “l’an dernier”, “samedi 14 mai dernier”). Dates in `start` and `end` of events need no "
        "check: the letter works their weekdays out."
    ),
    hint=N_("Find out which of the two is right, and correct the other."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Rendez-vous lundi 23 mai à la mairie.\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Samedi 14 mai"\n  body: |\n    Les **mardi 16** et jeudi 17 mai 2023.\n'
        ),
        *(
            Example(blocks=f'- id: a\n  type: article\n  title: "Les halles"\n  body: "Venez {said}."\n')
            for said in (
                "lundi 23/05/2023",
                "lundi 23/05",
                "lun. 23 mai",
                "lundi, le 23 mai",
                "mercredi 1ᵉʳ juin",
                "lundi et mercredi 22 et 23 mai",
                "lundi 16 mai, avant l’édition 2024",
                "lundi 14 mai dernier",
            )
        ),
        *(
            Example(
                issue_keys={"lang": "en"},
                blocks=f'- id: a\n  type: article\n  title: "Halls"\n  body: "Come {said}."\n',
            )
            for said in ("on Monday, May 23rd", "on Mon 23 May", "Monday and Tuesday, 23 and 24 May")
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Mardi 23 mai"\n  body: |\n    Le mardi 16 et le mercredi 17 mai, puis le lundi '
            "1^er^ janvier 2024. Le vendredi 14 octobre dernier, 3 mardis de mai. Lundi et mardi 22 et 23 mai, mar. 23/05, mardi 23/05/2023, version 10.12.2023.4, jeudi 1ᵉʳ juin.\n"
        ),
        Example(
            blocks='- id: a\n  type: event\n  kind: meeting\n  title: "Le congrès"\n  start: 2024-05-16\n  end: 2024-05-17\n  place: "Rennes"\n  body: |\n    Le jeudi 16 mai, les ateliers ; le vendredi 17 mai, la plénière.\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Le marché"\n  body: |\n    L’an dernier, le samedi 14 mai, il pleuvait.\n\n    Voici 2024 :\n\n    - dimanche 9 juin ;\n    - samedi 4 mai.\n'
        ),
        Example(
            issue_keys={"lang": "en"},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "Tuesday 23 May; May 16. Monday and Tuesday, 22 and 23 May; Tue 23 May; Monday 05/04/2023."\n',
        ),
    ),
    check=_check,
)
