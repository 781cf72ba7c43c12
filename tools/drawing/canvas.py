"""A canvas that fills shapes, four times too large, and shrinks them smoothly into a small PNG."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import ceil, floor
from pathlib import Path

from PIL import Image, ImageDraw

from drawing.palette import mix
from drawing.shapes import Points, circle

__all__ = ["Canvas"]

SCALE = 4
COLOURS = 256


class Canvas:
    """A picture in the making; every coordinate is in pixels of the finished picture."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE))

    def fill(self, shape: Points, colour: str, opacity: float = 1) -> None:
        """Fill a shape; below 1, `opacity` lets what is under it show through."""
        points = [(x * SCALE, y * SCALE) for x, y in shape]
        if opacity == 1:
            ImageDraw.Draw(self._image).polygon(points, fill=colour)
            return
        left, top = (max(0, floor(min(p[axis] for p in points))) for axis in (0, 1))
        right, bottom = (min(self._image.size[axis], ceil(max(p[axis] for p in points)) + 1) for axis in (0, 1))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=round(255 * opacity))
        self._image.paste(colour, (left, top), mask)

    def line(self, points: Points, width: float, colour: str) -> None:
        """A stroke with round ends and joints."""
        draw = ImageDraw.Draw(self._image)
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        for one, other in pairwise(scaled):
            draw.line((one, other), fill=colour, width=round(width * SCALE))
        for x, y in points:
            self.fill(circle(x, y, width / 2), colour)

    def gradient(self, top: str, bottom: str, end: float, start: float = 0) -> None:
        """A band of sky across the picture, from `start` down to `end`."""
        draw = ImageDraw.Draw(self._image)
        for row in range(floor(start), ceil(end)):
            colour = mix(top, bottom, (row - start) / (end - start))
            draw.rectangle((0, row * SCALE, self._image.width, (row + 1) * SCALE), fill=colour)

    @contextmanager
    def inside(self, shape: Points) -> Iterator[None]:
        """What is drawn meanwhile shows only inside `shape`."""
        before = self._image.copy()
        yield
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon([(x * SCALE, y * SCALE) for x, y in shape], fill=255)
        self._image = Image.composite(self._image, before, mask)

    def save(self, path: Path) -> None:
        """Shrink, reduce to a palette, write a PNG."""
        small = self._image.reduce(SCALE)
        small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
