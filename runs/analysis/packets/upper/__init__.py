"""Upper layers, by dpkt: what the payloads of the frames that matter say, one protocol a file."""

from collections.abc import Iterator

from runs.analysis.packets.upper.dhcp_fields import dhcp_fields, dhcpv6_fields
from runs.analysis.packets.upper.tree import Field, Layer
from runs.analysis.packets.upper.words import dns_fields, http_fields, tls_fields

MAX_TEXT_BYTES = 8_192
DHCP_PORTS, DHCPV6_PORTS = 67 << 16 | 68, 546 << 16 | 547


def payload_layers(data: bytes, at: int, end: int, ports: int) -> Iterator[Layer]:
    """The layers in a TCP or UDP payload, data[at:end]. `ports`: of UDP the lower << 16 | the higher one."""
    payload = data[at:end]
    if not payload:
        return
    if ports == DHCP_PORTS and (found := dhcp_fields(payload, at)):
        yield Layer("DHCP", at, len(payload), found)
    elif ports == DHCPV6_PORTS and (found := dhcpv6_fields(payload, at)):
        yield Layer("DHCPv6", at, len(payload), found)
    elif ports >> 16 in (53, 5353):
        yield Layer("DNS", at, len(payload), dns_fields(payload, at))
    elif payload[:1] in (b"\x14", b"\x15", b"\x16", b"\x17") and payload[1:2] == b"\x03":
        yield Layer("TLS", at, len(payload), tls_fields(payload, at))
    elif fields := http_fields(payload[:MAX_TEXT_BYTES], at):
        yield Layer("HTTP", at, len(payload), fields)
    else:
        yield Layer("Data", at, len(payload), (Field("Length", f"{len(payload)} bytes", at, len(payload)),))
