"""Conversations as facts, and the way from a conversation to its frames."""

from typing import Any

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation, TcpRemarks
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import (
    APPLICATIONS,
    CONVERSATION_STATES,
    FIN,
    PROTOCOL_NAMES,
    REMARKS,
    RST,
    SCTP,
    TCP,
    UDP,
    VXLAN,
    column,
)

_CLOSERS = {0: "originator", 1: "responder"}
_CLOSES = {FIN: "fin", RST: "rst"}


def protocol_name(protocol: int) -> str:
    """'tcp', 'udp', 'icmp' …; 'ip-253' for what has no name here."""
    return "vxlan" if protocol == VXLAN else PROTOCOL_NAMES.get(protocol, f"ip-{protocol}")


def protocol_label(protocol: int) -> str:
    """'TCP', 'ICMPv6', 'VXLAN' …: as people write it."""
    return {"icmpv6": "ICMPv6", "ipv6": "IPv6", "udplite": "UDP-Lite"}.get(name := protocol_name(protocol), name.upper())


def conversation_id(file: str, protocol: int, stream: int) -> str:
    """'lo0.pcap#0' for TCP stream 0, 'lo0.pcap#udp0' for another protocol's."""
    return f"{file}#{stream}" if protocol == TCP else f"{file}#{protocol_name(protocol)}{stream}"


def conversation_facts(
    conversations: Table, addresses: Table, file: str, most: int | None = None, first: int = 0
) -> list[Conversation]:
    """The rows of a capture's `conversations` as facts, in the order of their first frames: from row `first` up to row `most`."""
    rows = range(first, len(conversations) if most is None else min(len(conversations), most))
    part = {name: conversations[name][rows.start : max(rows.start, rows.stop)] for name in conversations}
    texts = address_texts(addresses, np.unique(part["addresses"]))
    values: dict[str, list[Any]] = {name: _values(part[source]) for name, source in _AS_THEY_ARE.items()}
    protocols, streams = part["protocol"].tolist(), values["stream"]
    has_ports = np.isin(part["protocol"], (TCP, UDP, SCTP)).tolist()
    known: dict[tuple[int, int | None], Endpoint] = {}
    for end, name in enumerate(("originator", "responder")):
        pairs = zip(part["addresses"][:, end].tolist(), part["ports"][:, end].tolist(), has_ports, strict=True)
        keys = [(code, port if has_port else None) for code, port, has_port in pairs]
        known |= {key: Endpoint(texts[key[0]], key[1]) for key in dict.fromkeys(keys)}
        values[name] = [known[key] for key in keys]
    values |= {
        "id": [conversation_id(file, protocol, stream) for protocol, stream in zip(protocols, streams, strict=True)],
        "row": list(rows),
        "protocol": [protocol_name(protocol) for protocol in protocols],
        "duration_ns": (part["end_ns"] - part["start_ns"]).tolist(),
        "conn_state": [CONVERSATION_STATES[state] for state in part["state"].tolist()],
        "history": [bytes(row).rstrip(b"\0").decode("ascii") for row in np.asarray(part["history"])],
        "initial_rtt_ns": [ns or None for ns in part["initial_rtt_ns"].tolist()],
        "tcp": _remark_rows(part["remark_counts"].sum(axis=1), part["protocol"] == TCP),
        "closed_by": [_CLOSERS.get(side) for side in part["closed_by"].tolist()],
        "close": [_CLOSES.get(flag) for flag in part["closed_with"].tolist()],
        "application": [APPLICATIONS.get(kind) for kind in part["application"].tolist()],
        "outer": _outer_ids(conversations, part["outer"], file),
    }
    names = tuple(values)
    return [Conversation(file=file, **dict(zip(names, row, strict=True))) for row in zip(*values.values(), strict=True)]


_AS_THEY_ARE = {
    "stream": "stream", "frames": "frame_counts", "payload_bytes": "payload_bytes", "acked_bytes": "acked_bytes",
    "first_frame": "first_frame", "last_frame": "last_frame", "start_ns": "start_ns", "completeness": "completeness",
    "syn_frame": "syn_frame", "syn_ack_frame": "syn_ack_frame", "handshake_ack_frame": "handshake_ack_frame",
    "first_data_frames": "first_data_frames", "last_data_frames": "last_data_frames", "close_frame": "close_frame",
    "rst_frame": "rst_frame",
}  # fmt: skip
_REPORTED = tuple((index, remark.name) for index, remark in enumerate(REMARKS) if remark.name in TcpRemarks.__struct_fields__)
_NO_REMARKS = TcpRemarks()


def _values(column: Array) -> list[Any]:
    """A column as Python numbers; one with a value for each side as pairs."""
    return column.tolist() if column.ndim == 1 else [*zip(column[:, 0].tolist(), column[:, 1].tolist(), strict=True)]


def _remark_rows(sums: Array, is_tcp: Array) -> list[TcpRemarks]:
    """The remarks of each row; most conversations have none and share one."""
    rows = [_NO_REMARKS] * len(sums)
    for row in np.flatnonzero(sums.any(axis=1) & is_tcp).tolist():
        rows[row] = TcpRemarks(**{name: int(sums[row, index]) for index, name in _REPORTED})
    return rows


def _outer_ids(conversations: Table, outer: Array, file: str) -> list[str | None]:
    """The ids of the conversations that carry these rows' ones in a tunnel."""
    ids: list[str | None] = [None] * len(outer)
    for place in np.flatnonzero(outer >= 0).tolist():
        row = int(outer[place])
        ids[place] = conversation_id(file, int(conversations["protocol"][row]), int(conversations["stream"][row]))
    return ids


def frames_of(packets: Table, conversations: Table, row: int) -> Array:
    """The frame indexes (from 0, i8) of one conversation, in file order; without a scan, unless it is a tunnel's."""
    start, count = int(conversations["order_start"][row]), int(conversations["order_count"][row])
    frames = np.asarray(packets["by_conversation"][start : start + count], np.int64)
    if conversations["is_carrier"][row]:
        frames = np.union1d(frames, np.flatnonzero(column(packets, "outer_conversation") == row))
    return frames
