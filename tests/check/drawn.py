"""Pictures for the examples of rules, drawn when they are wanted: what they have to be is said by their names."""

import random
from functools import cache
from io import BytesIO

from PIL import Image

__all__ = ["drawn"]


def _saved(image, kind, **options):
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _noise(size, colours=256):
    """A picture that PNG cannot make small, like a photograph."""
    draw = random.Random(7)  # noqa: S311 - the same picture each time
    small = Image.new("RGB", (size[0] // 8, size[1] // 8))
    small.putdata([tuple(draw.randrange(colours) for _ in range(3)) for _ in range(small.width * small.height)])
    return small.resize(size, Image.Resampling.BICUBIC)


def _with_exif(tags, position=None):
    image = Image.new("RGB", (1072, 536), "#996644")
    exif = image.getexif()
    for tag, value in tags.items():
        exif[tag] = value
    if position:
        exif.get_ifd(0x8825).update(position)
    return _saved(image, "JPEG", exif=exif)


@cache
def drawn(name):
    """The bytes of the picture called `name`."""
    if name == "photo.png":
        return _saved(_noise((1300, 500)), "PNG")
    if name == "small.png":
        return _saved(Image.new("RGB", (200, 100), "#336699"), "PNG")
    if name == "wide.png":
        return _saved(_noise((2400, 160)), "PNG")
    if name == "fit.png":
        return _saved(Image.new("RGB", (1072, 536), "#336699"), "PNG")
    if name == "position.jpg":
        return _with_exif({}, {1: "N", 2: (48.0, 57.0, 12.0), 3: "E", 4: (1.0, 52.0, 30.0)})
    if name == "camera.jpg":
        return _with_exif({0x010F: "Camera", 0x0132: "2023:03:07 10:00:00"}, {0: b"\x02\x03\x00\x00"})
    frames = [Image.new("P", (1072, 536), colour) for colour in range(3 if name == "moving.gif" else 1)]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0)
