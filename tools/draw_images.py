"""Draws the pictures of the issues in this repository: `python tools/draw_images.py`."""

from pathlib import Path

from drawing import indoors, outdoors, places, resources, services
from drawing.canvas import Canvas

BANNER = (1072, 536)
SMALL = (480, 360)
PICTURES = (
    ("022-2023-03", "barometre-jeunes", BANNER, outdoors.barometer),
    ("022-2023-03", "micro-folie", BANNER, indoors.micro_folie),
    ("022-2023-03", "mobilites-actives", BANNER, outdoors.greenway),
    ("022-2023-03", "accompagnement-numerique", BANNER, indoors.tablet),
    ("022-2023-03", "sante-bien-vieillir", BANNER, outdoors.growing_old),
    ("022-2023-03", "cinema", BANNER, places.cinema),
    ("022-2023-03", "rencontres-regionales", BANNER, indoors.meeting),
    ("022-2023-03", "stagiaires", BANNER, places.trainees),
    ("022-2023-03", "replays", SMALL, services.replays),
    ("022-2023-03", "webinaires-fonds-vert", SMALL, services.webinars),
    ("022-2023-03", "guide-fonds-vert", SMALL, services.guide),
    ("022-2023-03", "aides-du-programme", SMALL, services.grants),
    ("022-2023-03", "entrees-de-ville", SMALL, services.town_gate),
    ("022-2023-03", "chemins-d-avenirs", SMALL, services.mentoring),
    ("022-2023-03", "l-outil-en-main", SMALL, services.workshop),
    ("022-2023-03", "exode-urbain", SMALL, resources.migration),
    ("022-2023-03", "agriculture-alimentation", SMALL, resources.farms),
    ("022-2023-03", "projetotheque", SMALL, resources.library),
    ("023-2023-04", "cour-d-ecole", SMALL, resources.schoolyard),
    ("023-2023-04", "halle-de-marche", BANNER, places.market_hall),
)
"""The issue's folder, the file's name, the size, and what draws it."""


def main() -> None:
    """Draw every picture into its issue's folder."""
    issues = Path(__file__).resolve().parent.parent / "issues"
    for folder, name, (width, height), draw in PICTURES:
        canvas = Canvas(width, height)
        draw(canvas)
        canvas.save(issues / folder / "images" / f"{name}.png")


if __name__ == "__main__":
    main()
