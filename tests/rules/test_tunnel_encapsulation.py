"""`tunnel_encapsulation`: read from frames of a real capture, made byte by byte."""

import struct
from ipaddress import ip_address

import msgspec

from runs.analysis.packets.schema import ACK, SYN
from tests.analysis.bundles import parsed_bytes
from tests.kit import Run, Talk, english, places
from tests.packets.crafted import Segment, frame_of

RULE = "tunnel_encapsulation"
A, B = "2001:db8:1::2", "2001:db8:9::64"
SEGMENTS = [
    Segment(0, 100, flags=SYN),
    Segment(1, 500, 101, flags=SYN | ACK),
    Segment(0, 101, 501),
    Segment(0, 101, 501, b"x" * 40),
]
LIMIT = bytes([4, 0, 4, 1, 4, 1, 1, 0])  # destination options: tunnel encapsulation limit 4, padding (RFC 2473, 4.1)


def capture(options: bytes = b"", gre: bytes = b"") -> Run:
    """The segments in IPv6; `gre`: a header that every second of them has in front."""
    body = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
    for number, segment in enumerate(SEGMENTS):
        plain = frame_of(segment)
        ends = (A, B) if segment.side == 0 else (B, A)
        is_gre = bool(gre) and number % 2 == 1
        inner = (gre if is_gre else options) + plain[14:]
        outer = struct.pack(">IHBB", 6 << 28, len(inner), 47 if is_gre else 60 if options else 4, 64) + b"".join(
            ip_address(e).packed for e in ends
        )
        frame = plain[:12] + b"\x86\xdd" + outer + inner
        body += struct.pack("<IIII", 1_700_000_000, number * 1_000, len(frame), len(frame)) + frame
    file, tables = parsed_bytes("wan.pcap", body)
    run = Run()
    run.tables.add("wan.pcap", tables)
    assert file.result is not None
    return run.add("wan.pcap", *(msgspec.structs.replace(f) for f in file.result.located("wan.pcap")), kind="capture")


def test_ipv4_in_ipv6_costs_its_header() -> None:
    (found,) = capture().found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "certain")
    assert found.subject == {"a": A, "b": B, "protocol": "IPv4"}
    assert "MTU of 1,460" in english(found.title)
    assert places(found.statements) == {"wan.pcap": ((1, 2, 3), ())}


def test_options_of_the_outer_header_are_counted() -> None:
    (found,) = capture(LIMIT).found(RULE)
    assert "MTU of 1,452" in english(found.title)
    assert any("options of 8" in english(s.text) for s in found.statements)


def test_two_encapsulations_of_the_same_ends_are_two_findings() -> None:
    found = capture(gre=bytes([0, 0, 8, 0])).found(RULE)
    assert [(f.subject["protocol"], english(f.title).partition("MTU of ")[2][:5]) for f in found] == [
        ("IPv4", "1,460"),
        ("GRE", "1,456"),
    ]


def test_plain_traffic_is_silent() -> None:
    assert Run().capture("a.pcap", Talk().opens().request().answer().closes()).ask(RULE) == []


def test_not_evaluable_without_a_capture() -> None:
    assert Run().add("note.md").unknown(RULE)[0].collect
