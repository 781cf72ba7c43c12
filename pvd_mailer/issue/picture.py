"""A picture file of the issue, read and measured."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

__all__ = ["MAX_BYTES", "Picture", "PictureTooLargeError", "UnreadablePictureError", "read_picture"]

MAX_BYTES = 2_000_000
MAX_SIDE = 8000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}


class UnreadablePictureError(Exception):
    """Not a PNG, JPEG or GIF, or a broken one."""


class PictureTooLargeError(Exception):
    """Heavier than `MAX_BYTES`; the size in bytes is the argument."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and measures, in pixels."""

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
        PictureTooLargeError: it weighs more than `MAX_BYTES`.
    """
    status = path.stat()
    if not path.is_file():
        raise UnreadablePictureError
    if status.st_size > MAX_BYTES:
        raise PictureTooLargeError(status.st_size)
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, _modified: int, _size: int) -> Picture:
    try:
        data = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=tuple(_MEDIA_TYPES)) as image:
                kind, (width, height) = image.format or "", image.size
                if max(width, height) > MAX_SIDE or min(width, height) < 1:
                    raise UnreadablePictureError
                # What proves that a file was not cut short on its way into the folder: PNG has checksums for it;
                # for the others Pillow has to decode.
                if kind == "PNG":
                    image.verify()
                else:
                    image.load()
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Warning,
        Image.DecompressionBombError,
    ) as error:
        raise UnreadablePictureError from error
    return Picture(path.name, data, _MEDIA_TYPES[kind], width, height)
