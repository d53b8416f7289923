"""A real worker has compiled beside its work what large captures need, and reads them with it."""

from pathlib import Path

import pytest

from runs.analysis.packets import jit
from tests.stack.portal import wait_until
from tests.tasks.real_workers import Portal

pytestmark = pytest.mark.stack
SAMPLE = Path(__file__).resolve().parents[1] / "packets" / "data" / "random-tcp.pcap"
HEADER_BYTES, FRAMES = 24, 590
LARGE_BYTES = 2_000_000
COMPILE_SECONDS = 300  # at the lowest priority, beside other tests


def test_large_captures_are_read_by_compiled_kernels(portal: Portal, tmp_path: Path) -> None:
    sample = SAMPLE.read_bytes()
    times = LARGE_BYTES // len(sample) + 1
    folder = tmp_path / "bundle"
    folder.mkdir()
    for more in (0, 1):
        made = sample[:HEADER_BYTES] + sample[HEADER_BYTES:] * (times + more)
        assert jit.COMPILE_FROM_BYTES < len(made) < jit.COMPILE_UNREADY_FROM_BYTES
        (folder / f"{more}.pcap").write_bytes(made)
    portal.start_worker()
    wait_until(jit.is_ready, COMPILE_SECONDS, "the kernels are compiled")
    seen = portal.finish(str(portal.ask("upload", str(folder))["run"]))
    assert seen["files"] == {"0.pcap": ["parsed", 1], "1.pcap": ["parsed", 1]}
    counted = {file["path"]: file["counts"]["frames"] for file in seen["reports"][0]["files"]}
    assert counted == {"0.pcap": FRAMES * times, "1.pcap": FRAMES * (times + 1)}
