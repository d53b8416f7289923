"""ICMP errors (RFC 792, RFC 4443): the quoted packet, its conversation, and the very frame that was quoted."""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

import numpy as np

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.conversations import frames_of, protocol_name
from runs.analysis.packets.schema import ICMP, ICMPV6, TCP, UDP, column
from runs.analysis.packets.upper.view import View

_ERRORS_V4 = (3, 4, 5, 11, 12)
_ERRORS_V6 = (1, 2, 3, 4)
_EXTENSIONS_V6 = (0, 43, 44, 60)
MAX_SEARCHED = 100_000  # frames of a conversation among which the quoted one is looked for

Key = tuple[int, frozenset[tuple[str, int]]]


class Quoted(NamedTuple):
    """The quoted packet's headers."""

    protocol: int
    source: str
    destination: str
    source_port: int
    destination_port: int
    ttl: int
    ip_id: int
    sequence: int | None


def read_quoted(data: bytes) -> Quoted | None:
    """The packet quoted in an error's body; None where too little of it is there."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        source, destination = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20]))
        protocol, ttl, ip_id, body = data[9], data[8], int.from_bytes(data[4:6], "big"), data[(data[0] & 15) * 4 :]
    elif len(data) >= 40 and data[0] >> 4 == 6:
        source, destination = str(IPv6Address(data[8:24])), str(IPv6Address(data[24:40]))
        protocol, ttl, ip_id, body = data[6], data[7], 0, data[40:]
        for _ in range(8):
            if protocol not in _EXTENSIONS_V6 or len(body) < 8:
                break
            protocol, body = body[0], body[8 if protocol == 44 else (body[1] + 1) * 8 :]
    else:
        return None
    ports, sequence = (0, 0), None
    if protocol in (TCP, UDP) and len(body) >= 4:
        ports = struct.unpack_from(">HH", body)
        sequence = int.from_bytes(body[4:8], "big") if protocol == TCP and len(body) >= 8 else None
    elif protocol in (ICMP, ICMPV6) and len(body) >= 6:
        ports = (int.from_bytes(body[4:6], "big"),) * 2
    return Quoted(protocol, source, destination, ports[0], ports[1], ttl, ip_id, sequence)


def icmp_errors(view: View) -> Iterator[IcmpError]:
    """The ICMP errors of a capture."""
    protocol, kind = view.packets["protocol"], column(view.packets, "icmp_type")
    is_v4, is_v6 = protocol == ICMP, protocol == ICMPV6
    rows = view.first((is_v4 & np.isin(kind, _ERRORS_V4)) | (is_v6 & np.isin(kind, _ERRORS_V6)))
    known = _conversations(view) if rows else {}
    for row, body in view.payloads(rows):
        quoted = read_quoted(body)
        if quoted is not None:
            yield _error(view, row, quoted, known)


def errors_quoting(view: View, quoted: Mapping[int, Quoted]) -> Iterator[IcmpError]:
    """The errors in some rows of a text, whose quoted packets were read from its words."""
    known = _conversations(view) if quoted else {}
    for row, packet in sorted(quoted.items()):
        yield _error(view, row, packet, known)


def _conversations(view: View) -> dict[Key, list[int]]:
    """The conversations' rows by protocol and ends."""
    table, rows = view.conversations, defaultdict(list)
    texts = address_texts(view.addresses, table["addresses"].ravel())
    columns = zip(table["protocol"].tolist(), table["addresses"].tolist(), table["ports"].tolist(), strict=True)
    for row, (protocol, codes, ports) in enumerate(columns):
        rows[(protocol, frozenset((texts[code], port) for code, port in zip(codes, ports, strict=True)))].append(row)
    return rows


def _error(view: View, row: int, quoted: Quoted, known: dict[Key, list[int]]) -> IcmpError:
    packets = view.packets
    source, destination = (quoted.source, quoted.source_port), (quoted.destination, quoted.destination_port)
    same = known.get((quoted.protocol, frozenset((source, destination))), [])
    before = [r for r in same if int(view.conversations["first_frame"][r]) <= row + 1] or same
    conversation = before[-1] if before else None
    frame = _quoted_row(view, conversation, row, quoted) if conversation is not None else None
    version, kind, code = int(packets["ip_version"][row]), int(packets["icmp_type"][row]), int(column(packets, "icmp_code")[row])
    has_ports = quoted.protocol in (TCP, UDP)
    sender, receiver = view.ends(row)
    return IcmpError(
        frame=row + 1, ts_ns=view.ts_ns(row), version=version, icmp_type=kind, icmp_code=code, sender=sender.address,
        receiver=receiver.address, ttl=int(packets["ttl"][row]), quoted_protocol=protocol_name(quoted.protocol),
        quoted_source=Endpoint(quoted.source, quoted.source_port if has_ports else None),
        quoted_destination=Endpoint(quoted.destination, quoted.destination_port if has_ports else None),
        quoted_ttl=quoted.ttl, quoted_sequence=quoted.sequence, mtu=_mtu(view, row, version, kind, code),
        conversation_row=conversation,
        conversation_stream=None if conversation is None else int(view.conversations["stream"][conversation]),
        quoted_frame=0 if frame is None else frame + 1, original_ttl=None if frame is None else int(packets["ttl"][frame]),
    )  # fmt: skip


def _mtu(view: View, row: int, version: int, kind: int, code: int) -> int | None:
    at = int(view.packets["transport_offset"][row])
    if int(view.packets["offset"][row]) < 0:
        return None  # of a text
    if (version, kind, code) == (4, 3, 4):
        return int.from_bytes(view.frame(row)[at + 6 : at + 8], "big") or None
    return int.from_bytes(view.frame(row)[at + 4 : at + 8], "big") if (version, kind) == (6, 2) else None


def _quoted_row(view: View, conversation: int, row: int, quoted: Quoted) -> int | None:
    """The latest frame before the error that is the quoted packet: by sequence number, or by IP id."""
    packets = view.packets
    frames = frames_of(packets, view.conversations, conversation)
    frames = frames[frames < row][-MAX_SEARCHED:]
    if quoted.protocol in (TCP, UDP):
        frames = frames[packets["source_port"][frames] == quoted.source_port]
    if quoted.sequence is not None:
        frames = frames[packets["sequence"][frames] == quoted.sequence]
    if quoted.ip_id:
        by_id = frames[column(packets, "ip_id")[frames] == quoted.ip_id]
        frames = by_id if len(by_id) else frames
    return int(frames[-1]) if len(frames) else None
