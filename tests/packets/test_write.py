"""One conversation as a capture of its own: read back it has the same frames, times, link types and lengths."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.conversations import frames_of
from runs.analysis.packets.frame import frame_bytes
from runs.analysis.packets.write import capture_bytes, format_of
from tests.packets.crafted import Segment, handshake, pcap_of

DATA = Path(__file__).parent / "data"
SOUND = ["no-response-keep-alive.pcap", "http.pcap.gz", "nanoseconds.pcap", "ipv4-in-ipv6.pcap", "two-interfaces.pcapng",
         "syn-ack-rejected-by-icmp.pcap", "random-tcp.pcap", "hostile-incl_gt_orig.pcap"]  # fmt: skip


def written(path: Path, read: CaptureRead, rows: np.ndarray, to: Path) -> CaptureRead:
    to.write_bytes(b"".join(capture_bytes(path, read.packets, rows, read.capture)))
    return read_capture(to)


@pytest.mark.parametrize("name", SOUND)
def test_a_conversation_reads_back_as_it_was(tmp_path: Path, name: str) -> None:
    path, to = DATA / name, tmp_path / "one"
    read = read_capture(path)
    for conversation in range(len(read.conversations)):
        rows = frames_of(read.packets, read.conversations, conversation)
        again = written(path, read, rows, to)
        for column in ("ts_ns", "captured_length", "original_length", "protocol", "tcp_flags", "sequence", "payload_length"):
            assert again.packets[column].tolist() == read.packets[column][rows].tolist(), column
        for place, row in enumerate(rows.tolist()):
            assert frame_bytes(to, again.packets, place + 1) == frame_bytes(path, read.packets, row + 1)
        assert again.capture.byte_order == read.capture.byte_order
        assert {i.linktype for i in again.capture.interfaces} <= {i.linktype for i in read.capture.interfaces}


def test_nanoseconds_stay_and_microseconds_do_too(tmp_path: Path) -> None:
    for name, magic in (("nanoseconds.pcap", "3c4d"), ("no-response-keep-alive.pcap", "c3d4")):
        read = read_capture(DATA / name)
        data = b"".join(capture_bytes(DATA / name, read.packets, np.arange(len(read.packets)), read.capture))
        assert magic in (data[:4].hex(), data[:4][::-1].hex()[4:])


def test_several_link_types_become_pcapng(tmp_path: Path) -> None:
    path = DATA / "two-interfaces.pcapng"
    read = read_capture(path)
    rows = np.arange(len(read.packets))
    linktypes = {i.linktype for i in read.capture.interfaces}
    assert format_of(read.packets, rows, read.capture) == ("pcapng" if len(linktypes) > 1 else "pcap")
    again = written(path, read, rows, tmp_path / "all")
    assert again.packets["ts_ns"].tolist() == read.packets["ts_ns"].tolist()
    assert {i.linktype for i in again.capture.interfaces} == linktypes


def test_a_compressed_capture_is_read_through(tmp_path: Path) -> None:
    plain = pcap_of([*handshake(), Segment(0, 101, 501, bytes(200))] * 50)
    packed = tmp_path / "a.pcap.gz"
    packed.write_bytes(gzip.compress(plain))
    read = read_capture(packed)
    rows = np.arange(3, len(read.packets), 7)
    again = written(packed, read, rows, tmp_path / "some.pcap")
    assert [frame_bytes(tmp_path / "some.pcap", again.packets, n + 1) for n in range(len(rows))] == [
        frame_bytes(packed, read.packets, int(row) + 1) for row in rows
    ]


def test_it_comes_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "large.pcap"
    path.write_bytes(pcap_of([Segment(0, n * 1000, 1, bytes(1000)) for n in range(1500)]))
    read = read_capture(path)
    sizes = [len(chunk) for chunk in capture_bytes(path, read.packets, np.arange(1500), read.capture)]
    assert len(sizes) > 3
    assert max(sizes) < 400_000


def test_no_frames_give_an_empty_capture(tmp_path: Path) -> None:
    path = DATA / "nanoseconds.pcap"
    read = read_capture(path)
    assert len(written(path, read, np.empty(0, np.int64), tmp_path / "none").packets) == 0
