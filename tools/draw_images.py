"""Draws the pictures of the issues and the marks of the publications: `python tools/draw_images.py [NAME ...]`.

A name is a picture's, without `.png`; without any, all are drawn.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from drawing import cards, events, marks
from drawing.barometer import barometer
from drawing.canvas import Canvas
from drawing.interview import interview
from drawing.market import market_hall
from drawing.meeting import meeting

WIDE = (1200, 600)
SQUARE = (600, 600)
MARK = (240, 240)
PICTURES: tuple[tuple[str, str, tuple[int, int], Callable[[Canvas], None]], ...] = (
    ("022-2023-03", "barometre-jeunes", WIDE, barometer),
    ("022-2023-03", "rencontres-regionales", WIDE, meeting),
    ("022-2023-03", "stagiaires", WIDE, interview),
    ("022-2023-03", "micro-folie", SQUARE, events.museum),
    ("022-2023-03", "mobilites-actives", SQUARE, events.bicycle),
    ("022-2023-03", "sante-bien-vieillir", SQUARE, events.bench),
    ("022-2023-03", "accompagnement-numerique", SQUARE, events.tablet),
    ("022-2023-03", "cinema", SQUARE, events.cinema),
    ("022-2023-03", "replays", SQUARE, events.replays),
    ("022-2023-03", "webinaires-fonds-vert", SQUARE, cards.webinar),
    ("022-2023-03", "guide-fonds-vert", SQUARE, cards.guide),
    ("022-2023-03", "aides-du-programme", SQUARE, cards.grants),
    ("022-2023-03", "entrees-de-ville", SQUARE, cards.town_entrance),
    ("022-2023-03", "chemins-d-avenirs", SQUARE, cards.mountain_path),
    ("022-2023-03", "l-outil-en-main", SQUARE, cards.tools),
    ("022-2023-03", "exode-urbain", SQUARE, cards.migration),
    ("022-2023-03", "agriculture-alimentation", SQUARE, cards.crate),
    ("022-2023-03", "projetotheque", SQUARE, cards.library),
    ("023-2023-04", "halle-de-marche", WIDE, market_hall),
    ("023-2023-04", "cour-d-ecole", SQUARE, cards.schoolyard),
)
"""The issue's folder, the file's name, the size in pixels, and what draws it."""
MARKS = (("petites-villes-de-demain", marks.roofs), ("carnet-des-territoires", marks.notebook))
"""The publication's folder, and what draws its `images/logo.png`."""


def main(names: list[str]) -> None:
    """Draw the pictures of that name, or every one, into their issues' and publications' folders."""
    root = Path(__file__).resolve().parent.parent
    for folder, name, (width, height), draw in PICTURES:
        if not names or name in names:
            canvas = Canvas(width, height)
            draw(canvas)
            canvas.save(root / "issues" / folder / "images" / f"{name}.png")
    for folder, draw in MARKS:
        if not names or "logo" in names:
            canvas = Canvas(*MARK)
            draw(canvas)
            images = root / "templates" / folder / "images"
            images.mkdir(exist_ok=True)
            canvas.save_cut(images / "logo.png", marks.PLATE)


if __name__ == "__main__":
    main(sys.argv[1:])
