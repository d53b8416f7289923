"""Link layers and tunnels, one frame of each: the datagram inside is found wherever it stands, and tunnel and conversation know each other."""

import struct
from typing import Any

import numpy as np
import pytest

from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.conversations import conversation_facts, frames_of
from runs.analysis.packets.frame import dissect
from runs.analysis.packets.link import PKTAP, USER2_PKTAP
from runs.analysis.packets.schema import GRE, IPIP, IPV6, UDP, column
from tests.filters.captures import ipv4, ipv6, udp
from tests.packets.test_capture import pcap

MACS = b"\x02\0\0\0\0\x0b\x02\0\0\0\0\x0a"
IN4 = ipv4(udp(1111, 2222, b"hello"), UDP, "192.0.2.1", "192.0.2.2")
IN6 = ipv6(udp(1111, 2222, b"hello"), UDP, "2001:db8::1", "2001:db8::2")
ETHER, TAGGED = MACS + b"\x08\0" + IN4, MACS + b"\x81\0\0\x2a\x08\0" + IN4
A4, B4, A6, B6 = "10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"


def pktap(linktype: int, frame: bytes) -> bytes:
    """A PKTAP header of 108 bytes, as macOS writes them, before a frame of another link type."""
    return struct.pack("<III", 108, 1, linktype) + b"en0".ljust(24, b"\0") + bytes(72) + frame


def wlan(control: int, flags: int, header: int) -> bytes:
    return bytes([control, flags]) + bytes(header - 2) + SNAP + IN4


LINKS: dict[str, tuple[int, bytes]] = {
    "Ethernet": (1, ETHER),
    "VLAN": (1, TAGGED),
    "QinQ": (1, MACS + b"\x88\xa8\0\x64\x81\0\0\x2a\x08\0" + IN4),
    "QinQ, old ethertype": (1, MACS + b"\x91\0\0\x64\x81\0\0\x2a\x86\xdd" + IN6),
    "PPPoE": (1, MACS + b"\x88\x64\x11\0\0\x07" + struct.pack(">H", 2 + len(IN4)) + b"\0\x21" + IN4),
    "PPPoE, IPv6, tagged": (1, MACS + b"\x81\0\0\x2a\x88\x64\x11\0\0\x07" + struct.pack(">H", 2 + len(IN6)) + b"\0\x57" + IN6),
    "802.3 with SNAP": (1, MACS + struct.pack(">H", 8 + len(IN4)) + SNAP + IN4),
    "MPLS": (1, MACS + b"\x88\x47\0\x01\0\x40\0\x02\x01\x40" + IN4),
    "PPP": (9, b"\xff\x03\0\x21" + IN4),
    "PPP, compressed": (9, b"\x21" + IN4),
    "PPP over serial": (50, b"\xff\x03\0\x57" + IN6),
    "raw IPv4": (101, IN4),
    "raw IPv6": (101, IN6),
    "raw, BSD's number": (12, IN4),
    "IPv4 only": (228, IN4),
    "IPv6 only": (229, IN6),
    "Linux cooked": (113, bytes(14) + b"\x08\0" + IN4),
    "Linux cooked, tagged": (113, bytes(14) + b"\x81\0\0\x2a\x86\xdd" + IN6),
    "Linux cooked v2": (276, b"\x86\xdd" + bytes(18) + IN6),
    "PKTAP, Ethernet": (PKTAP, pktap(1, ETHER)),
    "PKTAP, loopback": (PKTAP, pktap(0, b"\x1e\0\0\0" + IN6)),
    "PKTAP, raw": (USER2_PKTAP, pktap(12, IN4)),
    "802.11": (105, wlan(0x08, 0x01, 24)),
    "802.11 with QoS": (105, wlan(0x88, 0x02, 26)),
    "802.11 between access points": (105, wlan(0x08, 0x03, 30)),
    "802.11 with radiotap": (127, b"\0\0\x0c\0" + bytes(8) + wlan(0x88, 0x01, 26)),
}
for family in (10, 23, 24, 28, 30):  # AF_INET6 of Linux, and of NetBSD, FreeBSD, macOS and Windows
    LINKS |= {f"loopback {family}, little-endian": (0, struct.pack("<I", family) + IN6)}
    LINKS |= {f"loopback {family}, big-endian": (0, struct.pack(">I", family) + IN6)}
    LINKS |= {f"LOOP {family}": (108, struct.pack(">I", family) + IN6)}
LINKS |= {"loopback, IPv4, big-endian": (0, struct.pack(">I", 2) + IN4), "LOOP, IPv4": (108, struct.pack(">I", 2) + IN4)}


def gre(protocol: int, inside: bytes, flags: int = 0, words: bytes = b"") -> bytes:
    return struct.pack(">HH", flags, protocol) + words + inside


def vxlan(frame: bytes, port: int = 4789, head: bytes = b"\x08\0\0\0\0\x12\x34\0") -> bytes:
    return udp(50_001, port, head + frame)


TUNNELS: dict[str, tuple[bytes, int, str]] = {  # the packet, IP protocol of the outer header, name of the carrying conversation
    "IPv4 in IPv6": (ipv6(IN4, IPIP, A6, B6), IPIP, "ipip"),
    "IPv6 in IPv6": (ipv6(IN6, IPV6, A6, B6), IPV6, "ipv6"),
    "IPv6 in IPv4": (ipv4(IN6, IPV6, A4, B4), IPV6, "ipv6"),
    "IPv4 in IPv4": (ipv4(IN4, IPIP, A4, B4), IPIP, "ipip"),
    "with an encapsulation limit": (ipv6(b"\x04\0\x04\x01\x04\x01\0\0" + IN4, 60, A6, B6), IPIP, "ipip"),
    "GRE": (ipv4(gre(0x0800, IN4), GRE, A4, B4), GRE, "gre"),
    "GRE, key and sequence": (ipv6(gre(0x86DD, IN6, 0x3000, bytes(8)), GRE, A6, B6), GRE, "gre"),
    "GRE, Ethernet": (ipv4(gre(0x6558, TAGGED, 0x2000, bytes(4)), GRE, A4, B4), GRE, "gre"),
    "VXLAN": (ipv4(vxlan(ETHER), UDP, A4, B4), UDP, "vxlan"),
    "VXLAN over IPv6, tagged": (ipv6(vxlan(TAGGED), UDP, A6, B6), UDP, "vxlan"),
    "VXLAN on Linux' old port": (ipv4(vxlan(ETHER, 8472), UDP, A4, B4), UDP, "vxlan"),
    "VXLAN with IPv6 in IPv4": (ipv4(vxlan(MACS + b"\x08\0" + ipv4(IN6, IPV6, "172.16.0.1", "172.16.0.2")), UDP, A4, B4), UDP, "vxlan"),
}  # fmt: skip


def read(linktype: int, *frames: bytes) -> CaptureRead:
    return read_capture(pcap([(1_700_000_000, n, frame) for n, frame in enumerate(frames)], linktype=linktype))


def selected(text: str, data: bytes, found: CaptureRead) -> list[int]:
    node = parse(text)
    assert node is not None
    linktypes = [interface.linktype for interface in found.capture.interfaces]
    return (np.flatnonzero(select(node, Frames(found.packets, found.addresses, linktypes, data))) + 1).tolist()


@pytest.mark.parametrize("name", LINKS)
def test_the_datagram_of_each_link_layer_is_found(name: Any) -> None:
    linktype, frame = LINKS[name]
    found = read(linktype, frame)
    assert found.problems == ()
    assert (found.packets["source_port"].tolist(), found.packets["destination_port"].tolist()) == ([1111], [2222])
    assert found.packets["payload_length"].tolist() == [5]
    (conversation,) = conversation_facts(found.conversations, found.addresses, "x")
    assert str(conversation.originator) in ("192.0.2.1:1111", "[2001:db8::1]:1111")
    assert [layer.name for layer in dissect(frame, linktype)][-2:] == ["UDP", "Data"]


def test_tags_are_told_apart() -> None:
    found = read(1, LINKS["QinQ"][1], LINKS["VLAN"][1])
    assert column(found.packets, "vlan_count").tolist() == [2, 1]
    assert column(found.packets, "vlan").tolist() == [100, 42]
    assert column(found.packets, "inner_vlan").tolist() == [42, 0]


def test_encrypted_and_management_frames_of_wlan_are_no_packets() -> None:
    found = read(105, wlan(0x08, 0x41, 24), b"\x80\0" + bytes(40), b"\x08")
    assert found.packets["ip_version"].tolist() == [0, 0, 0]
    assert len(found.conversations) == 0


@pytest.mark.parametrize("name", TUNNELS)
def test_a_tunnel_and_what_it_carries_know_each_other(name: Any) -> None:
    packet, protocol, carrier = TUNNELS[name]
    found = read(101, packet)
    outer, inner = sorted(conversation_facts(found.conversations, found.addresses, "x"), key=lambda c: c.outer is not None)
    assert (outer.protocol, inner.outer) == (carrier, outer.id)
    assert {outer.originator.address, outer.responder.address} in ({A4, B4}, {A6, B6})
    assert (inner.originator.port, inner.responder.port, inner.payload_bytes) == (1111, 2222, (5, 0))
    assert column(found.packets, "outer_protocol").tolist() == [protocol]
    for row in (outer.row, inner.row):
        assert frames_of(found.packets, found.conversations, row).tolist() == [0]
    names = [layer.name for layer in dissect(packet, 101)]
    assert names[-2:] == ["UDP", "Data"]
    assert ("VXLAN" in names) == (carrier == "vxlan")


@pytest.mark.parametrize("name", TUNNELS)
def test_inner_words_see_through_and_others_read_the_outermost(name: Any) -> None:
    packet, protocol, _ = TUNNELS[name]
    data = pcap([(1_700_000_000, 0, packet)], linktype=101)
    found = read_capture(data)
    assert selected("inner (udp port 2222)", data, found) == [1]
    assert selected("inner (udp[0:2] = 1111)", data, found) == [1]
    assert selected("inner (ip[0] & 0xf0 = 0x40 or ip6[0] & 0xf0 = 0x60)", data, found) == [1]
    assert selected("port 2222", data, found) == []
    assert selected(f"host {A4} or host {A6}", data, found) == [1]
    assert selected("udp port 4789 or udp port 8472", data, found) == ([1] if protocol == UDP else [])


def test_what_only_looks_like_vxlan_is_a_datagram() -> None:
    looks = [
        vxlan(ETHER, 8472, b"\x08\0\0\x01\0\x12\x34\0"),
        vxlan(ETHER, 4789, b"\0\0\0\0\0\x12\x34\0"),
        vxlan(ETHER[:13]),
        vxlan(MACS + b"\x08\x06" + bytes(28)),
        udp(4789, 50_001, b"\x08\0\0\0\0\x12\x34\0" + ETHER),
    ]
    found = read(101, *(ipv4(one, UDP, A4, B4) for one in looks))
    assert not column(found.packets, "outer_ip_version").any()
    assert set(found.packets["protocol"].tolist()) == {UDP}


def test_tunnel_ends_are_one_conversation_whatever_their_ports() -> None:
    packets = [ipv4(udp(port, 4789, b"\x08\0\0\0\0\0\x01\0" + ETHER), UDP, A4, B4) for port in (50_001, 50_002, 50_003)]
    facts = conversation_facts(*(lambda r: (r.conversations, r.addresses))(read(101, *packets)), "x")
    assert sorted((fact.protocol, sum(fact.frames)) for fact in facts) == [("udp", 3), ("vxlan", 3)]
