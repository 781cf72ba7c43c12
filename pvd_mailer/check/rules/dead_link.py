"""A link that no page answers."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers, Fault

__all__ = ["RULE"]

_GONE = frozenset({404, 410})
_FAULTS = {
    Fault.NO_HOST: N_("there is no such host: {url}"),
    Fault.PRIVATE: N_("this leads into a private network, where no reader gets: {url}"),
    Fault.REFUSED: N_("nobody answers at this address: {url}"),
    Fault.LOOP: N_("this address leads on and on, and never to a page: {url}"),
    Fault.SCHEME: N_("this address leads on to what is no page of the web: {url}"),
}


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if one.answer.status in _GONE:
            if one.picture:
                message = _("this picture is not there (the server says {status}): {url}")
            else:
                message = _("this page is not there (the server says {status}): {url}")
            yield Found(message.format(status=one.answer.status, url=one.url[:100]), one.at)
        elif one.answer.fault in _FAULTS:
            yield Found(_(_FAULTS[one.answer.fault]).format(url=one.url[:100]), one.at)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"


def _answered(**given: object) -> Answers:
    return Answers({_URL: Answer(final=_URL, **given)})  # type: ignore[arg-type] # fields of Answer, by their names


RULE = Rule(
    id="dead-link",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A link to a page that is not there"),
    about=N_(
        "With `--online`, each link and each hosted picture is really asked for: a few hosts at once, one request at a time to "
        "each, HEAD before GET, and good answers are kept for a day. Told as dead is what certainly is: 404 and 410, a host that "
        "does not exist or does not listen, redirects without an end, and an address that leads into a private network, which "
        "is refused wherever it comes from."
    ),
    hint=N_("Open it in a browser, find where the page has gone, and write that address."),
    failing=(
        Example(blocks=_BLOCK, online=_answered(status=404)),
        Example(blocks=_BLOCK, online=_answered(fault=Fault.NO_HOST)),
        Example(blocks=_BLOCK, online=_answered(fault=Fault.PRIVATE)),
        Example(blocks=_BLOCK, online=_answered(fault=Fault.LOOP)),
        Example(
            html='<img src="https://ville.example.org/a.png" alt="Une halle">',
            online=Answers({"https://ville.example.org/a.png": Answer(410)}),
        ),
    ),
    passing=(
        Example(blocks=_BLOCK, online=_answered(status=200)),
        Example(blocks=_BLOCK, online=_answered(status=403)),
        Example(blocks=_BLOCK),
    ),
    find=_find,
    online=True,
)
