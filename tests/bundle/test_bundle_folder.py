"""Folders and single files on disk, and what stays when reading them ends."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runs.analysis.bundle.limits import BundleError, Limits
from runs.analysis.bundle.local import local_files
from runs.analysis.messages import render
from tests.bundle.crafted import zip_of

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle in a folder, with things in it that are no files."""
    root = tmp_path / "20270101Tcase1"
    (root / "logs").mkdir(parents=True)
    (root / "README.md").write_bytes(b"# notes\n")
    (root / "logs" / "a.log").write_bytes(b"line\n")
    (root / "passwd").symlink_to("/etc/passwd")
    (root / "up").symlink_to("..", target_is_directory=True)
    os.mkfifo(root / "pipe")
    return root


def test_files_are_read_in_place_and_links_never_followed(opened, folder):
    bundle = opened(folder)
    assert bundle.name == "20270101Tcase1"
    assert bundle.files == {"README.md": b"# notes\n", "logs/a.log": b"line\n"}
    assert list(bundle.refused) == ["passwd", "pipe", "up"]
    with local_files(folder, Limits()) as local:
        assert local.files[0].local == folder / "README.md"
        assert local.files[0].sha256 == hashlib.sha256(b"# notes\n").hexdigest()


def test_names_that_are_no_utf_8(opened, folder):
    (Path(os.fsdecode(os.fsencode(folder) + b"/" + "表.log".encode("cp932")))).write_bytes(b"x")
    assert "表.log" in opened(folder).files


def test_folders_too_deep_and_too_many_files(opened, folder):
    assert "limit is 0" in opened(folder, max_depth=0).refused["logs"]
    with pytest.raises(BundleError):
        opened(folder, max_files=3)


def test_a_single_file_is_a_bundle_of_one(opened):
    bundle = opened(b"just a line\n", "notes.log")
    assert (bundle.name, bundle.files) == ("notes", {"notes.log": b"just a line\n"})


def test_what_cannot_be_opened_is_said_without_its_folder(tmp_path):
    for path in (tmp_path / "missing.zip", Path("/dev/null")):
        with pytest.raises(BundleError) as caught, local_files(path, Limits()):
            pass
        assert path.name in render(caught.value.text)
        assert str(path.parent) not in render(caught.value.text)


def test_nothing_stays_after_an_error_or_sigterm(tmp_path):
    archive, spool = tmp_path / "a.zip", tmp_path / "spool"
    archive.write_bytes(zip_of({"a.log": b"x"}))
    spool.mkdir()
    program = (
        "import sys, time; from pathlib import Path; from runs.analysis.bundle.local import local_files\n"
        "from runs.analysis.bundle.limits import Limits\n"
        f"with local_files(Path({str(archive)!r}), Limits()):\n"
        "    print('open', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=os.environ | {"TMPDIR": str(spool)}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    assert any(spool.iterdir())
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    process.stdout.close()
    assert list(spool.iterdir()) == []
