"""Every filter selects the frames that tcpdump selects: its answers (make_fixtures.py) for captures of all link types."""

import json
from functools import cache
from pathlib import Path

import pytest

from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.packets.capture import read_capture
from tests.filters.make_fixtures import ANSWERS, HERE, filter_lines, ranges

ANSWERED: dict[str, dict[str, str | None]] = json.loads(ANSWERS.read_text("utf-8"))


@cache
def frames_of(name: str) -> Frames:
    """A capture, read."""
    path = HERE.parent / name
    read = read_capture(path)
    return Frames(read.packets, read.addresses, [i.linktype for i in read.capture.interfaces], path, read.capture.byte_order)


def selected(name: str, text: str) -> str:
    """The frames that a filter selects, as ranges."""
    return ranges([int(row) + 1 for row in select(parse(text), frames_of(name)).nonzero()[0]])


def test_there_are_answers_to_all_filters() -> None:
    assert len(ANSWERED) >= 20
    assert all(list(answers) == filter_lines() for answers in ANSWERED.values())
    assert len(filter_lines()) >= 150


@pytest.mark.parametrize("name", ANSWERED)
def test_it_selects_what_tcpdump_selects(name: str) -> None:
    wrong = {}
    for text, wanted in ANSWERED[name].items():
        if wanted is not None:
            found = selected(name, text)
            if found != wanted:
                wrong[text] = (wanted, found)
    assert not wrong


@pytest.mark.parametrize("name", ANSWERED)
def test_what_libpcap_refuses_of_a_link_type_is_refused_or_has_a_meaning_of_ours(name: str) -> None:
    for text, wanted in ANSWERED[name].items():
        if wanted is None:
            try:
                selected(name, text)
            except FilterError as error:
                assert 0 <= error.position <= len(text)


@pytest.mark.parametrize("compress", ["gzip", "zstd"])
def test_a_compressed_capture_gives_the_same(compress: str, tmp_path: Path) -> None:
    import gzip

    import zstandard

    name = "filters/data/ethernet.pcap"
    data = (HERE.parent / name).read_bytes()
    path = tmp_path / "capture"
    path.write_bytes(gzip.compress(data) if compress == "gzip" else zstandard.compress(data))
    read = read_capture(path)
    frames = Frames(read.packets, read.addresses, [1], path, read.capture.byte_order)
    for text in ("ip[2:2] > 100", "vlan 100 and tcp", "tcp[13] & 2 != 0", "port 80"):
        assert ranges([int(row) + 1 for row in select(parse(text), frames).nonzero()[0]]) == ANSWERED[name][text]
