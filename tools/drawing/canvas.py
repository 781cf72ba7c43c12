"""A canvas that fills shapes, four times too large, and shrinks them smoothly into a small PNG."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import ceil, cos, floor, hypot, radians, sin
from pathlib import Path
from typing import cast

from PIL import Image, ImageChops, ImageDraw

from drawing.shapes import Points, circle

__all__ = ["Canvas"]

SCALE = 4
COLOURS = 160

Matrix = tuple[float, float, float, float, float, float]


class Canvas:
    """A picture in the making; coordinates are in pixels of the finished picture, or of what `placed` says."""

    def __init__(self, width: int, height: int, ground: str = "#ffffff") -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._matrix: Matrix = (SCALE, 0, 0, 0, SCALE, 0)
        self._clip: Image.Image | None = None

    @contextmanager
    def placed(
        self, x: float, y: float, scale: float = 1, angle: float = 0, *, mirrored: bool = False
    ) -> Iterator[None]:
        """Meanwhile (0, 0) is at (x, y); all is `scale` times as large, turned clockwise by `angle`, or `mirrored`."""
        outer = self._matrix
        a, b, c, d, e, f = outer
        cosine, sine = cos(radians(angle)) * scale, sin(radians(angle)) * scale
        flip = -1 if mirrored else 1
        self._matrix = (
            (a * cosine + b * sine) * flip,
            b * cosine - a * sine,
            a * x + b * y + c,
            (d * cosine + e * sine) * flip,
            e * cosine - d * sine,
            d * x + e * y + f,
        )
        yield
        self._matrix = outer

    def fill(self, shape: Points, colour: str, opacity: float = 1) -> None:
        """Fill a shape; below 1, `opacity` lets what is under it show through."""
        self._paint(self._device(shape), colour, opacity)

    def lit(self, shapes: Points | list[Points], light: str, dark: str, dx: float, dy: float = 0) -> None:
        """Fill a shape, or several as one, whose edges away from the sun are `dark`, `dx` wide and `dy` high.

        The sun is on the left of the picture, however the shape is turned or mirrored.
        """
        parts = [self._device(shape) for shape in _several(shapes)]
        shift = hypot(self._matrix[0], self._matrix[3])
        for part in parts:
            self._paint(part, dark, 1)
        with self._clipped(parts):
            for part in parts:
                self._paint([(x - dx * shift, y - dy * shift) for x, y in part], light, 1)

    def line(self, points: Points, width: float, colour: str) -> None:
        """A stroke with round ends and joints."""
        draw_width = width * hypot(self._matrix[0], self._matrix[3])
        device = self._device(points)
        for (x, y), (x2, y2) in pairwise(device):
            length = hypot(x2 - x, y2 - y)
            if length:
                nx, ny = (y - y2) / length * draw_width / 2, (x2 - x) / length * draw_width / 2
                self._paint([(x + nx, y + ny), (x2 + nx, y2 + ny), (x2 - nx, y2 - ny), (x - nx, y - ny)], colour, 1)
        for x, y in device:
            self._paint(circle(x, y, draw_width / 2), colour, 1)

    @contextmanager
    def inside(self, *shapes: Points) -> Iterator[None]:
        """What is drawn meanwhile shows only inside one of the `shapes`."""
        with self._clipped([self._device(shape) for shape in shapes]):
            yield

    def save(self, path: Path) -> None:
        """Shrink, reduce to a palette, write a PNG."""
        small = self._image.reduce(SCALE)
        small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
            path, optimize=True
        )

    def save_cut(self, path: Path, outline: Points) -> None:
        """Shrink and write a PNG that is transparent outside of `outline`."""
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon(self._device(outline), fill=255)
        small = self._image.reduce(SCALE)
        small.putalpha(mask.reduce(SCALE))
        small.save(path, optimize=True)

    def _device(self, shape: Points) -> list[tuple[float, float]]:
        a, b, c, d, e, f = self._matrix
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in shape]

    @contextmanager
    def _clipped(self, parts: list[list[tuple[float, float]]]) -> Iterator[None]:
        outer = self._clip
        mask = Image.new("L", self._image.size)
        draw = ImageDraw.Draw(mask)
        for part in parts:
            draw.polygon(part, fill=255)
        self._clip = mask if outer is None else ImageChops.multiply(mask, outer)
        yield
        self._clip = outer

    def _paint(self, points: Points, colour: str, opacity: float) -> None:
        if opacity == 1 and self._clip is None:
            ImageDraw.Draw(self._image).polygon(list(points), fill=colour)
            return
        left, top = (max(0, floor(min(p[axis] for p in points))) for axis in (0, 1))
        right, bottom = (min(self._image.size[axis], ceil(max(p[axis] for p in points)) + 1) for axis in (0, 1))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=round(255 * opacity))
        if self._clip is not None:
            mask = ImageChops.multiply(mask, self._clip.crop((left, top, right, bottom)))
        self._image.paste(colour, (left, top, right, bottom), mask)


def _several(shapes: Points | list[Points]) -> list[Points]:
    """A list of shapes, of which one alone is a list of points."""
    if isinstance(shapes[0][0], tuple | list):
        return cast("list[Points]", shapes)
    return [cast("Points", shapes)]
