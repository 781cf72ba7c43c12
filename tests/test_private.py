"""Files that hold addresses are their owner's alone, whatever was there before."""

import os
import stat

import pytest

from pvd_mailer.private import create_file, make_folder, others_may_read

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no modes")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def _open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_umask")
def test_the_outbox_is_its_owners_alone(issue_workspace, run):
    old = issue_workspace.root / "var" / "outbox" / "new"
    old.mkdir(parents=True, mode=0o755)
    assert run("subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply").code == 0
    assert run("approve", "1", "--audience", "all", "--by", "Claire").code == 0
    assert run("send", "1", "--yes").code == 0
    outbox = issue_workspace.root / "var" / "outbox"
    assert {mode(path) for path in (outbox, *outbox.iterdir())} == {0o700}
    assert {mode(path) for path in old.iterdir()} == {0o600}
    assert len(list(old.iterdir())) == 3


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "link")
    assert not (tmp_path / "target").exists()


def test_a_folder_that_was_open_is_closed(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert others_may_read(folder)
    make_folder(folder)
    assert not others_may_read(folder)
    assert not others_may_read(tmp_path / "nothing")
