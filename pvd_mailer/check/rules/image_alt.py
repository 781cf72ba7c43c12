"""A picture whose description is missing, or says nothing."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.images.images import DisplayedImage
from pvd_mailer.check.links.links import comparable_words
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_FILE_NAME = re.compile(
    r"(?i:(?:[\w.()’'-]+[ ]){0,4}[\w.()’'-]*[\w)]\.(?:png|jpe?g|gif|webp|svg|tiff?|heic|pdf))"
    r"|(?i:(?:img|dsc[fn]?|pict?|image|photo|visuel|capture|screenshot|scan|sans[ _-]titre|untitled)[ _-]*\(?\d+\)?)"
    # Sainte-Marie-aux-Mines is a town; what is all in lower case, or has underscores, is a file.
    r"|\w+(?:_\w+){2,}|[a-z0-9]+(?:-[a-z0-9]+){3,}"
)
_REDUNDANT_OPENING = re.compile(
    r"(?i)(?:une |l['’])?(?:image|photo|photographie|illustration|visuel|picture|photograph)s? (?:de |d['’]|du |des |of |montrant |représentant |showing |qui (?:montre|représente) )"
    r"|(?i:an? (?:image|picture|photo|photograph|illustration) (?:of|showing) )"
)
_SAYS_NOTHING = re.compile(
    r"(?:une? )?(?:image|photo|photographie|illustration|visuel|logo|banni[èe]re|ic[ôo]ne|dessin|sch[ée]ma|graphique|picture|banner|icon|drawing|chart|alt|texte alternatif|description|d[ée]coratif|decorative)s?"
)
_MAX_LENGTH = 250


def _check(context: CheckContext) -> Iterator[Violation]:
    for image in context.displayed_images:
        if image.key == "file" and image.image.alt is not None:
            message = _fault_of(image, image.image.alt)
            if message:
                yield Violation(message, image.location_of("alt"))
    for element in context.tree.iter("img"):
        if element.get("alt") is None and element.get("role") not in ("presentation", "none"):
            hint = _('In the template, give it alt="…"; alt="" where it says nothing that the text does not.')
            message = _("this picture has no alt: a screen reader reads its address out")
            yield Violation(message, LetterElement(element), hint, severity=Severity.BLOCKING)


def _fault_of(image: DisplayedImage, alt: str) -> str | None:
    words = comparable_words(alt)
    stem = PurePosixPath(image.image.file).stem
    if _FILE_NAME.fullmatch(alt.strip()) or words in (image.image.file.casefold(), stem.casefold()):
        return _("“{alt}” is the name of a file, and describes nothing").format(alt=alt[:60])
    if _SAYS_NOTHING.fullmatch(words):
        return _("“{alt}” does not say what the picture shows").format(alt=alt)
    opening = _REDUNDANT_OPENING.match(alt)
    if opening:
        return _("“{words}…”: a screen reader says by itself that it is a picture").format(words=opening[0].strip())
    if words and words in (comparable_words(image.title), comparable_words(image.image.caption or "")):
        return _("the description repeats the words beside the picture, which are then heard twice")
    if len(alt) > _MAX_LENGTH:
        return _(
            "a description of {n} characters cannot be paused or skipped; about {limit} were expected at most"
        ).format(n=len(alt), limit=_MAX_LENGTH)
    return None


RULE = Rule(
    id="image-alt",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture whose description says nothing"),
    description=N_(
        "The `alt` of a picture is what people hear who do not see it, and what all read whose mail program holds pictures "
        "back: half of them, at first. A file's name, “image”, “Image de…”, the title once more, or a page-long text do not "
        "help. A picture of a template without any `alt` blocks. Whether a description is true is for you to say."
    ),
    hint=N_("Say in one sentence what the picture shows and what it is there for; or mark it `decorative: true`."),
    check=_check,
)
