"""An address that leads through somebody who counts, or who knows whose letter it was copied from."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.tracking import untracked, wrapped
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    told = set()
    for link in subject.links:
        told.add(link.url)
        one = wrapped(link.url)
        if one:
            yield Found(_message(one.host), link.to, _hint(one.inner))
    for element in subject.tree.iter("a"):
        one = wrapped(element.get("href") or "") if element.get("href") not in told else None
        if one:
            yield Found(_message(one.host), InLetter(element), _hint(one.inner))


def _message(host: str) -> str:
    return _(
        "this address leads through {host}, which sees who opens it, and may say from whose mail it was copied"
    ).format(host=host)


def _hint(inner: str | None) -> str | None:
    return _("Write the page’s own address: {url}").format(url=untracked(inner)[:500]) if inner else None


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Lire [le guide des halles]({}).\n'

RULE = Rule(
    id="wrapped-link",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("An address copied out of a mail"),
    about=N_(
        "Outlook and sending services put an address of their own around each link of a mail. Whoever copies it from there "
        "copies a detour: Outlook’s “safelinks” name the mailbox that it was copied from, SendGrid’s belong to one reader of "
        "one letter, and those of search engines and social networks count. They stop working one day, and every reader is "
        "seen who takes them. Where the page’s own address is written inside, the hint says it."
    ),
    hint=N_("Open the link, and copy the address that the browser shows in the end."),
    failing=tuple(
        Example(blocks=_BLOCK.format(url))
        for url in (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fville.example.org%2Fguide&data=05%7C01",
            "https://www.google.com/url?q=https://ville.example.org/guide&sa=D",
            "https://www.google.fr/url?sa=t&url=https%3A%2F%2Fville.example.org%2Fguide",
            "https://u123.ct.sendgrid.net/ls/click?upn=abc",
            "https://ville.us1.list-manage.com/track/click?u=abc&id=1&e=2",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fville.example.org%2Fguide&h=x",
            "https://urldefense.com/v3/__https://ville.example.org/guide__;!!abc$",
        )
    ),
    passing=tuple(
        Example(blocks=_BLOCK.format(url))
        for url in (
            "https://ville.example.org/url?q=https://ville.example.org/guide",
            "https://www.google.com/maps?q=Laon",
            "https://sendgrid.net/docs",
            "https://notsafelinks.protection.example.org/?url=https%3A%2F%2Fville.example.org",
        )
    ),
    find=_find,
)
