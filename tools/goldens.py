"""Writes the golden letters: `make goldens`. The commit that holds them says what changed to the eye."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.proof.golden import GOLDENS, VIEWS, photograph, write
from tools.photograph import SUBJECTS, fold, studio


def main() -> None:
    """Write the HTML, the text and the small pictures of every letter."""
    GOLDENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, studio() as browser:
        for subject in SUBJECTS:
            letter = subject.letter()
            write(subject, letter)
            file = fold(letter, Path(scratch) / subject.name)
            for view in VIEWS:
                photograph(browser, file, view).save(GOLDENS / f"{subject.name}-{view.name}.png", optimize=True)
            print(subject.name)


if __name__ == "__main__":
    main()
