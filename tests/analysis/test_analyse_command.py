"""`manage.py analyse`: what it prints, and its exit status."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runs.analysis.bundle.limits import BundleError
from runs.analysis.local import analyse
from tests.analysis.bundles import BUNDLES, HEALTHY, NAMES


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "analyse", *arguments], cwd=project, capture_output=True, timeout=60, check=False
    )


def test_json_of_a_folder(project: Path) -> None:
    done = run(project, str(BUNDLES / HEALTHY))
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["run_id"] == HEALTHY


def test_markdown_in_japanese(project: Path) -> None:
    done = run(project, str(BUNDLES / HEALTHY), "--format", "markdown", "--lang", "ja")
    assert done.returncode == 0
    assert "ファイル別サマリ" in done.stdout.decode()


def test_a_path_that_is_not_there_is_one_line(project: Path, tmp_path: Path) -> None:
    done = run(project, str(tmp_path / "missing"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.decode().strip().splitlines()) == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_gives_the_same_report_as_its_folder(name: str, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / name), "gztar", BUNDLES / name)
    packed, folder = analyse(Path(archive)).report, analyse(BUNDLES / name).report
    assert [(f.path, f.sha256) for f in packed.files] == [(f.path, f.sha256) for f in folder.files]
    assert packed.findings == folder.findings


def test_a_single_file() -> None:
    found = analyse(BUNDLES / HEALTHY / "lo0_9080.pcap")
    assert [f.path for f in found.report.files] == ["lo0_9080.pcap"]
    assert found.is_complete
    assert len(found.conversations) == 2


def test_an_empty_folder_is_no_bundle_or_an_empty_run(tmp_path: Path) -> None:
    try:
        report = analyse(tmp_path).report
    except BundleError:
        return
    assert report.verdict.outcome == "not_evaluable"


def test_broken_files_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    shutil.copytree(BUNDLES / HEALTHY, tmp_path / "run")
    (tmp_path / "run" / "cut.pcap").write_bytes(b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + b"\0" * 12 + b"\1\0\0\0" + b"\xff" * 20)
    (tmp_path / "run" / "empty.log").write_bytes(b"")
    report = analyse(tmp_path / "run").report
    states = {f.path: f.state for f in report.files}
    assert states["cut.pcap"] == "partial"
    assert states["empty.log"] == "unrecognised"
    assert report.verdict.outcome == "pass"
