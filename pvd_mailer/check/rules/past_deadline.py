"""A deadline in a text that has passed when the letter comes out."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import WrittenDate, dates_in, long_day
from pvd_mailer.check.text.years import YearHints
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_REACH = 120
"""In characters: how far before a date its deadline's words may begin."""
_WORDS_BEFORE = {
    "fr": re.compile(
        r"(?i)(?:\bavant\s+le|\bjusqu[’']au|\bd[’']ici\s+(?:le|au)|\bau\s+plus\s+tard\s+le|\b(?:rendez-vous|rdv)(?:\s+le)?|"
        r"\bdate\s+limite(?:\s+\S+){0,7}?\s*:?(?:\s+le)?|\bdeadline\s*:|\bferm(?:e|ent)\s+le|\bclôture(?:(?:\s+\S+){0,3}?\s+le|\s*:(?:\s+le)?)|\binscri\w+\s+avant\s+le)\s*$"
    ),
    "en": re.compile(r"(?i)(?:\bbefore|\buntil|\bby|\bno\s+later\s+than|\bdeadline(?:\s+\S+){0,3}?:?)\s*(?:the\s+)?$"),
}
_WORDS_AFTER = {
    "fr": re.compile(r"(?i),?\s*(?:au\s+plus\s+tard|dernier\s+délai|dernière\s+limite)\b"),
    "en": re.compile(r"(?i),?\s*at\s+the\s+latest\b"),
}
# A sentence that tells of what has been. “Est ouvert”, “a été prolongé” tell of what still is.
_PAST_TENSE = {
    "fr": re.compile(
        r"""(?ix)\b(?:
          (?:ét|av)(?:iez|ions)
          | (?:ét|av|pouv|dev|fall|all|rest|dur|cour|ten|accueill|présent|propos|expos|ferm|finiss|pren|ven|attend|vot|siége|val|
             réuniss|fais|dis|voul|répond|dépos|visit|habit|viv|travaill|serv)ai(?:t|ent)
          | (?:(?:a|ont|avons|avez)|(?:s[’']|se\s|vous\s|nous\s)(?:est|sont|êtes|sommes))\s+(?:(?:pas|plus|déjà|tous|toutes|bien|encore)\s+)?
            (?:été\s+)?(?!été\b|(?:ouvert|lancé|prolongé|reporté|repoussé|décalé|étendu|fixé|annoncé|publié|prévu)(?:e|s|es)?\b)
            (?:\w+é|fini|choisi|réuni|réussi|rempli|accueilli|inscrit|reçu|vu|tenu|pu|dû|eu|vécu|répondu|rendu|voulu|connu|couru|attendu|
               fait|dit|mis|pris|permis|remis|écrit)(?:e|s|es)?
          | (?:est|sont)\s+resté(?:e|s|es)?
        )\b"""
    ),
    "en": re.compile(
        r"(?i)\b(?:(?:was|were)(?!\s+(?:extended|prolonged|postponed|opened|launched))|had|did|took\s+place|lasted|ran|ended|closed|attended|visited|voted)\b"
    ),
}
# “Les dossiers déposés jusqu’au 14 avril sont à l’étude”: the date says which ones, and asks for nothing.
_DONE = re.compile(
    r"(?i)(?<!\bsont\s)(?<!\best\s)(?<!\bêtre\s)\b(?:déposé|reçu|remis|envoyé|parvenu|transmis|arrivé|adressé|présenté|inscrit|publié|né|"
    r"construit|enregistré|choisi|désigné|retenu|élu|créé|signé|réalisé|sélectionné)(?:e|s|es)?\s+(?:avant\s+le|jusqu[’']au)\s*$"
)
_GOES_ON = re.compile(
    r"(?i)[^.!?\n]*\b(?:est|sont|sera|seront|a|ont|font|fait|peuvent|pourront|restent|donnent|reçoivent|partagent|viennent)\b"
)
_OPENS_SENTENCE = re.compile(r"(?i)\s*(?:jusqu[’']au|avant\s+le|until|before)\s*(?:the\s+)?")
_END = re.compile(r"[.!?\n]")
_LAST_YEARS = {"fr": re.compile(r"\s+derni(?:er|ère)(?!\s+(?:délai|limite))\b"), "en": re.compile(r"\s+last\b")}
_OLD_DAYS = 400
"""In days: a date with its year that is further away belongs to a story."""


def _is_deadline(text: str, lang: str, written_date: WrittenDate) -> bool:
    """Whether the words around a date ask for something until then."""
    before = text[max(0, written_date.start - _REACH) : written_date.start]
    if not _WORDS_BEFORE[lang].search(before) and not _WORDS_AFTER[lang].match(text, written_date.end):
        return False
    sentence_start = max(text.rfind(mark, 0, written_date.start) for mark in ".!?:;\n") + 1
    if _LAST_YEARS[lang].match(text, written_date.end) or _PAST_TENSE[lang].search(
        text[sentence_start : written_date.start]
    ):
        return False
    # “Jusqu’au 15 avril, le taux était bas”: what follows tells as well.
    if _OPENS_SENTENCE.fullmatch(text[sentence_start : written_date.start]) and _PAST_TENSE[lang].search(
        _END.split(text[written_date.end :], 1)[0]
    ):
        return False
    return not (lang == "fr" and _DONE.search(before) and _GOES_ON.match(text, written_date.end))


def _check(context: CheckContext) -> Iterator[Violation]:
    issued = context.issue.date
    for passage in context.passages:
        text = passage.plain
        # Not the years that the block names: of the prize of 2024 the deadline is in 2023.
        for written_date in dates_in(passage.dates, issued, YearHints(around=context.year_hints(passage).around)):
            dates = written_date.possible_dates()
            if not dates or any(day >= issued for day in dates):
                continue
            is_story = len(written_date.years) == 1 and (issued - dates[0]).days > _OLD_DAYS
            if is_story or not _is_deadline(text, context.lang, written_date):
                continue
            message = _("“{found}” has passed: the issue comes out on {issued}").format(
                found=text[written_date.start : written_date.end], issued=long_day(issued, context.lang)
            )
            yield Violation(message, TextSpan(passage, written_date.start, written_date.end))


RULE = Rule(
    id="past-deadline",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A deadline before the issue's date"),
    description=N_(
        "“Inscriptions avant le 12 mars”, in an issue that comes out on the 2nd of May: whoever reads it can do nothing any "
        "more. Dates after “avant le”, “jusqu’au”, “d’ici le”, “au plus tard le”, “rendez-vous le”, “date limite”, “clôture” are looked "
        "at; sentences that tell of what has been are left alone."
    ),
    hint=N_("Correct the date, or take out what can no longer be done."),
    check=_check,
)
