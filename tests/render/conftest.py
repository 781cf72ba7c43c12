import pytest

from tests.workspace import picture


@pytest.fixture
def issue_workspace(issue_workspace):
    """With the picture of the publication's snippet."""
    images = issue_workspace.own / "images"
    images.mkdir()
    (images / "du-rappel.png").write_bytes(picture(size=(800, 400), colour="#994411"))
    return issue_workspace
