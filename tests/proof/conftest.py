"""Letters in a real browser."""

import pytest

from tools.photograph import SUBJECTS, fold


@pytest.fixture(scope="session", params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request):
    return request.param


@pytest.fixture(scope="session")
def letter(subject):
    return subject.letter()


@pytest.fixture(scope="session")
def file(subject, letter, tmp_path_factory):
    return fold(letter, tmp_path_factory.mktemp(subject.name))
