"""Frame by frame the same TCP remarks and streams as tshark 4.0.17 gives; its answers are kept in data/tshark.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.schema import REMARK_BITS, RESENT, TCP

DATA = Path(__file__).parent / "data"
GOLD = json.loads((DATA / "tshark.json").read_text())


def test_there_are_answers() -> None:
    assert len(GOLD) >= 10


@pytest.mark.parametrize("name", sorted(GOLD))
def test_remarks_and_streams(name: Any) -> None:
    read, told = read_capture(DATA / name), GOLD[name]
    assert read.counts["frames"] == told["frames"]
    ours = {}
    for remark, bit in REMARK_BITS.items():
        mask = RESENT if remark == "retransmission" else bit  # tshark sets it on fast and spurious ones too
        if frames := (np.flatnonzero(read.packets["remarks"] & mask) + 1).tolist():
            ours[remark] = frames
    assert ours == told["remarks"]
    streams = np.where(read.packets["protocol"] == TCP, read.packets["stream"], -1)
    assert streams.tolist() == told["streams"]
