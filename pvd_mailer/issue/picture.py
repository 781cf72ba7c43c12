"""A picture file of the issue, read, measured, and made fit to travel: one picture, upright."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

__all__ = [
    "MAX_PICTURE_BYTES",
    "Picture",
    "PictureTooLargeError",
    "UnreadablePictureError",
    "is_see_through",
    "read_picture",
]

MAX_PICTURE_BYTES = 2_000_000
_MAX_SIDE = 8000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}
_MULTI_PICTURE = "MPO"
"""What Pillow calls a JPEG with more pictures behind the first (CIPA DC-007), as telephones write it."""
_UPRIGHT_ORIENTATION = 1
_HALF_OPAQUE = 128


class UnreadablePictureError(Exception):
    """Not a PNG, JPEG or GIF, or a broken one."""


class PictureTooLargeError(Exception):
    """Heavier than `MAX_PICTURE_BYTES`; the size in bytes is the argument."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes, as they travel, and their measures, in pixels."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int


def read_picture(path: Path) -> Picture:
    """Read the picture at `path`.

    Raises:
        FileNotFoundError: there is none.
        UnreadablePictureError: it is not a PNG, JPEG or GIF that decodes.
        PictureTooLargeError: it weighs more than `MAX_PICTURE_BYTES`.
    """
    status = path.stat()
    if not path.is_file():
        raise UnreadablePictureError
    if status.st_size > MAX_PICTURE_BYTES:
        raise PictureTooLargeError(status.st_size)
    return _read_cached(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _read_cached(path: Path, _modified: int, _size: int) -> Picture:
    try:
        data = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a part that Pillow can do without, in a picture that it can read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=tuple(_MEDIA_TYPES)) as image:
                return _checked_picture(path.name, data, image)
    except UnreadablePictureError:
        raise
    except Exception as exc:  # broken pictures make Pillow raise whatever it met, `struct.error` and `IndexError` too
        raise UnreadablePictureError from exc


def _checked_picture(name: str, data: bytes, image: Image.Image) -> Picture:
    image_format, (width, height) = image.format or "", image.size
    if max(width, height) > _MAX_SIDE or min(width, height) < 1:
        raise UnreadablePictureError
    # What proves that a file was not cut short on its way into the folder: PNG has checksums for it;
    # for the others Pillow has to decode.
    if image_format == "PNG":
        image.verify()
    else:
        image.load()
    if image_format == _MULTI_PICTURE or (image_format == "JPEG" and _is_rotated(image)):
        return _first_upright(name, image)
    if image_format not in _MEDIA_TYPES:
        raise UnreadablePictureError
    return Picture(name, data, _MEDIA_TYPES[image_format], width, height)


def _is_rotated(image: Image.Image) -> bool:
    """Whether its EXIF says that it has to be turned or mirrored before it is shown."""
    return image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT_ORIENTATION) in range(_UPRIGHT_ORIENTATION + 1, 9)


def _first_upright(name: str, image: Image.Image) -> Picture:
    """The first picture of a JPEG, turned as its EXIF says, since Outlook and others do not turn it.

    Written with the tables that it was written with, it loses nothing to be seen and weighs the same. What the camera
    noted stays out of it, and so do the pictures behind the first, each with notes of its own.
    """
    tables = getattr(image, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(image)
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    upright.info.pop("comment", None)
    target = BytesIO()
    upright.save(target, "JPEG", qtables=tables, subsampling=sampling, icc_profile=profile)
    return Picture(name, target.getvalue(), _MEDIA_TYPES["JPEG"], *upright.size)


@lru_cache(maxsize=16)
def is_see_through(picture: Picture) -> bool:
    """Whether what is behind `picture` shows through a quarter of it or more: a mark that was cut out, say."""
    with Image.open(BytesIO(picture.data)) as image:
        if not image.has_transparency_data:
            return False
        opacity = image.convert("RGBA").getchannel("A").histogram()
    return sum(opacity[:_HALF_OPAQUE]) >= picture.width * picture.height / 4
