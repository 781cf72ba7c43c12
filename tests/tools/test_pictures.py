"""The pictures of the issues and the marks of the publications, and `tools/draw_images.py` that draws them."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).parents[2]
PICTURES = sorted(ROOT.glob("issues/*/images/*.png"))
MARKS = sorted(ROOT.glob("templates/*/images/logo.png"))
WIDE, SQUARE, MARK = (1200, 600), (600, 600), (240, 240)
BYTES = {WIDE: 80_000, SQUARE: 45_000}


@pytest.fixture
def script(monkeypatch):
    """The script as a module; its folder is on the path, and its modules are known, for as long as the test runs."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    yield importlib.import_module("draw_images")
    for name in [name for name in sys.modules if name.split(".")[0] in {"drawing", "draw_images"}]:
        del sys.modules[name]


def test_every_picture_of_an_issue_is_drawn_and_used(script):
    drawn = {(folder, name) for folder, name, *_ in script.PICTURES}
    assert drawn == {(path.parts[-3], path.stem) for path in PICTURES}
    for folder, name in drawn:
        assert f"file: {name}.png\n" in (ROOT / "issues" / folder / "issue.yaml").read_text("utf-8")


def test_a_picture_in_its_folder_is_what_the_script_draws(script, tmp_path):
    for folder, name, size, draw in script.PICTURES:
        canvas = script.Canvas(*size)
        draw(canvas)
        canvas.save(tmp_path / "drawn.png")
        with (
            Image.open(tmp_path / "drawn.png") as drawn,
            Image.open(ROOT / "issues" / folder / "images" / f"{name}.png") as kept,
        ):
            difference = ImageStat.Stat(ImageChops.difference(drawn.convert("RGB"), kept.convert("RGB")))
        assert max(difference.mean) < 0.5, name


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_has_one_of_two_ratios_and_is_light(path):
    with Image.open(path) as picture:
        assert picture.size in BYTES
        assert "transparency" not in picture.info
        assert path.stat().st_size <= BYTES[picture.size]


@pytest.mark.parametrize("path", MARKS, ids=lambda path: path.parts[-3])
def test_a_mark_brings_its_own_ground(path):
    with Image.open(path) as mark:
        assert mark.size == MARK
        alpha = mark.getchannel("A")
    assert [alpha.getpixel(corner) for corner in ((0, 0), (239, 0), (0, 239), (239, 239))] == [0] * 4
    assert alpha.crop((24, 24, 216, 216)).getextrema() == (255, 255)


@pytest.mark.parametrize("turn", [{}, {"mirrored": True}, {"angle": 90}, {"angle": 180, "scale": 0.5}])
def test_shade_falls_to_the_right_however_a_shape_is_turned(script, turn, tmp_path):
    canvas = script.Canvas(100, 100)
    with canvas.placed(50, 50, **turn):
        canvas.lit([(-40, -40), (40, -40), (40, 40), (-40, 40)], "#ffffff", "#000000", 20)
    canvas.save(tmp_path / "lit.png")
    half = 40 * turn.get("scale", 1)
    with Image.open(tmp_path / "lit.png") as picture:
        grey = picture.convert("L")
    assert grey.getpixel((round(50 - half + 3), 50)) == 255
    assert grey.getpixel((round(50 + half - 3), 50)) == 0


@pytest.mark.parametrize("path", sorted(ROOT.glob("issues/*/issue.yaml")), ids=lambda path: path.parts[-2])
def test_an_alternative_text_fits_the_room_of_its_picture(path):
    pairs = re.findall(r"file: (\S+)\n\s+alt: \"(.*)\"\n", path.read_text("utf-8"))
    assert pairs
    for name, alt in pairs:
        with Image.open(path.parent / "images" / name) as picture:
            assert len(alt) <= (110 if picture.size == WIDE else 80), name
