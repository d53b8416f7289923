"""Every filter selects the frames that tcpdump selects: its answers (make_fixtures.py) for captures of all link types."""

import json
from contextlib import suppress
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

# Where a frame is cut in the middle of what a filter reads, libpcap's optimiser may leave out a load whose answer it does not need, or
# ask for all source ports of a chain before the destination ports. Frames 41 to 43 are IPv6 fragments whose next header is cut away,
# 6 has IPv4 options and is cut between its ports. (tcpdump's answer, ours)
FRAGMENTS = "not (tcp and port 80)"
DIFFERENT = {
    "filters/data/ethernet_cut_34.pcap": {FRAGMENTS: ("8-16,18-29,35-51,55-85,87", "8-16,18-29,35-40,44-51,55-85,87")},
    "filters/data/ethernet_cut_54.pcap": {FRAGMENTS: ("6-16,18-29,35-51,55-85,87", "6-16,18-29,35-40,44-51,55-85,87")},
    "filters/data/ethernet_cut_40.pcap": {
        FRAGMENTS: ("7-16,18-29,35-51,55-85,87", "7-16,18-29,35-40,44-51,55-85,87"),
        "port 80 or 443 or 22": ("1-7,10-11,17,31-32,86", "1-5,7,10-11,17,31-32,86"),
        "port 80 or (443 or 22)": ("1-7,10-11,17,31-32,86", "1-5,7,10-11,17,31-32,86"),
        "port 80 or (udp port 53) or 22": ("1-6,8,10-11,17,31-32,86", "1-5,8,10-11,17,31-32,86"),
    },
}


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
    different = {}
    for text, wanted in ANSWERED[name].items():
        if wanted is not None:
            found = selected(name, text)
            if found != wanted:
                different[text] = (wanted, found)
    assert different == DIFFERENT.get(name, {})


@pytest.mark.parametrize("name", ANSWERED)
def test_what_libpcap_refuses_of_a_link_type_is_refused_or_has_a_meaning_of_ours(name: str) -> None:
    for text, wanted in ANSWERED[name].items():
        if wanted is None:
            with suppress(FilterError):
                assert selected(name, text) is not None


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
    for text in ("ip[2:2] > 100", "vlan 100 and tcp port 80", "tcp[13] & 2 != 0", "port 80"):
        assert ranges([int(row) + 1 for row in select(parse(text), frames).nonzero()[0]]) == ANSWERED[name][text]
