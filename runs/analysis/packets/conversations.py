"""Conversations as facts, and the way from a conversation to its frames."""

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

MAX_FACTS = 20_000
_CLOSERS = {0: "originator", 1: "responder"}
_CLOSES = {FIN: "fin", RST: "rst"}


def protocol_name(protocol: int) -> str:
    """'tcp', 'udp', 'icmp' …; 'ip-253' for what has no name here."""
    return PROTOCOL_NAMES.get(protocol, f"ip-{protocol}")


def conversation_id(file: str, protocol: int, stream: int) -> str:
    """'lo0.pcap#0' for TCP stream 0, 'lo0.pcap#udp0' for another protocol's."""
    return f"{file}#{stream}" if protocol == TCP else f"{file}#{protocol_name(protocol)}{stream}"


def conversation_facts(conversations: Table, addresses: Table, file: str, most: int = MAX_FACTS) -> list[Conversation]:
    """The rows of a capture's `conversations` as facts, in the order of their first frames; at most `most`."""
    count = min(len(conversations), most)
    texts = address_texts(addresses, conversations["addresses"][:count].ravel())
    return [_fact(conversations, row, texts, file) for row in range(count)]


def _fact(table: Table, row: int, texts: dict[int, str], file: str) -> Conversation:
    def number(name: str) -> int:
        return int(table[name][row])

    def pair(name: str) -> tuple[int, int]:
        return int(table[name][row][0]), int(table[name][row][1])

    protocol, outer = number("protocol"), number("outer")
    ports = pair("ports") if protocol in (TCP, UDP, SCTP) else (None, None)
    ends = [Endpoint(texts[code], port) for code, port in zip(pair("addresses"), ports, strict=True)]
    rtt_ns = number("initial_rtt_ns")
    sums = table["remark_counts"][row].sum(axis=0).tolist() if protocol == TCP else []
    return Conversation(
        id=conversation_id(file, protocol, number("stream")), row=row, file=file, stream=number("stream"),
        protocol=protocol_name(protocol), originator=ends[0], responder=ends[1],
        first_frame=number("first_frame"), last_frame=number("last_frame"), start_ns=number("start_ns"),
        duration_ns=number("end_ns") - number("start_ns"), conn_state=CONVERSATION_STATES[number("state")],
        history=bytes(table["history"][row]).rstrip(b"\0").decode("ascii"), completeness=number("completeness"),
        initial_rtt_ns=rtt_ns if rtt_ns else None, frames=pair("frame_counts"), payload_bytes=pair("payload_bytes"),
        acked_bytes=pair("acked_bytes"), tcp=TcpRemarks(**_remarks(sums)), closed_by=_CLOSERS.get(number("closed_by")),  # type: ignore[arg-type]
        close=_CLOSES.get(number("closed_with")),  # type: ignore[arg-type]
        syn_frame=number("syn_frame"), syn_ack_frame=number("syn_ack_frame"), handshake_ack_frame=number("handshake_ack_frame"),
        first_data_frames=pair("first_data_frames"), last_data_frames=pair("last_data_frames"),
        application=APPLICATIONS.get(number("application")), close_frame=number("close_frame"), rst_frame=number("rst_frame"),
        outer=None if outer < 0 else conversation_id(file, int(table["protocol"][outer]), int(table["stream"][outer])),
    )  # fmt: skip


_REPORTED = frozenset(TcpRemarks.__struct_fields__)


def _remarks(sums: list[int]) -> dict[str, int]:
    return {remark.name: n for remark, n in zip(REMARKS, sums, strict=False) if remark.name in _REPORTED}


def frames_of(packets: Table, conversations: Table, row: int) -> Array:
    """The frame indexes (from 0, i8) of one conversation, in file order; without a scan, unless it is a tunnel's."""
    start, count = int(conversations["order_start"][row]), int(conversations["order_count"][row])
    frames = np.asarray(packets["by_conversation"][start : start + count], np.int64)
    if conversations["is_carrier"][row]:
        frames = np.union1d(frames, np.flatnonzero(column(packets, "outer_conversation") == row))
    return frames
