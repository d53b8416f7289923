"""DHCPv4 (RFC 2131) and DHCPv6 (RFC 8415) messages."""

from collections.abc import Iterator

import dpkt
import numpy as np

from runs.analysis.facts.dhcp_capture import DhcpMessage
from runs.analysis.packets.schema import UDP
from runs.analysis.packets.upper.view import View

TYPES_V4 = {1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM"}
TYPES_V6 = {
    1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST", 4: "CONFIRM", 5: "RENEW", 6: "REBIND", 7: "REPLY", 8: "RELEASE", 9: "DECLINE",
    10: "RECONFIGURE", 11: "INFORMATION-REQUEST", 12: "RELAY-FORW", 13: "RELAY-REPL",
}  # fmt: skip
PORTS = (67, 68, 546, 547)


def dhcp_messages(view: View) -> Iterator[DhcpMessage]:
    """The DHCP messages of a capture."""
    packets = view.packets
    is_dhcp = (packets["protocol"] == UDP) & np.isin(packets["source_port"], PORTS) & np.isin(packets["destination_port"], PORTS)
    for row, payload in view.payloads(view.first(is_dhcp)):
        version = int(packets["ip_version"][row])
        read = _v6(payload) if version == 6 else _v4(payload)
        if read is not None:
            source, destination = view.ends(row)
            yield DhcpMessage(
                frame=row + 1, ts_ns=view.ts_ns(row), version=version, kind=read[0], transaction=read[1],
                source=source.address, destination=destination.address,
            )  # fmt: skip


def _v4(payload: bytes) -> tuple[str, int] | None:
    try:
        message = dpkt.dhcp.DHCP(payload)
        kind = next((value[0] for code, value in message.opts if code == 53 and value), 0)
    except Exception:  # noqa: BLE001  # dpkt raises what it likes for a damaged message; it is none then
        return None
    return TYPES_V4.get(kind, f"type {kind}"), int(message.xid)


def _v6(payload: bytes) -> tuple[str, int] | None:
    if len(payload) < 4:
        return None
    return TYPES_V6.get(payload[0], f"type {payload[0]}"), int.from_bytes(payload[1:4], "big")
