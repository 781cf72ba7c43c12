"""An example of a rule as a reader of the documentation sees it.

What is in the issue's file is quoted. What is not in it – a picture, what a server or the DNS answered, what a template
lost – is said in words, since a rule that has nothing to show on either side explains nothing.
"""

from collections.abc import Callable, Iterator, Mapping

from babel.numbers import format_decimal

from pvd_mailer.check.rule import Rule
from pvd_mailer.check.text.typography import NARROW_NBSP, NBSP
from pvd_mailer.i18n import N_, catalogue
from pvd_mailer.online import DomainRecords, LinkFault, LinkResult
from tools.checks.examples import Example

__all__ = ["LONGEST_QUOTED_LINE", "example_lines"]

LONGEST_QUOTED_LINE = 300
"""In characters: what of a line is quoted."""
_SIGNS = str.maketrans({NBSP: "␣", NARROW_NBSP: "˽"})
_LEGEND = N_("␣ stands for a no-break space, ˽ for a narrow one.")
_CUT_SHORT = N_("Cut short here: the line has {n} characters.")
_IN_PREVIOUS_ISSUE = N_("and in the last issue:")
_IN_PLAIN_TEXT = N_("and in the plain text:")
_IN_DICTIONARY = N_("and in `words.txt`:")
_BUILT_IN_LETTER = N_("A letter as the built-in templates draw it.")
# By the name that `tests/check` knows it by.
_PICTURE_DESCRIPTIONS = {
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
_SUBSTITUTIONS = {
    '<html lang="fr"': N_("In the letter, `<html>` has lost its `lang`."),
    r"<title>[^<]*</title>": N_("In the letter, `<title>` is missing."),
    "<(/?)h1": N_("In the letter, the name at the top is a paragraph (`<p>`) and no heading (`<h1>`)."),
    "initial-scale=1": N_("In the letter, the viewport has `user-scalable=no` after `initial-scale=1`."),
    r"pvd-h-\w+-unsubscribe": N_("In the letter, the link to unsubscribe leads to a home page."),
    r"[^\x00-\xff]": N_("In the letter, every sign that Latin-1 does not have (’, œ, →) has become a blank."),
}
_OTHER_SUBSTITUTION = N_("In the letter, `{found}` has become `{instead}`.")
_FAULT_WORDS = {
    LinkFault.NO_HOST: N_("there is no such host"),
    LinkFault.PRIVATE: N_("the address leads into a private network"),
    LinkFault.REFUSED: N_("nobody answers at the address"),
    LinkFault.CERTIFICATE: N_("the site's certificate is not valid"),
    LinkFault.TIMEOUT: N_("no answer comes in time"),
    LinkFault.LOOP: N_("the address leads on and on"),
    LinkFault.SCHEME: N_("the address leads on to what is no page of the web"),
    LinkFault.BROKEN: N_("the connection breaks"),
    LinkFault.NOT_ASKED: N_("there was no time left to ask"),
}
_URL_ASKED = N_("Asked for `{url}`: {answer}.")
_DNS_ASKED = N_("The DNS, asked for {name}: {answer}.")

Translate = Callable[[str], str]


def example_lines(example: Example, other_side: Example, rule: Rule, lang: str) -> list[str]:
    """The lines of `example` in Markdown; `other_side` is the one of the other side, from which it has to differ."""
    translate = catalogue(lang).gettext
    text = _yaml_of(example)
    lines = _code_block("yaml", text, lang) if text else []
    for title, part in (
        (_IN_PREVIOUS_ISSUE, (example.previous_blocks or "").strip() and example.previous_blocks),
        (_IN_DICTIONARY, example.dictionary_words),
    ):
        lines += [translate(title), "", *_code_block("yaml", part, lang)] if part else []
    lines += _code_block("html", example.html, lang) if example.html else []
    lines += [translate(_IN_PLAIN_TEXT), "", *_code_block("text", example.text, lang)] if example.text else []
    sentences = [*_substitutions(example, translate), *_answers_of_network(example, rule, translate)]
    if example.pictures and text == _yaml_of(other_side):
        sentences += [
            f"`{name}`{translate(N_(': '))}{translate(_PICTURE_DESCRIPTIONS[source])}."
            for name, source in example.pictures.items()
            if source in _PICTURE_DESCRIPTIONS
        ]
    for sentence in sentences:
        lines += [sentence, ""]
    return lines or [translate(_BUILT_IN_LETTER), ""]


def _yaml_of(example: Example) -> str:
    text = "".join(f"{key}: {value}\n" for key, value in example.issue_keys.items())
    if example.settings:
        text += "override:\n" + "".join(f"  {key}: {value}\n" for key, value in example.settings.items())
    return text + example.blocks


def _substitutions(example: Example, translate: Translate) -> Iterator[str]:
    for pattern, instead in example.letter_substitutions.items():
        yield translate(_SUBSTITUTIONS.get(pattern, _OTHER_SUBSTITUTION)).format(found=pattern, instead=instead)


def _answers_of_network(example: Example, rule: Rule, translate: Translate) -> Iterator[str]:
    if example.online is None:
        return
    for url, answer in example.online.links.items():
        yield translate(_URL_ASKED).format(
            url=url, answer=translate(N_("; ")).join(_answer_in_words(url, answer, translate))
        )
    domain, describe = example.online.domain, _DOMAIN_WORDS.get(rule.id)
    if domain is not None and describe is not None:
        yield translate(_DNS_ASKED).format(name=domain.name, answer=describe(domain, translate))


def _answer_in_words(url: str, answer: LinkResult, translate: Translate) -> Iterator[str]:
    if answer.fault is not None:
        yield translate(_FAULT_WORDS[answer.fault])
        return
    yield translate(N_("the server answers {status}")).format(status=answer.status)
    if answer.final not in ("", url):
        yield translate(N_("the page that comes is `{url}`")).format(url=answer.final)
    if answer.title:
        yield translate(N_("its title is “{title}”")).format(title=answer.title)
    if answer.anchor is not None:
        sentence = (
            N_("the page has the place that the link names")
            if answer.anchor
            else N_("nothing in the page has that name")
        )
        yield translate(sentence)
    if answer.seconds:
        seconds = f"{answer.seconds:.1f}".replace(".", translate(N_(".")))
        yield translate(N_("it takes {n} seconds")).format(n=seconds)
    if answer.secure:
        yield translate(N_("the same page answers over https"))


def _spf(domain: DomainRecords, translate: Translate) -> str:
    return _records(domain.spf.texts) or translate(N_("no SPF record"))


def _dkim(domain: DomainRecords, translate: Translate) -> str:
    if not domain.dkim_keys:
        return translate(N_("no DKIM key"))
    names = ", ".join(f"`{key.selector}._domainkey`" for key in domain.dkim_keys)
    return translate(N_("DKIM keys in force at {names}")).format(names=names)


def _dmarc(domain: DomainRecords, translate: Translate) -> str:
    return _records(domain.dmarc.texts) or translate(N_("no DMARC record"))


def _records(records: tuple[str, ...]) -> str:
    return ", ".join(f"`{record}`" for record in records)


_DOMAIN_WORDS: Mapping[str, Callable[[DomainRecords, Translate], str]] = {
    "sender-spf": _spf,
    "sender-dkim": _dkim,
    "sender-dmarc": _dmarc,
}


def _code_block(language: str, text: str, lang: str) -> list[str]:
    """`text` as code: its long lines cut, its no-break spaces to be seen; and what of both has to be said."""
    translate = catalogue(lang).gettext
    source_lines = text.strip("\n").split("\n")
    notes = [
        translate(_CUT_SHORT).format(n=format_decimal(len(line), locale=lang))
        for line in source_lines
        if len(line) > LONGEST_QUOTED_LINE
    ]
    lines = [
        line if len(line) <= LONGEST_QUOTED_LINE else line[:LONGEST_QUOTED_LINE].rsplit(" ", 1)[0] + " …"
        for line in source_lines
    ]
    code = "\n".join(lines)
    if NBSP in code or NARROW_NBSP in code:
        code = code.translate(_SIGNS)
        notes.append(translate(_LEGEND))
    return [f"```{language}", *code.split("\n"), "```", "", *(line for note in notes for line in (f"*{note}*", ""))]
