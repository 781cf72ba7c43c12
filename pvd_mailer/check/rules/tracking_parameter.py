"""Parameters of an address that count or name readers."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.tracking import URL_IN_TEXT, tracking_parameters
from pvd_mailer.check.locations import FileValueSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_WHOLE_URL = re.compile(r"https?://[^\s]+")


def _check(context: CheckContext) -> Iterator[Violation]:
    addresses = [(link.source_map, link.path, link.block_id) for link in context.links if link.block_id is not None]
    texts = dict.fromkeys((passage.source_map, passage.path, passage.block) for passage in context.passages)
    for place in dict.fromkeys((*addresses, *texts)):
        source_map, path, block_id = place
        node = source_map.spans.get(path)
        if node is None or node.value is None or "?" not in node.value:
            continue
        # Elsewhere than in a text, the whole value is an address.
        for match in (URL_IN_TEXT if place in texts else _WHOLE_URL).finditer(node.value):
            for parameters in tracking_parameters(match[0]):
                if parameters.names_reader:
                    message = _("{names}: this says which reader copied the address from another letter")
                else:
                    message = _("{names}: this leads nowhere else, and tells the site how its reader came")
                start, end = match.start() + parameters.start, match.start() + parameters.end
                severity = Severity.BLOCKING if parameters.names_reader else None
                yield Violation(
                    message.format(names=", ".join(parameters.names)),
                    FileValueSpan(source_map, path, block_id, start, end),
                    rewrite=parameters.replacement,
                    severity=severity,
                )


RULE = Rule(
    id="tracking-parameter",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("An address that tracks its readers"),
    description=N_(
        "Addresses copied out of a browser, a social network or another letter often end in `utm_source=…`, `fbclid=…` or "
        "`mc_eid=…`. The page is the same without them. Some only count; others name the person who copied the address, and "
        "those block. The letter says that it does not track; so should its links. If you count visits of your own site by "
        "campaign on purpose, turn this rule off in publication.yaml."
    ),
    hint=N_("Take it out of the address; `check --fix` does it."),
    check=_check,
    fixable=True,
)
