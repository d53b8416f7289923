"""Single frames: layers with their places, the line about them, and the upper layers' facts."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.echo import echo_words
from runs.analysis.packets.frame import dissect, frame_bytes
from runs.analysis.packets.info import info_lines, protocol_words
from runs.analysis.parsers import capture
from runs.analysis.source import Source
from tests.filters.captures import ipv4, udp
from tests.packets.test_capture import pcap

DATA = Path(__file__).parent / "data"


def facts_of(name: str, kind: str) -> list[Any]:
    return [fact for fact in capture.parse(Source(DATA / name, name)).facts if type(fact).__name__ == kind]


def test_the_layers_of_a_tunnelled_frame() -> None:
    read = read_capture(DATA / "ipv4-in-ipv6.pcap")
    data = frame_bytes(DATA / "ipv4-in-ipv6.pcap", read.packets, 22)
    layers = dissect(data, 1)
    assert [layer.name for layer in layers][:4] == ["Ethernet", "IPv6", "IPv4", "TCP"]
    ports = {field.name: field for field in layers[3].fields}
    assert data[ports["Source port"].offset :][:2] == (80).to_bytes(2, "big")
    assert all(field.offset + field.length <= len(data) for layer in layers for field in layer.fields)


def test_an_error_shows_the_packet_it_quotes() -> None:
    read = read_capture(DATA / "syn-ack-rejected-by-icmp.pcap")
    layers = dissect(frame_bytes(DATA / "syn-ack-rejected-by-icmp.pcap", read.packets, 3), 113)
    assert [layer.name for layer in layers] == ["Linux cooked v1", "IPv4", "ICMP", "IPv4", "TCP"]


def test_bytes_of_a_frame_in_a_compressed_capture() -> None:
    read = read_capture(DATA / "http.pcap.gz")
    assert b"GET / HTTP/1.1" in frame_bytes(DATA / "http.pcap.gz", read.packets, 12)


def test_the_line_about_a_frame() -> None:
    read = read_capture(DATA / "no-response-keep-alive.pcap")
    lines = info_lines(read.packets, read.conversations, read.addresses, range(7))
    assert lines[0] == "54268 → 9080 [SYN] Seq=0 Win=65495 Len=0"
    assert lines[3] == "54268 → 9080 [PSH, ACK] Seq=1 Ack=1 Win=65536 Len=116"
    assert lines[6].startswith("[TCP Keep-Alive ACK] 54268 → 9080 [ACK] Seq=117 Ack=1")


def test_an_icmp_error_knows_its_conversation_and_how_far_the_packet_came() -> None:
    errors = facts_of("syn-ack-rejected-by-icmp.pcap", "IcmpError")
    assert len(errors) == 7
    first = errors[0]
    assert (first.icmp_type, first.icmp_code, first.sender) == (3, 10, "172.20.2.1")
    assert (first.quoted_frame, first.original_ttl, first.quoted_ttl, first.conversation_stream) == (2, 64, 62, 0)


def test_dns_tls_and_http_facts() -> None:
    queries = facts_of("dns-and-tls-alerts.pcap", "CapturedQuery")
    assert {"NOERROR", "NXDOMAIN"} <= {query.rcode for query in queries}
    assert any(not query.response_frame for query in queries)
    handshakes = facts_of("dns-and-tls-alerts.pcap", "TlsHandshake")
    assert handshakes
    assert any(handshake.server_name for handshake in handshakes)
    exchanges = facts_of("http.pcap.gz", "HttpExchange")
    assert {200, 404} <= {exchange.status for exchange in exchanges}


def test_two_macs_for_one_address() -> None:
    assert any(len(fact.macs) == 2 for fact in facts_of("two-macs-one-address.pcap", "ArpResolution"))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([0, 1, 9, 101, 105, 113, 127, 258, 276, 999]), st.binary(max_size=200))
def test_any_bytes_give_layers(linktype: Any, data: Any) -> None:
    for layer in dissect(data, linktype):
        assert layer.offset >= 0
        assert layer.length >= 0


def test_echo_requests_and_replies_name_each_other() -> None:
    read = read_capture(DATA / "ipv4-in-ipv6.pcap")
    lines = info_lines(read.packets, read.conversations, read.addresses, range(len(read.packets)))
    said = [(n + 1, line) for n, line in enumerate(lines) if line.startswith("Echo")]
    by_frame = dict(said)
    pairs = [(n, int(line.rpartition("reply in ")[2].rstrip(")"))) for n, line in said if "reply in" in line]
    assert len(pairs) >= 5
    for request, reply in pairs:
        assert by_frame[reply].endswith(f"(request in {request})")
    assert any(", seq=1/256, ttl=" in line for _, line in said)
    assert any(", seq=1, hop limit=" in line for _, line in said)


def test_a_request_without_a_reply_says_so() -> None:
    def echo(number: int, *, reply: bool = False) -> bytes:
        ends = ("192.0.2.2", "192.0.2.1") if reply else ("192.0.2.1", "192.0.2.2")
        return ipv4(struct.pack(">BBHHH", 0 if reply else 8, 0, 0, 7, number), 1, *ends)

    frames = [echo(1), echo(1, reply=True), echo(2), echo(3), echo(3), echo(3, reply=True)]
    read = read_capture(pcap([(1, n, frame) for n, frame in enumerate(frames)], linktype=101))
    words = [echo_words(read.packets, read.conversations, row) for row in range(6)]
    assert words == ["reply in 2", "request in 1", "no response found!", "no response found!", "reply in 6", "request in 5"]


@pytest.mark.parametrize(
    ("ports", "name"),
    [((53, 4000), "DNS"), ((4000, 53), "DNS"), ((68, 67), "DHCP"), ((67, 67), "DHCP"), ((67, 4000), "UDP"), ((546, 547), "DHCPv6"),
     ((5353, 5353), "MDNS"), ((4000, 123), "NTP"), ((4000, 4001), "UDP")],
)  # fmt: skip
def test_datagrams_are_named_by_their_ports(ports: tuple[int, int], name: str) -> None:
    read = read_capture(pcap([(1, 1, ipv4(udp(*ports, b"x"), 17, "192.0.2.1", "192.0.2.2"))], linktype=101))
    assert protocol_words(read.packets, 0) == name
