"""How the tests of bundles open one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from runs.analysis.bundle.limits import Limits
from runs.analysis.bundle.local import local_files
from runs.analysis.messages import render


@dataclass
class Opened:
    """A bundle as it was read: bytes by path, sentences in English."""

    name: str
    files: dict[str, bytes]
    refused: dict[str, str]
    problems: list[str]
    remarks: dict[str, str]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Opened]:
    """Writes bytes to a file, opens it as a bundle, and checks that nothing temporary stays."""
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))

    def open_it(data: bytes | Path, name: str = "bundle.bin", **limits: int) -> Opened:
        path = data if isinstance(data, Path) else tmp_path / name
        if isinstance(data, bytes):
            path.write_bytes(data)
        try:
            with local_files(path, Limits(**limits)) as local:
                return Opened(
                    local.name,
                    {file.path: file.local.read_bytes() for file in local.files},
                    {one.path: render(one.message) for one in local.refused},
                    [render(problem) for problem in local.problems],
                    {file.path: render(file.remark) for file in local.files if file.remark},
                )
        finally:
            assert list(spool.iterdir()) == []

    return open_it
