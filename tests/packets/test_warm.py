"""Kernels are compiled ahead: no capture waits for a compilation, and without compiled kernels plain ones read it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runs.analysis.packets import jit

pytestmark = pytest.mark.xdist_group("numba")  # one process compiles, the others load
DATA = Path(__file__).parent / "data"
READ_ALL = """
import json, sys
from pathlib import Path
from runs.analysis.packets import jit
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.headers import decode
jit.compiled(decode)
read = 0
for path in sorted(Path(sys.argv[1]).glob("*.pcap*")):
    try:
        read += len(read_capture(path).packets)
    except ValueError:
        continue
missed = {kernel.__name__: sum(made.stats.cache_misses.values()) for kernel, made in jit._compiled.items()}
print(json.dumps({"ready": jit.is_ready(), "read": read, "missed": {name: n for name, n in missed.items() if n}}))
"""


def test_no_capture_needs_what_was_not_compiled_ahead(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "portal.warm"], cwd=project, check=True)
    done = subprocess.run([sys.executable, "-c", READ_ALL, str(DATA)], cwd=project, check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    assert answer["read"] > 100
    assert answer == {"ready": True, "read": answer["read"], "missed": {}}


def test_until_kernels_are_ready_only_huge_captures_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(jit, "_compiled", {})
    sizes = (jit.COMPILE_FROM_BYTES - 1, jit.COMPILE_FROM_BYTES, jit.COMPILE_UNREADY_FROM_BYTES)
    assert [jit.Engine(size).is_compiled for size in sizes] == [False, False, True]
    jit.cache_directory().mkdir()
    (tmp_path / "of-other-sources").mkdir()
    jit.note_ready()
    assert [jit.Engine(size).is_compiled for size in sizes] == [False, True, True]
    assert (tmp_path / "of-other-sources").is_dir()
    monkeypatch.setattr(jit, "_processor", lambda: "another model")
    assert not jit.is_ready()
