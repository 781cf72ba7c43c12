"""Shows letters in Chromium, the same way on every machine: for the screenshots, the goldens and the proofs."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from pvd_mailer.compose import load_issue, load_publication
from pvd_mailer.issue.picture import read_picture
from pvd_mailer.letter import Letter
from pvd_mailer.render import render_letter
from pvd_mailer.workspace import Workspace

__all__ = ["ROOT", "SUBJECTS", "Subject", "View", "chromium", "fold", "opened", "studio"]

ROOT = Path(__file__).parent.parent
# Only the Liberation family: Chromium then sets the same lines whatever else is installed.
FONTS = Path(__file__).parent / "fonts.conf"


@dataclass(frozen=True)
class Subject:
    """A letter to look at: an issue, in its own theme or in another publication's."""

    name: str
    issue: str
    theme: str | None = None

    def letter(self) -> Letter:
        """Render it."""
        workspace = Workspace(ROOT)
        made = load_issue(workspace.issues / self.issue, workspace)
        publication, templates, pictures = made.publication, made.templates, dict(made.pictures)
        if self.theme:
            publication, _findings = load_publication(self.theme, workspace)
            templates = workspace.templates / self.theme
            if publication and publication.logo:
                pictures[publication.logo.file] = read_picture(templates / "images" / publication.logo.file)
        if made.issue is None or publication is None:
            raise SystemExit(f"{self.issue}: {made.findings}")
        return render_letter(made.issue, publication, pictures, templates)


SUBJECTS = (
    Subject("022", "022-2023-03"),
    Subject("023", "023-2023-04"),
    Subject("022-carnet", "022-2023-03", "carnet-des-territoires"),
)


@dataclass(frozen=True)
class View:
    """How a letter is looked at."""

    width: int
    dark: bool = False
    images: bool = True
    styles: bool = True

    @property
    def name(self) -> str:
        """Such as `375-dark-noimages`."""
        parts = [str(self.width), "dark" if self.dark else "light"]
        parts += [] if self.images else ["noimages"]
        parts += [] if self.styles else ["nostyles"]
        return "-".join(parts)


def chromium() -> str | None:
    """Where Chromium is, if it is on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def studio() -> Iterator[Browser]:
    """A browser that asks no other host for anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--font-render-hinting=none"],
            env={**os.environ, "FONTCONFIG_FILE": str(FONTS)},
        )
        yield browser
        browser.close()


def fold(letter: Letter, folder: Path) -> Path:
    """Write `letter` and its pictures into `folder`, and return the page."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for attachment in letter.attachments:
        (folder / "images" / attachment.name).write_bytes(attachment.data)
    page = folder / "letter.html"
    page.write_text(
        letter.with_local_pictures(letter.fill_html({"unsubscribe": "mailto:leave@example.org"})), encoding="utf-8"
    )
    return page


@contextmanager
def opened(browser: Browser, file: Path, view: View) -> Iterator[Page]:
    """`file` as `view` shows it."""
    if not view.styles:
        bare = file.with_name("nostyles.html")
        bare.write_text(re.sub(r"<style.*?</style>", "", file.read_text("utf-8"), flags=re.DOTALL), encoding="utf-8")
        file = bare
    context = browser.new_context(
        viewport={"width": view.width, "height": 800}, color_scheme="dark" if view.dark else "light"
    )
    page = context.new_page()
    if not view.images:
        page.route(re.compile(r"\.(png|jpg|gif)$"), lambda route: route.abort())
    page.goto(file.as_uri())
    yield page
    context.close()
