"""Golden letters: what they mean, and how they look at half size."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import html as lxml_html
from PIL import Image, ImageChops

from tools.photograph import View, opened

GOLDENS = Path(__file__).parent.parent / "goldens"
VIEWS = (View(375), View(375, dark=True), View(700), View(700, dark=True))


def write(subject, letter):
    """Keep the parts of `letter`."""
    (GOLDENS / f"{subject.name}.html").write_text(_steady(letter, letter.html), encoding="utf-8")
    (GOLDENS / f"{subject.name}.txt").write_text(_steady(letter, letter.text), encoding="utf-8")


def _steady(letter, part):
    # The key changes with every comma of the issue; the place where it stands is what matters.
    return part.replace(letter.placeholders.key, "KEY")


def meaning(document) -> Iterator[tuple]:
    """Elements, what they say to a mail program, and words; blanks, order of attributes and of rules set aside."""
    tree = lxml_html.document_fromstring(document)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            yield ("comment", _words(element.text))
            continue
        attributes = {
            name: (_declarations(value) if name == "style" else _words(value)) for name, value in element.items()
        }
        text = _declarations(element.text) if element.tag == "style" else _words(element.text)
        yield (element.tag, tuple(sorted(attributes.items())), text, _words(element.tail))


def _words(text):
    return " ".join((text or "").split())


def _declarations(text):
    return tuple(sorted(re.sub(r"\s*([:;{},])\s*", r"\1", _words(part)) for part in re.split("[;}]", text or "")))


def same_letter(subject, letter):
    """The golden parts and those of `letter`, each as what it means."""
    golden = (GOLDENS / f"{subject.name}.html").read_text("utf-8")
    text = (GOLDENS / f"{subject.name}.txt").read_text("utf-8")
    yield list(meaning(golden)), list(meaning(_steady(letter, letter.html)))
    yield text.split("\n"), _steady(letter, letter.text).split("\n")


def photograph(browser, file, view):
    """`file` at half size, in few colours: enough to see what moved, small enough to keep."""
    with opened(browser, file, view) as page:
        taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    half = taken.resize((taken.width // 2, taken.height // 2), Image.Resampling.BOX)
    return half.quantize(48, dither=Image.Dither.NONE)


def difference(golden, taken):
    """The share of pixels that a person would see as different, from 0 to 1; 1 where the heights are far apart."""
    if golden.width != taken.width or abs(golden.height - taken.height) > 4:
        return 1.0
    height = min(golden.height, taken.height)
    pair = [image.convert("RGB").crop((0, 0, image.width, height)) for image in (golden, taken)]
    gap = ImageChops.difference(*pair).convert("L").point(lambda value: 255 if value > 48 else 0)
    return gap.histogram()[255] / (gap.width * gap.height)
