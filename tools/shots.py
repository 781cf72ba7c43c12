"""Photographs the letters into docs/shots/: `make shots`.

Both issues at 375 and 700 px, light and dark, with and without pictures; the second theme light and dark.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from tools.photograph import ROOT, SUBJECTS, View, fold, opened, studio

TARGET = ROOT / "docs" / "shots"


def main() -> None:
    """Take every picture and say how long the letters are."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as scratch, studio() as browser:
        for subject in SUBJECTS:
            file = fold(subject.letter(), Path(scratch) / subject.name)
            for width in (375, 700):
                for dark in (False, True):
                    for images in (True, False) if subject.theme is None else (True,):
                        view = View(width, dark, images)
                        with opened(browser, file, view) as page:
                            taken = Image.open(io.BytesIO(page.screenshot(full_page=True)))
                        name = f"{subject.name}-{view.name}.png"
                        taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(TARGET / name, optimize=True)
                        print(f"docs/shots/{name}  {taken.width}x{taken.height}")


if __name__ == "__main__":
    main()
