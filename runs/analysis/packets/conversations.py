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
    column,
)

_CLOSERS = {0: "originator", 1: "responder"}
_CLOSES = {FIN: "fin", RST: "rst"}


def protocol_name(protocol: int) -> str:
    """'tcp', 'udp', 'icmp' …; 'ip-253' for what has no name here."""
    return PROTOCOL_NAMES.get(protocol, f"ip-{protocol}")


def conversation_id(file: str, protocol: int, stream: int) -> str:
    """'lo0.pcap#0' for TCP stream 0, 'lo0.pcap#udp0' for another protocol's."""
    return f"{file}#{stream}" if protocol == TCP else f"{file}#{protocol_name(protocol)}{stream}"


def conversation_facts(conversations: Table, addresses: Table, file: str, most: int | None = None) -> list[Conversation]:
    """The rows of a capture's `conversations` as facts, in the order of their first frames; at most `most`."""
    count = len(conversations) if most is None else min(len(conversations), most)
    texts = address_texts(addresses, np.unique(conversations["addresses"][:count]))
    columns = {name: conversations[name][:count].tolist() for name in _AS_THEY_ARE}
    columns["history"] = [bytes(row).rstrip(b"\0").decode("ascii") for row in np.asarray(conversations["history"][:count])]
    columns["remarks"] = _remark_rows(conversations["remark_counts"][:count].sum(axis=1))
    every = (conversations["protocol"].tolist(), conversations["stream"].tolist())  # an outer conversation may stand beyond `most`
    return [_fact(columns, row, every, texts, file) for row in range(count)]


_AS_THEY_ARE = (
    "protocol", "stream", "addresses", "ports", "outer", "frame_counts", "payload_bytes", "acked_bytes", "first_frame", "last_frame",
    "start_ns", "end_ns", "initial_rtt_ns", "state", "completeness", "closed_by", "closed_with", "syn_frame", "syn_ack_frame",
    "handshake_ack_frame", "first_data_frames", "last_data_frames", "close_frame", "rst_frame", "application",
)  # fmt: skip
_REPORTED = tuple((index, remark.name) for index, remark in enumerate(REMARKS) if remark.name in TcpRemarks.__struct_fields__)
_NO_REMARKS = TcpRemarks()


def _remark_rows(sums: Array) -> list[TcpRemarks]:
    """The remarks of each row; most conversations have none and share one."""
    rows = [_NO_REMARKS] * len(sums)
    for row in np.flatnonzero(sums.any(axis=1)).tolist():
        rows[row] = TcpRemarks(**{name: int(sums[row, index]) for index, name in _REPORTED})
    return rows


def _fact(c: dict[str, list[Any]], row: int, every: tuple[list[int], list[int]], texts: dict[int, str], file: str) -> Conversation:
    protocol, outer, rtt_ns = c["protocol"][row], c["outer"][row], c["initial_rtt_ns"][row]
    a, b = c["addresses"][row]
    first, second = c["ports"][row] if protocol in (TCP, UDP, SCTP) else (None, None)
    return Conversation(
        id=conversation_id(file, protocol, c["stream"][row]), row=row, file=file, stream=c["stream"][row],
        protocol=protocol_name(protocol), originator=Endpoint(texts[a], first), responder=Endpoint(texts[b], second),
        first_frame=c["first_frame"][row], last_frame=c["last_frame"][row], start_ns=c["start_ns"][row],
        duration_ns=c["end_ns"][row] - c["start_ns"][row], conn_state=CONVERSATION_STATES[c["state"][row]],
        history=c["history"][row], completeness=c["completeness"][row], initial_rtt_ns=rtt_ns or None,
        frames=tuple(c["frame_counts"][row]), payload_bytes=tuple(c["payload_bytes"][row]),
        acked_bytes=tuple(c["acked_bytes"][row]), tcp=c["remarks"][row] if protocol == TCP else _NO_REMARKS,
        closed_by=_CLOSERS.get(c["closed_by"][row]), close=_CLOSES.get(c["closed_with"][row]),  # type: ignore[arg-type]
        syn_frame=c["syn_frame"][row], syn_ack_frame=c["syn_ack_frame"][row], handshake_ack_frame=c["handshake_ack_frame"][row],
        first_data_frames=tuple(c["first_data_frames"][row]), last_data_frames=tuple(c["last_data_frames"][row]),
        application=APPLICATIONS.get(c["application"][row]), close_frame=c["close_frame"][row], rst_frame=c["rst_frame"][row],
        outer=None if outer < 0 else conversation_id(file, every[0][outer], every[1][outer]),
    )  # fmt: skip


def frames_of(packets: Table, conversations: Table, row: int) -> Array:
    """The frame indexes (from 0, i8) of one conversation, in file order; without a scan, unless it is a tunnel's."""
    start, count = int(conversations["order_start"][row]), int(conversations["order_count"][row])
    frames = np.asarray(packets["by_conversation"][start : start + count], np.int64)
    if conversations["is_carrier"][row]:
        frames = np.union1d(frames, np.flatnonzero(column(packets, "outer_conversation") == row))
    return frames
