"""Follow stream: every byte once and in order, gaps with their sizes, whatever the order of the frames."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.follow import unwrapped
from tests.packets.crafted import ACK, FIN, PSH, RST, SYN, Segment, followed, handshake, pcap_of, said

DATA = Path(__file__).parent / "data"
C, S = 101, 501  # the first numbers behind the SYNs


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "a.pcap"


def sides(place: Path, segments: list[Segment]) -> tuple[list[bytes | int], list[bytes | int]]:
    read, _, stream = followed(place, pcap_of(segments))
    return said(place, read, stream, 0), said(place, read, stream, 1)


def test_both_directions_in_the_order_of_the_capture(place: Path) -> None:
    made = [
        *handshake(),
        Segment(0, C, S, b"GET "), Segment(0, C + 4, S, b"/\r\n"), Segment(1, S, C + 7, b"200 OK"), Segment(0, C + 7, S + 6, b"bye"),
    ]  # fmt: skip
    read, _, stream = followed(place, pcap_of(made))
    assert stream.side.tolist() == [0, 0, 1, 0]
    assert stream.row.tolist() == [3, 4, 5, 6]
    assert stream.position.tolist() == [0, 4, 0, 7]
    assert said(place, read, stream, 0) == [b"GET /\r\nbye"]


def test_bytes_that_came_again_are_not_repeated(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"abcd"), Segment(0, C, S, b"abcd"), Segment(0, C + 2, S, b"cdef")]
    assert sides(place, made)[0] == [b"abcdef"]


def test_segments_out_of_order_are_put_in_order(place: Path) -> None:
    made = [
        *handshake(),
        Segment(0, C + 4, S, b"efgh"),
        Segment(0, C + 8, S, b"ij"),
        Segment(0, C, S, b"abcd"),
        Segment(1, S, C + 10, b"ok"),
    ]
    read, _, stream = followed(place, pcap_of(made))
    assert said(place, read, stream, 0) == [b"abcdefghij"]
    assert stream.side.tolist() == [0, 0, 0, 1]


def test_a_gap_is_said_with_its_size(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"ab"), Segment(0, C + 1450, S, b"yz"), Segment(1, S, C + 1452)]
    assert sides(place, made) == ([b"ab", 1448, b"yz"], [])


def test_a_gap_at_the_beginning_and_at_the_end(place: Path) -> None:
    made = [*handshake(), Segment(0, C + 10, S, b"mid"), Segment(1, S, C + 20), Segment(1, S, C + 20)]
    assert sides(place, made)[0] == [10, b"mid", 7]


def test_a_fin_is_no_missing_byte(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"ab"), Segment(0, C + 2, S, flags=FIN | ACK), Segment(1, S, C + 3)]
    assert sides(place, made)[0] == [b"ab"]


def test_bytes_counted_by_a_fin_alone_are_missing(place: Path) -> None:
    assert sides(place, [*handshake(), Segment(0, C + 5, S, flags=FIN | ACK), Segment(1, S, C + 6)])[0] == [5]


def test_what_the_snapshot_length_cut_off_is_said(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"a" * 20 + b"b" * 80, cut=80), Segment(0, C + 100, S, b"next")]
    assert sides(place, made)[0] == [b"a" * 20, 80, b"next"]


def test_a_whole_copy_is_taken_before_a_cut_one(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"secretword", cut=6), Segment(0, C, S, b"secretword")]
    assert sides(place, made)[0] == [b"secretword"]


def test_sequence_numbers_that_wrap(place: Path) -> None:
    start = 2**32 - 6
    made = [
        *handshake(client=start - 1),
        Segment(0, start, S, b"12345678"),
        Segment(0, start + 8, S, b"9"),
        Segment(1, S, start + 9),
    ]
    assert sides(place, made)[0] == [b"123456789"]


def test_a_keep_alive_byte_is_no_data(place: Path) -> None:
    made = [*handshake(), Segment(0, C, S, b"ab"), Segment(1, S, C + 2), Segment(0, C + 1, S, b"\0"), Segment(1, S, C + 2)]
    assert sides(place, made)[0] == [b"ab"]


def test_a_capture_that_begins_in_the_middle(place: Path) -> None:
    assert sides(place, [Segment(0, 7000, 9000, b"later"), Segment(1, 9000, 7005, b"yes")]) == ([b"later"], [b"yes"])


def test_only_one_direction_was_captured(place: Path) -> None:
    made = [Segment(0, 7000, 9000, b"ask"), Segment(0, 7003, 9000), Segment(0, 7003, 9500)]
    assert sides(place, made) == ([b"ask"], [500])


def test_words_of_a_reset_are_no_data(place: Path) -> None:
    assert sides(place, [*handshake(), Segment(0, C, S, b"go"), Segment(1, S, C + 2, b"why", flags=RST | ACK)])[1] == []


def test_datagrams_follow_one_another() -> None:
    path = DATA / "dns-and-tls-alerts.pcap"
    read, rows, stream = followed(path.parent / "dns-and-tls-alerts.pcap", path.read_bytes())
    assert read.conversations["protocol"][0] == 17
    assert stream.row.tolist() == rows.tolist()
    assert not stream.is_gap.any()
    assert (stream.captured == read.packets["payload_length"][rows]).all()


def test_unwrapped_numbers_go_on() -> None:
    numbers = np.array([0xFFFFFFF0, 0x10, 0xFFFFFFF8, 0x20], np.uint32)
    assert unwrapped(numbers, 0xFFFFFFF0).tolist() == [0, 32, 8, 48]


segments = st.builds(
    Segment,
    side=st.integers(0, 1),
    sequence=st.one_of(st.integers(90, 140), st.integers(0, 2**32 - 1)),
    acknowledgment=st.one_of(st.integers(90, 140), st.integers(0, 2**32 - 1)),
    data=st.binary(max_size=20),
    flags=st.sampled_from([ACK, SYN, SYN | ACK, FIN | ACK, RST, PSH | ACK, 0]),
    cut=st.integers(0, 60),
    window=st.integers(0, 65535),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(segments, min_size=1, max_size=25))
def test_any_segments_can_be_followed(tmp_path: Path, made: list[Segment]) -> None:
    place = tmp_path / "any.pcap"
    for row in range(len(read_capture(pcap_of(made)).conversations)):
        _, rows, stream = followed(place, pcap_of(made), row)
        assert set(stream.row.tolist()) <= set(rows.tolist())
        assert (stream.length > 0).all()
        assert ((stream.captured >= 0) & (stream.captured <= stream.length)).all()
        for side in (0, 1):
            mine = stream.side == side
            ends = (stream.position + stream.length)[mine]
            assert (stream.position[mine][1:] == ends[:-1]).all()  # one piece begins where the one before ended


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=30, max_size=120), st.permutations(range(6)), st.integers(0, 2**32 - 1))
def test_any_order_of_the_same_segments_gives_the_same_bytes(tmp_path: Path, data: bytes, order: list[int], first: int) -> None:
    step = -(-len(data) // 6)
    parts = [Segment(0, first + 1 + n * step, S, data[n * step : (n + 1) * step]) for n in order]
    read, _, stream = followed(tmp_path / "b.pcap", pcap_of([*handshake(client=first), *parts]))
    assert said(tmp_path / "b.pcap", read, stream, 0) == [data]
