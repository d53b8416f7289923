"""The expert summary of a capture: what it counts is what its links show."""

from pathlib import Path

import numpy as np
import pytest

from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.packets.capture import read_capture
from runs.services.capture_view import expert_summary

CAPTURES = sorted((Path(__file__).parents[1] / "packets" / "data").glob("*.pcap*"))


@pytest.mark.parametrize("path", [p for p in CAPTURES if "no_shb" not in p.name], ids=lambda path: path.name)
def test_each_line_of_the_expert_summary_selects_as_many_frames_as_it_counts(path: Path) -> None:
    read = read_capture(path)
    linktypes = [interface.linktype for interface in read.capture.interfaces]
    frames = Frames(read.packets, read.addresses, linktypes, path, read.capture.byte_order)
    for one in expert_summary(read.packets):
        if one.filter:
            node = parse(one.filter)
            assert node is not None
            selected = np.flatnonzero(select(node, frames)) + 1
            assert (one.name, len(selected), selected[0]) == (one.name, one.frame_count, one.first_frame)


def test_resets_errors_and_openings_are_counted_by_level() -> None:
    names = [
        (one.severity, one.name, one.frame_count)
        for one in expert_summary(read_capture(CAPTURES[0].parent / "syn-ack-rejected-by-icmp.pcap").packets)
    ]
    assert ("warn", "icmp_error", 7) in names
    assert [level for level, _, _ in names] == sorted((level for level, _, _ in names), key=("error", "warn", "note", "chat").index)
    assert {name for level, name, _ in names if level == "chat"} >= {"opened", "accepted"}
