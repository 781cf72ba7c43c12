"""Letters in a real browser."""

import pytest

<<<<<<< HEAD
from tools.photograph import SUBJECTS, fold
=======
from tools.photograph import SUBJECTS, chromium, fold, studio


@pytest.fixture(scope="package")
def browser():
    """Closed before another package's browser opens: playwright runs one at a time."""
    if chromium() is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("Chromium is missing on this machine")
    with studio() as browser:
        yield browser
>>>>>>> site


@pytest.fixture(scope="session", params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request):
    return request.param


@pytest.fixture(scope="session")
def letter(subject):
    return subject.letter()


@pytest.fixture(scope="session")
def file(subject, letter, tmp_path_factory):
    return fold(letter, tmp_path_factory.mktemp(subject.name))
