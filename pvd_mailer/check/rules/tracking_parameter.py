"""Parameters of an address that count or name readers."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InValue, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.tracking import ADDRESS, tracked
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_WHOLE = re.compile(r"https?://[^\s]+")


def _find(subject: Subject) -> Iterator[Found]:
    texts = {passage.path for passage in subject.passages}
    paths = [link.path for link in subject.links if link.block] + [passage.path for passage in subject.passages]
    for path in dict.fromkeys(paths):
        stand = subject.manuscript.stands.get(path)
        if stand is None or stand.value is None or "?" not in stand.value:
            continue
        # Elsewhere than in a text, the whole value is an address.
        for match in (ADDRESS if path in texts else _WHOLE).finditer(stand.value):
            for one in tracked(match[0]):
                if one.reader:
                    message = _("{names}: this says which reader copied the address from another letter")
                else:
                    message = _("{names}: this leads nowhere else, and tells the site how its reader came")
                at = InValue(path, match.start() + one.start, match.start() + one.end)
                severity = Severity.BLOCKING if one.reader else None
                yield Found(message.format(names=", ".join(one.names)), at, rewrite=one.kept, severity=severity)


RULE = Rule(
    id="tracking-parameter",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("An address that tracks its readers"),
    about=N_(
        "Addresses copied out of a browser, a social network or another letter often end in `utm_source=…`, `fbclid=…` or "
        "`mc_eid=…`. The page is the same without them. Some only count; others name the person who copied the address, and "
        "those block. The letter says that it does not track; so should its links. If you count visits of your own site by "
        "campaign on purpose, turn this rule off in publication.yaml."
    ),
    hint=N_("Take it out of the address; `check --fix` does it."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Lire [le guide](https://ville.example.org/guide?page=2&utm_source=lettre&utm_medium=email#halles).\n  buttons:\n    - label: "Voir la carte des halles"\n      url: https://ville.example.org/carte?mc_eid=0123abcd\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Lire [le guide](https://ville.example.org/guide?page=2&source=mairie#utm_source=x).\n'
        ),
    ),
    find=_find,
    mends=True,
)
