"""An example of a rule as a reader of the documentation sees it.

What is in the issue's file is quoted. What is not in it – a picture, what a server or the DNS answered, what a template
lost – is said in words, since a rule that has nothing to show on either side explains nothing.
"""

from collections.abc import Callable, Iterator, Mapping

from babel.numbers import format_decimal

from pvd_mailer.check.rule import Example, Rule
from pvd_mailer.check.signs import NARROW, NBSP
from pvd_mailer.i18n import N_, catalogue
from pvd_mailer.online import Answer, Domain, Fault

__all__ = ["LONG", "illustration"]

LONG = 300
"""In characters: what of a line is quoted."""
_SIGNS = str.maketrans({NBSP: "␣", NARROW: "˽"})
_LEGEND = N_("␣ stands for a no-break space, ˽ for a narrow one.")
_CUT = N_("Cut short here: the line has {n} characters.")
_LAST = N_("and in the last issue:")
_TEXT = N_("and in the plain text:")
_WORDS = N_("and in `words.txt`:")
_PLAIN = N_("A letter as the built-in templates draw it.")
# By the name that `tests/check` knows it by.
_PICTURES = {
    "photo.png": N_("a photograph saved as PNG, 1300 × 500 pixels, 1.1 MB"),
    "red.png": N_("a drawing of 640 × 360 pixels, 1 KB"),
    "small.png": N_("200 × 100 pixels, shown 536 pixels wide"),
    "fit.png": N_("1072 × 536 pixels, shown 536 pixels wide"),
    "position.jpg": N_("a photograph that carries the place where it was taken"),
    "camera.jpg": N_("a photograph that carries the camera's name and the day, and no place"),
    "moving.gif": N_("three pictures, one after the other"),
    "still.gif": N_("a single picture"),
}
# By the expression that spoils the letter.
_LOST = {
    '<html lang="fr"': N_("In the letter, `<html>` has lost its `lang`."),
    r"<title>[^<]*</title>": N_("In the letter, `<title>` is missing."),
    "<(/?)h1": N_("In the letter, the name at the top is a paragraph (`<p>`) and no heading (`<h1>`)."),
    "initial-scale=1": N_("In the letter, the viewport has `user-scalable=no` after `initial-scale=1`."),
    r"pvd-h-\w+-unsubscribe": N_("In the letter, the link to unsubscribe leads to a home page."),
    r"[^\x00-\xff]": N_("In the letter, every sign that Latin-1 does not have (’, œ, →) has become a blank."),
}
_REPLACED = N_("In the letter, `{found}` has become `{instead}`.")
_FAULTS = {
    Fault.NO_HOST: N_("there is no such host"),
    Fault.PRIVATE: N_("the address leads into a private network"),
    Fault.REFUSED: N_("nobody answers at the address"),
    Fault.CERTIFICATE: N_("the site's certificate is not valid"),
    Fault.TIMEOUT: N_("no answer comes in time"),
    Fault.LOOP: N_("the address leads on and on"),
    Fault.SCHEME: N_("the address leads on to what is no page of the web"),
    Fault.BROKEN: N_("the connection breaks"),
    Fault.NOT_ASKED: N_("there was no time left to ask"),
}
_ASKED = N_("Asked for `{url}`: {answer}.")
_DNS = N_("The DNS, asked for {name}: {answer}.")

Say = Callable[[str], str]


def illustration(example: Example, other: Example, rule: Rule, lang: str) -> list[str]:
    """The lines of `example` in Markdown; `other` is the one of the other side, from which it has to differ."""
    say = catalogue(lang).gettext
    text = _file(example)
    lines = _fenced("yaml", text, lang) if text else []
    for title, part in ((_LAST, (example.last or "").strip() and example.last), (_WORDS, example.words)):
        lines += [say(title), "", *_fenced("yaml", part, lang)] if part else []
    lines += _fenced("html", example.html, lang) if example.html else []
    lines += [say(_TEXT), "", *_fenced("text", example.text, lang)] if example.text else []
    said = [*_lost(example, say), *_answers(example, rule, say)]
    if example.pictures and text == _file(other):
        said += [
            f"`{name}`{say(N_(': '))}{say(_PICTURES[source])}."
            for name, source in example.pictures.items()
            if source in _PICTURES
        ]
    for sentence in said:
        lines += [sentence, ""]
    return lines or [say(_PLAIN), ""]


def _file(example: Example) -> str:
    text = "".join(f"{key}: {value}\n" for key, value in example.head.items())
    if example.settings:
        text += "override:\n" + "".join(f"  {key}: {value}\n" for key, value in example.settings.items())
    return text + example.blocks


def _lost(example: Example, say: Say) -> Iterator[str]:
    for found, instead in example.rewrite.items():
        yield say(_LOST.get(found, _REPLACED)).format(found=found, instead=instead)


def _answers(example: Example, rule: Rule, say: Say) -> Iterator[str]:
    if example.online is None:
        return
    for url, answer in example.online.pages.items():
        yield say(_ASKED).format(url=url, answer=say(N_("; ")).join(_page(url, answer, say)))
    domain, told = example.online.domain, _DOMAIN.get(rule.id)
    if domain is not None and told is not None:
        yield say(_DNS).format(name=domain.name, answer=told(domain, say))


def _page(url: str, answer: Answer, say: Say) -> Iterator[str]:
    if answer.fault is not None:
        yield say(_FAULTS[answer.fault])
        return
    yield say(N_("the server answers {status}")).format(status=answer.status)
    if answer.final not in ("", url):
        yield say(N_("the page that comes is `{url}`")).format(url=answer.final)
    if answer.title:
        yield say(N_("its title is “{title}”")).format(title=answer.title)
    if answer.anchor is not None:
        has = (
            N_("the page has the place that the link names")
            if answer.anchor
            else N_("nothing in the page has that name")
        )
        yield say(has)
    if answer.seconds:
        seconds = f"{answer.seconds:.1f}".replace(".", say(N_(".")))
        yield say(N_("it takes {n} seconds")).format(n=seconds)
    if answer.secure:
        yield say(N_("the same page answers over https"))


def _spf(domain: Domain, say: Say) -> str:
    return _records(domain.spf.found) or say(N_("no SPF record"))


def _dkim(domain: Domain, say: Say) -> str:
    if not domain.keys:
        return say(N_("no DKIM key"))
    names = ", ".join(f"`{key.selector}._domainkey`" for key in domain.keys)
    return say(N_("DKIM keys in force at {names}")).format(names=names)


def _dmarc(domain: Domain, say: Say) -> str:
    return _records(domain.dmarc.found) or say(N_("no DMARC record"))


def _records(found: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in found)


_DOMAIN: Mapping[str, Callable[[Domain, Say], str]] = {"sender-spf": _spf, "sender-dkim": _dkim, "sender-dmarc": _dmarc}


def _fenced(language: str, text: str, lang: str) -> list[str]:
    """`text` as code: its long lines cut, its no-break spaces to be seen; and what of both has to be said."""
    say = catalogue(lang).gettext
    written = text.strip("\n").split("\n")
    notes = [say(_CUT).format(n=format_decimal(len(line), locale=lang)) for line in written if len(line) > LONG]
    shown = [line if len(line) <= LONG else line[:LONG].rsplit(" ", 1)[0] + " …" for line in written]
    code = "\n".join(shown)
    if NBSP in code or NARROW in code:
        code = code.translate(_SIGNS)
        notes.append(say(_LEGEND))
    return [f"```{language}", *code.split("\n"), "```", "", *(line for note in notes for line in (f"*{note}*", ""))]
