"""Upper layers as fields of an opened frame: neighbour discovery, DHCP, DHCPv6 with MAP-E, TLS hellos, ICMP; TCP options in the list's line."""

import struct
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.frame import Field, Layer, dissect, frame_bytes
from runs.analysis.packets.layer_words import layer_words
from runs.analysis.packets.upper.dhcp_fields import dhcp_fields, dhcpv6_fields
from runs.analysis.packets.upper.options import option_words
from runs.analysis.packets.upper.pages import told_options
from tests.filters.captures import ipv4, ipv6, udp

DATA = Path(__file__).parent / "data"
RAW = 101
MAC = b"\x02\0\0\0\0\x0a"


def last(packet: bytes) -> Layer:
    layers = dissect(packet, RAW)
    assert all(f.offset + f.length <= len(packet) for layer in layers for f in flat(layer.fields))
    return layers[-1]


def flat(fields: tuple[Field, ...]) -> list[Field]:
    return [one for field in fields for one in (field, *flat(field.children))]


def values(fields: tuple[Field, ...]) -> dict[str, str]:
    return {field.name: field.value for field in flat(fields)}


def icmp6(kind: int, body: bytes, code: int = 0) -> bytes:
    return ipv6(struct.pack(">BBH", kind, code, 0) + body, 58, "fe80::1", "ff02::1")


def test_solicitation_and_advertisement_name_target_and_link_address() -> None:
    target = ip_address("2001:db8::7").packed
    asked = last(icmp6(135, bytes(4) + target + b"\x01\x01" + MAC))
    assert (values(asked.fields)["Target"], values(asked.fields)["Source link-layer address"]) == (
        "2001:db8::7",
        "02:00:00:00:00:0a",
    )
    said = values(last(icmp6(136, b"\x60\0\0\0" + target + b"\x02\x01" + MAC)).fields)
    assert (said["Message"], said["Flags"]) == ("Neighbor Advertisement", "0x60 (solicited, override)")
    assert said["Target link-layer address"] == "02:00:00:00:00:0a"


def test_a_router_advertisement_names_prefix_mtu_lifetime_route_and_servers() -> None:
    prefix = struct.pack(">BBBBIII", 3, 4, 64, 0xC0, 86400, 0xFFFFFFFF, 0) + ip_address("2001:db8:1::").packed
    mtu, route = struct.pack(">BBHI", 5, 1, 0, 1280), struct.pack(">BBBBI", 24, 2, 48, 0, 600) + b"\x20\x01\x0d\xb8\0\x02\0\0"
    servers = struct.pack(">BBHI", 25, 3, 0, 1200) + ip_address("2001:db8::53").packed
    packet = icmp6(134, b"\x40\x88" + struct.pack(">HII", 1800, 0, 0) + prefix + mtu + route + servers)
    said = values(last(packet).fields)
    assert (said["Hop limit"], said["Flags"], said["Router lifetime"]) == ("64", "0x88 (managed, preference high)", "1800 s")
    assert said["Prefix"] == "2001:db8:1::/64 (on-link, autonomous, valid 86400 s, preferred infinite)"
    assert (said["MTU"], said["Route"]) == ("1280", "2001:db8:2::/48 (lifetime 600 s)")
    assert said["DNS servers"] == "2001:db8::53 (lifetime 1200 s)"
    assert layer_words(last(packet)) == "Router Advertisement"


def test_icmp_says_what_its_type_has() -> None:
    echo = last(ipv4(struct.pack(">BBHHH", 8, 0, 0, 77, 3) + b"data", 1, "192.0.2.1", "192.0.2.2"))
    assert echo.name == "Data"
    layers = dissect(ipv4(struct.pack(">BBHHH", 3, 4, 0, 0, 1280), 1, "192.0.2.1", "192.0.2.2"), RAW)
    assert values(layers[-1].fields)["MTU of the next hop"] == "1280"
    assert layer_words(layers[-1]) == "Destination unreachable (Fragmentation needed)"
    assert values(last(icmp6(2, struct.pack(">I", 1400))).fields)["MTU"] == "1400"


def dhcp(*options: bytes) -> bytes:
    head = struct.pack(">BBBBIHH", 2, 1, 6, 0, 0xDEADBEEF, 0, 0x8000)
    return head + bytes(4) + b"\xc0\0\x02\x0a" + bytes(8) + MAC + bytes(202) + b"\x63\x82\x53\x63" + b"".join(options) + b"\xff"


def test_dhcp() -> None:
    payload = dhcp(
        b"\x35\x01\x05", b"\x36\x04\xc0\0\x02\x01", b"\x33\x04\0\0\x0e\x10", b"\x06\x08\xc0\0\x02\x35\xc0\0\x02\x36", b"\x0c\x03abc"
    )
    layer = last(ipv4(udp(67, 68, payload), 17, "192.0.2.1", "255.255.255.255"))
    said = values(layer.fields)
    assert (layer.name, said["Message type"], said["Your address"]) == ("DHCP", "ACK", "192.0.2.10")
    assert (said["Server"], said["Lease time"], said["DNS servers"]) == ("192.0.2.1", "3600 s", "192.0.2.53, 192.0.2.54")
    assert (said["Host name"], said["Client MAC"], said["Flags"]) == ("abc", "02:00:00:00:00:0a", "broadcast")


def option6(kind: int, value: bytes) -> bytes:
    return struct.pack(">HH", kind, len(value)) + value


def test_dhcpv6_opens_prefixes_and_map_e() -> None:
    prefix = option6(26, struct.pack(">IIB", 300, 600, 56) + ip_address("2001:db8:1:200::").packed)
    rule = option6(89, b"\x01\x10\x0f\xcb\0\x71\0\x20\x20\x01\x0d\xb8" + option6(93, b"\x06\x08\0\x34"))
    relay = option6(90, ip_address("2001:db8:ffff::1").packed)
    payload = b"\x07\x01\x02\x03" + option6(25, b"\0\0\0\x01" + struct.pack(">II", 100, 200) + prefix) + option6(94, rule + relay)
    layer = last(ipv6(udp(547, 546, payload), 17, "fe80::1", "fe80::2"))
    said = values(layer.fields)
    assert (layer.name, layer_words(layer), said["Transaction id"]) == ("DHCPv6", "REPLY", "0x010203")
    assert (said["Prefixes (IA_PD)"], said["Prefix"]) == ("IAID 0x00000001, T1 100 s, T2 200 s", "2001:db8:1:200::/56, valid 600 s")
    assert said["Mapping rule"] == "203.0.113.0/15, 2001:db8::/32, EA bits 16, forwarding"
    assert said["Port parameters"] == "offset 6, PSID length 8, PSID 0x0034"
    assert said["Border relay"] == "2001:db8:ffff::1"


def test_hellos_and_alerts_say_what_they_ask() -> None:
    path = DATA / "dns-and-tls-alerts.pcap"
    read = read_capture(path)
    opened = {n: values(dissect(frame_bytes(path, read.packets, n), 1)[-1].fields) for n in (41, 45, 68)}
    assert opened[41]["Server name"] == "www.corp.example"
    assert "TLS 1.2" in opened[41]["Versions offered"]
    assert opened[45]["Version"] == "TLS 1.2"
    assert opened[68]["Alert"] == "fatal, unknown_ca"


@pytest.mark.parametrize(
    ("options", "acknowledgment", "words"),
    [
        (b"\x02\x04\x05\xb4\x04\x02\x01\x03\x03\x07", 0, "MSS=1460 SACK_PERM WS=128"),
        (b"\x01\x01\x05\x0a" + struct.pack(">II", 1501, 2501), 1001, "SLE=501 SRE=1501"),
        (b"\x05\x0a" + struct.pack(">II", 1001, 1501), 2001, "SLE=1 SRE=501 D-SACK"),
        (b"\x05\x12" + struct.pack(">IIII", 3001, 3501, 3001, 4001), 2001, "SLE=2001 SRE=2501 SLE=2001 SRE=3001 D-SACK"),
        (b"\x05\x0a" + struct.pack(">II", 2**32 - 10, 490), 2**32 - 20, "SLE=4294966286 SRE=4294966786"),
        (b"\x08\x0a" + bytes(8), 0, ""),
        (b"\x05\x0a\0", 0, ""),
    ],
)  # fmt: skip
def test_options_in_a_line(options: bytes, acknowledgment: int, words: str) -> None:
    assert option_words(options, 1000, acknowledgment) == words


def test_options_of_a_capture() -> None:
    path = DATA / "no-response-keep-alive.pcap"
    read = read_capture(path)
    found = told_options(path, read.packets, read.conversations, range(8))
    assert found[0].startswith("MSS=65495 SACK_PERM WS=1024")
    assert set(found) == {0, 1}


@given(st.binary(max_size=300))
def test_no_bytes_break_them(data: bytes) -> None:
    option_words(data, 0, 0)
    for fields in (dhcpv6_fields(data, 10), dhcp_fields(bytes(236) + b"\x63\x82\x53\x63" + data, 10)):
        assert all(field.offset >= 10 for field in flat(fields))
    for packet in (ipv6(data, 58, "fe80::1", "fe80::2"), ipv6(b"\x86\0" + data, 58, "fe80::1", "fe80::2")):
        assert all(f.offset + f.length <= len(packet) for layer in dissect(packet, RAW) for f in flat(layer.fields))
