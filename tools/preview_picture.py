"""Photographs the preview of issue 23 into docs/preview.png, for README.md: `make preview-picture`."""

import io
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tools.photograph import ROOT, chromium

TARGET = ROOT / "docs" / "preview.png"
PORT = "8399"


def main() -> None:
    """Start the preview in French, take the picture, and stop it."""
    command = [sys.executable, "-m", "pvd_mailer", "preview", "23", "--no-open", "--port", PORT]
    with (
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PVD_LANG": "fr"}, stdout=subprocess.PIPE, text=True
        ) as preview,
        sync_playwright() as playwright,
    ):
        try:
            assert preview.stdout is not None
            preview.stdout.readline()  # its address: from here on it answers
            # With the machine's own fonts, as an editor sees it: tools/fonts.conf has none for a screen's buttons.
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1360, "height": 860}, color_scheme="light", locale="fr-FR")
            page.goto(f"http://127.0.0.1:{PORT}/")
            page.frame_locator("iframe").first.locator("h1").wait_for()
            picture = Image.open(io.BytesIO(page.screenshot()))
            browser.close()
        finally:
            preview.terminate()
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}  {picture.width}x{picture.height}")


if __name__ == "__main__":
    main()
