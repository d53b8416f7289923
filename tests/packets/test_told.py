"""What upper layers say in the packet list: Wireshark's words where both say the same, and nothing that hostile bytes could break."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.facts.http import HttpExchange
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.upper.pages import told_frames
from runs.analysis.packets.upper.told import told
from runs.analysis.parsers import capture
from runs.analysis.source import Source
from tests.packets.crafted import Segment, handshake, pcap_of

DATA = Path(__file__).parent / "data"


def said(name: str) -> dict[int, str]:
    read = read_capture(DATA / name)
    return {row + 1: words for row, words in told_frames(DATA / name, read.packets, range(len(read.packets))).items()}


def test_names_handshakes_and_hardware_addresses() -> None:
    words = said("dns-and-tls-alerts.pcap")
    assert words[1] == "Who has 10.53.0.53? Tell 10.53.0.10"
    assert words[2] == "10.53.0.53 is at 8a:c4:6f:26:e2:4e"
    assert words[4] == "Standard query response 0xb40f A www.corp.example A 10.53.0.80"
    assert words[8] == "Standard query response 0xde68 No such name A nohost.corp.example"
    assert words[41] == "Client Hello (SNI=www.corp.example)"
    assert words[45] == "Server Hello, Certificate, Server Key Exchange, Server Hello Done"
    assert words[47] == "Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message"
    assert words[68] == "Alert (Level: Fatal, Description: Unknown ca)"


def test_requests_answers_and_neighbours_of_a_compressed_capture() -> None:
    words = said("http.pcap.gz")
    assert words[12] == "GET / HTTP/1.1"
    assert words[14] == "HTTP/1.1 200 OK (text/plain)"
    assert words[2].startswith("Router Solicitation from ")


def test_frames_that_say_no_more_are_left_to_their_headers() -> None:
    read = read_capture(DATA / "no-response-keep-alive.pcap")
    bare = np.flatnonzero(read.packets["payload_length"] == 0).tolist()
    assert told_frames(DATA / "no-response-keep-alive.pcap", read.packets, bare) == {}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_bytes_break_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["dns-and-tls-alerts.pcap", "http.pcap.gz", "two-macs-one-address.pcap"]))
    read = read_capture(DATA / name)
    row = data.draw(st.integers(0, len(read.packets) - 1))
    frame = data.draw(st.binary(max_size=400))
    words = told(read.packets, row, bytes(int(read.packets["payload_offset"][row])) + frame)
    assert words is None or len(words) <= 200


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress, bytes], ids=["gzip", "zstd", "plain"])
def test_a_head_over_several_segments_is_joined(tmp_path: Path, pack: object) -> None:
    head = b"GET /long HTTP/1.1\r\nHost: far.example\r\nCookie: a=b\r\n\r\n"
    segments = [*handshake(), Segment(0, 101, 501, head[:25]), Segment(0, 126, 501, head[25:])]
    path = tmp_path / "split.pcap"
    path.write_bytes(pack(pcap_of(segments)))  # type: ignore[operator]
    (exchange,) = [f for f in capture.parse(Source(path, path.name)).facts if isinstance(f, HttpExchange)]
    assert (exchange.target, exchange.host_name, exchange.has_credentials) == ("/long", "far.example", True)
