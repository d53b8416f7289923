"""Single frames: layers with their places, the line about them, and the upper layers' facts."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.frame import dissect, frame_bytes
from runs.analysis.packets.info import info_lines
from runs.analysis.parsers import capture
from runs.analysis.source import Source

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
