"""What a picture would weigh if it were written otherwise: really tried, once for each picture."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image

from pvd_mailer.issue.picture import Picture

__all__ = ["Lighter", "frames", "has_position", "lighter"]

QUALITY = 82
DENSITY = 2
"""How many pixels of the picture for one of the letter: what fine screens show."""
MOST_PIXELS = 24_000_000
"""Beyond, a trial would take the preview's time."""
GPS = 0x8825
_XMP_POSITION = (b"exif:GPSLatitude", b"exif:GPSLongitude")


@dataclass(frozen=True, slots=True)
class Lighter:
    """The lightest way that was found: its format, measures and weight in bytes."""

    kind: str
    width: int
    height: int
    size: int


def _open(picture: Picture) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is odd inside of a picture was told when it was read
        return Image.open(BytesIO(picture.data))


@lru_cache(maxsize=64)  # a picture is known by its bytes: at each save but the first nothing is tried
def lighter(picture: Picture, width: int) -> Lighter | None:
    """The lightest way to write `picture` for a place of `width` CSS pixels; None where none was tried."""
    if picture.width * picture.height > MOST_PIXELS or picture.media_type == "image/gif":
        return None
    wide = min(picture.width, width * DENSITY)
    high = max(1, round(picture.height * wide / picture.width))
    with _open(picture) as image:
        image.draft("RGB", (wide, high))
        has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        whole = image.convert("RGBA" if has_alpha else "RGB")
    if (wide, high) != whole.size:
        whole = whole.resize((wide, high), Image.Resampling.LANCZOS)
    found = [_png(whole)]
    if not has_alpha:
        found.append(_jpeg(whole))
    return min(found, key=lambda one: one.size)


def _jpeg(image: Image.Image) -> Lighter:
    target = BytesIO()
    image.save(target, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return Lighter("JPEG", image.width, image.height, target.tell())


def _png(image: Image.Image) -> Lighter:
    target = BytesIO()
    # Fast octree is the only method that keeps transparency, and takes a tenth of median cut's time.
    image.quantize(256, method=Image.Quantize.FASTOCTREE).save(target, "PNG", compress_level=9)
    return Lighter("PNG", image.width, image.height, target.tell())


@lru_cache(maxsize=256)
def has_position(picture: Picture) -> bool:
    """Whether `picture` carries where it was taken, in EXIF or XMP."""
    if any(mark in picture.data for mark in _XMP_POSITION):
        return True
    try:
        with _open(picture) as image:
            place = image.getexif().get_ifd(GPS)
    except Exception:  # noqa: BLE001 - broken EXIF makes Pillow raise whatever it met, and holds no position
        return False
    # 1 to 4 are latitude and longitude; cameras without a fix write a version and nothing else.
    return any(key in place for key in (1, 2, 3, 4))


@lru_cache(maxsize=256)
def frames(picture: Picture) -> int:
    """How many pictures `picture` shows one after the other."""
    if picture.media_type == "image/jpeg":
        return 1
    with _open(picture) as image:
        return int(getattr(image, "n_frames", 1))
