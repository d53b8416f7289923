"""Small captures of many kinds of frames, for filters: built here, frame by frame, so that nobody's traffic is in them."""

import struct
from ipaddress import ip_address
from pathlib import Path

DATA = Path(__file__).parent / "data"
MAC_A, MAC_B, BROADCAST, GROUP = b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b", b"\xff" * 6, b"\x01\0\x5e\0\0\x05"
SNAPLEN = 262_144


def ipv4(
    payload: bytes, protocol: int, source: str, destination: str, *, fragment: int = 0, options: bytes = b"", ttl: int = 64
) -> bytes:
    """An IPv4 packet; `fragment` is the flags and offset word."""
    length = 20 + len(options)
    head = struct.pack(">BBHHHBBH", 0x40 | length // 4, 0, length + len(payload), 7, fragment, ttl, protocol, 0)
    return head + ip_address(source).packed + ip_address(destination).packed + options + payload


def ipv6(payload: bytes, next_header: int, source: str, destination: str) -> bytes:
    """An IPv6 packet."""
    return (
        struct.pack(">IHBB", 6 << 28, len(payload), next_header, 64)
        + ip_address(source).packed
        + ip_address(destination).packed
        + payload
    )


def tcp(source: int, destination: int, flags: int, payload: bytes = b"", *, options: bytes = b"", sequence: int = 1000) -> bytes:
    """A TCP segment."""
    words = (20 + len(options)) // 4
    return struct.pack(">HHIIBBHHH", source, destination, sequence, 2000, words << 4, flags, 8192, 0, 0) + options + payload


def udp(source: int, destination: int, payload: bytes = b"") -> bytes:
    """A UDP datagram."""
    return struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload


def sctp(source: int, destination: int) -> bytes:
    """An SCTP packet with an empty chunk."""
    return struct.pack(">HHII", source, destination, 5, 0) + b"\0\0\0\4"


def icmp(kind: int, code: int, rest: bytes = b"\0\1\0\1") -> bytes:
    """An ICMP or ICMPv6 message."""
    return bytes((kind, code, 0, 0)) + rest


def arp(operation: int, sender: str, target: str) -> bytes:
    """An ARP or RARP packet."""
    return (
        struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + MAC_A + ip_address(sender).packed + bytes(6) + ip_address(target).packed
    )


def fragment6(next_header: int, offset: int, more: int, payload: bytes) -> bytes:
    """An IPv6 fragment header."""
    return struct.pack(">BBHI", next_header, 0, offset << 3 | more, 99) + payload


def options6(next_header: int, payload: bytes) -> bytes:
    """A hop-by-hop or destination options header of eight bytes."""
    return bytes((next_header, 0, 1, 4, 0, 0, 0, 0)) + payload


def ethernet(ethertype: int, payload: bytes, source: bytes = MAC_A, destination: bytes = MAC_B) -> bytes:
    """An Ethernet frame, padded as on the wire."""
    return (destination + source + struct.pack(">H", ethertype) + payload).ljust(60, b"\0")


def tags(ids: list[int], ethertype: int, payload: bytes, outer: int = 0x88A8) -> bytes:
    """An Ethernet frame with VLAN tags."""
    for place, id in reversed(list(enumerate(ids))):
        payload, ethertype = struct.pack(">HH", 0x2000 | id, ethertype) + payload, outer if place == 0 and len(ids) > 1 else 0x8100
    return ethernet(ethertype, payload)


A, B, C = "10.0.0.1", "10.0.0.2", "192.168.77.5"
A6, B6, C6 = "2001:db8::1", "2001:db8::2", "2001:db8:1:2::3"
SYN, ACK, PSH, FIN, RST = 2, 16, 8, 1, 4


def network_packets() -> list[tuple[int, bytes]]:
    """(ethertype, packet) of all kinds, for every link type."""
    timestamps = b"\x02\x04\x05\xb4\x01\x01\x08\x0a" + bytes(8)
    v4 = [
        ipv4(tcp(40000, 80, SYN, options=timestamps), 6, A, B),
        ipv4(tcp(80, 40000, SYN | ACK), 6, B, A),
        ipv4(tcp(40000, 80, ACK | PSH, b"GET / HTTP/1.1\r\n\r\n"), 6, A, B),
        ipv4(tcp(80, 40000, ACK | FIN, b"x" * 1400), 6, B, A),
        ipv4(tcp(40000, 80, RST), 6, A, B),
        ipv4(tcp(22, 50000, ACK, b"SSH-2.0-x"), 6, C, A, options=b"\x94\x04\0\0"),
        ipv4(tcp(443, 443, ACK), 6, A, C),
        ipv4(udp(53, 5353, b"query"), 17, C, "224.0.0.251"),
        ipv4(udp(68, 67, b"dhcp"), 17, "0.0.0.0", "255.255.255.255"),
        ipv4(udp(5000, 80, b"not web"), 17, A, B, ttl=1),
        ipv4(sctp(80, 2905), 132, A, C),
        ipv4(icmp(8, 0, b"\0\x50\0\1ping"), 1, A, B),
        ipv4(icmp(0, 0, b"\0\x50\0\1ping"), 1, B, A),
        ipv4(icmp(3, 1, bytes(4) + ipv4(udp(5000, 80), 17, A, B)), 1, B, A),
        ipv4(icmp(11, 0, bytes(4) + ipv4(tcp(40000, 80, SYN), 6, A, B)[:28]), 1, C, A),
        ipv4(b"\x16\0\0\0\xe0\0\0\x16", 2, A, "224.0.0.22", options=b"\x94\x04\0\0"),
        ipv4(tcp(40000, 80, ACK, b"first"), 6, A, B, fragment=0x2000),
        ipv4(b"later fragment looks like nothing", 6, A, B, fragment=0x2003),
        ipv4(struct.pack(">HH", 40000, 80) + b"last", 17, A, B, fragment=0x0005),
        ipv4(bytes(12), 50, A, C),
        ipv4(struct.pack(">BBHII", 6, 4, 0, 1, 1) + bytes(12) + tcp(40000, 80, ACK), 51, A, C),
        ipv4(bytes(16), 103, A, "224.0.0.13"),
        ipv4(b"\x21\1\x64\1\0\1\0\0", 112, A, "224.0.0.18"),
        ipv4(b"odd", 0, A, B),
        ipv4(ipv4(tcp(40000, 80, SYN), 6, "172.16.0.1", "172.16.0.2"), 4, A, C),
        ipv4(ipv6(tcp(40000, 443, SYN), 6, A6, B6), 41, A, C),
        ipv4(b"\0\0\x08\0" + ipv4(udp(5000, 53), 17, "172.16.0.1", "172.16.0.2"), 47, A, C),
        ipv4(b"\x20\0\x86\xdd\0\0\0\7" + ipv6(icmp(128, 0), 58, A6, B6), 47, A, C),
        b"\x44" + ipv4(tcp(40000, 80, ACK), 6, A, B)[1:],  # IHL below 5
        b"\x4f" + ipv4(tcp(40000, 80, ACK), 6, A, B)[1:],  # options that are not there
        ipv4(tcp(40000, 80, ACK), 6, A, B)[:30],
        ipv4(tcp(40000, 80, ACK)[:13] + b"", 6, A, B),
    ]
    v6 = [
        ipv6(tcp(40001, 80, SYN), 6, A6, B6),
        ipv6(tcp(80, 40001, SYN | ACK), 6, B6, A6),
        ipv6(udp(546, 547, b"dhcpv6"), 17, "fe80::1", "ff02::1:2"),
        ipv6(sctp(2905, 80), 132, A6, C6),
        ipv6(icmp(128, 0), 58, A6, B6),
        ipv6(icmp(129, 0), 58, B6, A6),
        ipv6(icmp(135, 0, bytes(4) + ip_address(B6).packed), 58, A6, "ff02::1:ff00:2"),
        ipv6(options6(58, icmp(143, 0)), 0, "fe80::1", "ff02::16"),
        ipv6(fragment6(6, 0, 1, tcp(40001, 80, ACK, b"first")), 44, A6, B6),
        ipv6(fragment6(6, 3, 0, b"later"), 44, A6, B6),
        ipv6(fragment6(58, 0, 0, icmp(128, 0)), 44, A6, C6),
        ipv6(options6(6, tcp(40001, 80, ACK)), 60, A6, C6),
        ipv6(options6(44, fragment6(17, 0, 0, udp(1, 53))), 0, A6, C6),
        ipv6(ipv4(tcp(40000, 80, SYN), 6, "192.0.2.1", "198.51.100.9"), 4, C6, B6),
        ipv6(ipv4(tcp(80, 40000, SYN | ACK), 6, "198.51.100.9", "192.0.2.1"), 4, B6, C6),
        ipv6(ipv4(icmp(8, 0), 1, "192.0.2.1", "198.51.100.9"), 4, C6, B6),
        ipv6(options6(4, ipv4(udp(5000, 53, b"q"), 17, "192.0.2.1", "198.51.100.9")), 60, C6, B6),
        ipv6(bytes(20), 59, A6, B6),
        ipv6(b"\0\0\x08\0" + ipv4(tcp(40000, 8080, ACK), 6, "172.16.0.1", "172.16.0.2"), 47, C6, B6),
        b"\x45" + ipv6(tcp(40001, 80, ACK), 6, A6, B6)[1:],  # version 4 behind IPv6's type
        ipv6(tcp(40001, 80, ACK), 6, A6, B6)[:50],
        ipv6(tcp(40001, 80, ACK), 6, A6, B6)[:33],
    ]
    return [(0x0800, p) for p in v4] + [(0x86DD, p) for p in v6]


def ethernet_frames() -> list[bytes]:
    """Ethernet with all of them, and what only Ethernet has."""
    frames = [ethernet(t, p) for t, p in network_packets()]
    request, answer = arp(1, A, B), arp(2, B, A)
    web, web6 = ipv4(tcp(40000, 80, ACK, b"tagged"), 6, A, B), ipv6(tcp(40001, 80, ACK), 6, A6, B6)
    frames += [
        ethernet(0x0806, request, destination=BROADCAST),
        ethernet(0x0806, answer),
        ethernet(0x8035, arp(3, A, B), destination=BROADCAST),
        ethernet(0x0806, arp(1, "0.0.0.0", C), destination=BROADCAST),
        ethernet(0x0806, b"\0\6" + request[2:]),
        ethernet(0x0806, request[:2] + b"\x08\x06" + request[4:]),
        ethernet(0x0806, request)[:36],
        ethernet(0x0800, ipv4(udp(5000, 5001), 17, A, "224.0.0.5"), destination=GROUP),
        ethernet(0x88CC, b"\2\7\4" + MAC_A + bytes(20), destination=b"\x01\x80\xc2\0\0\x0e"),
        ethernet(0x88CC, b"\2\7\4" + bytes(26)),
        ethernet(0x9000, bytes(46)),
        tags([100], 0x0800, web),
        tags([100], 0x86DD, web6),
        tags([200], 0x0806, request),
        tags([100, 200], 0x0800, web),
        tags([100, 200, 300], 0x86DD, web6),
        tags([7], 0x0800, web, outer=0x9100),
        tags([7, 8], 0x0800, web, outer=0x9100),
        tags([7, 8], 0x0800, web, outer=0x9200),
        ethernet(0x9200, b"\0\7\x08\0" + web),
        tags([5], 0x0800, ipv4(ipv4(web, 4, A, B), 4, A, C)),
        tags([5], 0x0800, web)[:16],
        tags([5], 0x0800, web)[:24],
        ethernet(0x8864, b"\x11\0\0\1" + struct.pack(">H", len(web) + 2) + b"\0\x21" + web),
        ethernet(0x8863, b"\x11\x09\0\0\0\0"),
        ethernet(0x8847, b"\0\1\1\x40" + web),
        ethernet(len(web) + 8, b"\xaa\xaa\3\0\0\0\x08\0" + web),
        ethernet(38, b"\x42\x42\3" + bytes(35), destination=b"\x01\x80\xc2\0\0\0"),
        ethernet(40, b"\xaa\xaa\3\0\0\0\x80\xf3" + bytes(30)),
        ethernet(0x80F3, bytes(40)),
        ethernet(40, b"\xfe\xfe\3" + bytes(36)),
        ethernet(0x0800, struct.pack(">BBH", 0x45, 0, 0x0800) + web[4:]),
        ethernet(0, b""),
        MAC_B + MAC_A + b"\x08",
        b"\x02",
        b"",
    ]  # fmt: skip
    return frames


def pcap(frames: list[bytes], linktype: int, *, snaplen: int = SNAPLEN, order: str = "<") -> bytes:
    """A pcap file; frames longer than `snaplen` are cut."""
    made = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, linktype)
    for number, frame in enumerate(frames):
        kept = frame[:snaplen]
        made += struct.pack(order + "IIII", 1_700_000_000 + number // 10, number % 10 * 1000, len(kept), len(frame)) + kept
    return made


def pcapng(sections: list[tuple[int, list[bytes]]]) -> bytes:
    """A pcapng file with an interface of each link type, their frames one after the other."""

    def block(kind: int, body: bytes) -> bytes:
        body = body.ljust(-(-len(body) // 4) * 4, b"\0")
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    made = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    made += b"".join(block(1, struct.pack("<HHI", linktype, 0, SNAPLEN)) for linktype, _ in sections)
    for number, (_, frames) in enumerate(sections):
        made += b"".join(block(6, struct.pack("<IIIII", number, 0, n, len(f), len(f)) + f) for n, f in enumerate(frames, 1))
    return made


def all_captures() -> dict[str, bytes]:
    """The captures by file name."""
    packets, frames = network_packets(), ethernet_frames()
    sll = [struct.pack(">HHH8sH", n % 5, 1, 6, MAC_A, t) + p for n, (t, p) in enumerate(packets)]
    sll.append(struct.pack(">HHH8sH", 1, 1, 6, MAC_A, 0x0806) + arp(1, A, B))
    sll2 = [struct.pack(">HHIHBB8s", t, 0, 2, 1, n % 5, 6, MAC_A) + p for n, (t, p) in enumerate(packets)]
    family6 = [30, 24, 28, 10]
    null = [struct.pack("<I", 2 if t == 0x0800 else family6[n % 4]) + p for n, (t, p) in enumerate(packets)]
    null += [struct.pack(">I", 2) + packets[0][1], b"\2\0"]
    loop = [struct.pack(">I", 2 if t == 0x0800 else 24) + p for t, p in packets] + [struct.pack("<I", 2) + packets[0][1]]
    raw = [p for _, p in packets] + [b"", b"\x55" * 30]
    ppp = [b"\xff\x03" + (b"\0\x21" if t == 0x0800 else b"\0\x57") + p for t, p in packets]
    ppp += [b"\xff\x03\xc0\x21" + bytes(8), b"\0\x21" + packets[0][1], b"\x21" + packets[0][1]]
    return {
        "ethernet.pcap": pcap(frames, 1),
        "ethernet_cut_34.pcap": pcap(frames, 1, snaplen=34),
        "ethernet_cut_40.pcap": pcap(frames, 1, snaplen=40),
        "ethernet_cut_54.pcap": pcap(frames, 1, snaplen=54),
        "ethernet_cut_60.pcap": pcap(frames, 1, snaplen=60),
        "ethernet_big_endian.pcap": pcap(frames[:20], 1, order=">"),
        "ethernet.pcapng": pcapng([(1, frames[20:60])]),
        "sll.pcap": pcap(sll, 113),
        "sll2.pcap": pcap(sll2, 276),
        "null.pcap": pcap(null, 0),
        "null_big_endian.pcap": pcap([f[:4][::-1] + f[4:] for f in null], 0, order=">"),
        "loop.pcap": pcap(loop, 108),
        "raw.pcap": pcap(raw, 101),
        "raw_ipv4.pcap": pcap(raw, 228),
        "raw_ipv6.pcap": pcap(raw, 229),
        "ppp.pcap": pcap(ppp, 9),
        "ppp_hdlc.pcap": pcap(ppp, 50),
    }


def write_all() -> None:
    """Write them beside the tests."""
    DATA.mkdir(exist_ok=True)
    for name, data in all_captures().items():
        (DATA / name).write_bytes(data)


if __name__ == "__main__":
    write_all()
