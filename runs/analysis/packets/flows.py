"""Conversations: every frame gets its row, TCP its connections, states and counts. One pass over all frames in file order."""

from typing import Any, NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.packets.coverage import HOLE_DTYPE, MAX_HOLES, cover
from runs.analysis.packets.flow_notes import count_frame, count_payload, note_acknowledged, note_close, note_handshake, note_window
from runs.analysis.packets.jit import Engine, kernel
from runs.analysis.packets.pairs import Pairs
from runs.analysis.packets.schema import (
    ACK,
    CONVERSATIONS,
    DUP_ACK,
    ICMP,
    ICMPV6,
    REMARKS,
    REUSED_PORTS,
    SYN,
    TCP,
)  # fmt: skip
from runs.analysis.packets.states import keep_state
from runs.analysis.packets.store import Columns
from runs.analysis.packets.tcp import SCALE_UNKNOWN, SIDE_DTYPE, WINDOW_UNKNOWN, Segment, advance, after, analyse, reset_side

#: A conversation while it is read: its row, and what is kept of it on the way.
FLOW_DTYPE = np.dtype([
    *CONVERSATIONS,
    ("low_is_responder", "u1"),  # the pair's low end is the responder
    ("syn_ns", "i8"),  # of the last SYN
    ("endpoint_states", "u1", 2),
    ("history_used", "u1"),
    ("seen_to", "u4", 2),  # behind the highest payload byte
    ("has_seen", "u1", 2),
    ("acked_to", "u4", 2),  # the highest acknowledgment of each side's bytes
    ("has_acked", "u1", 2),
    ("first_hole", "i4", 2),  # 1 + index of the first range that was jumped over; 0: none
    ("hole_count", "u1", 2),
])  # fmt: skip


class Flows(NamedTuple):
    """What the pass works on besides the columns."""

    pairs: Any  # PAIR_DTYPE
    rows: Any  # FLOW_DTYPE, one a conversation
    row_of_pair: Any  # i4; -1: none yet
    sides: Any  # SIDE_DTYPE: 2 × pair + 1 where the sender is the pair's high end
    streams: Any  # i4 by IP protocol: conversations so far
    holes: Any  # HOLE_DTYPE, a pool
    used: Any  # i8 [rows in use, holes in use, free list]
    remarks: Any  # columns of the result
    dup_ack_number: Any
    stream: Any


@kernel
def service_rank(port: int) -> int:
    """How much a port looks like a service's: 0 a well-known one … 2 an ephemeral one."""
    return 0 if port < 1024 else 1 if port < 32768 else 2


@kernel
def starts_reversed(columns: Columns, row: int) -> bool:
    """Whether the sender of a conversation's first frame is its responder: by flags, echo type, else by the ports' looks."""
    protocol, flags = int(columns.protocol[row]), int(columns.tcp_flags[row])
    if protocol == TCP and flags & SYN:
        return flags & ACK != 0
    if protocol == ICMP:
        return int(columns.icmp_type[row]) == 0
    if protocol == ICMPV6:
        return int(columns.icmp_type[row]) == 129
    return service_rank(int(columns.source_port[row])) < service_rank(int(columns.destination_port[row]))


@kernel
def new_flow(flows: Flows, pair: int, ts_ns: int, frame: int, low_is_responder: int) -> int:
    """A row for a conversation of this pair; returns it."""
    row, known = int(flows.used[0]), flows.pairs[pair]
    flows.used[0] = row + 1
    flow = flows.rows[row]
    flow.protocol = known.protocol & 0xFF
    flow.ip_version = known.version & 0xFF
    flow.stream = flows.streams[known.protocol]
    flows.streams[known.protocol] += 1
    responder = 0 if low_is_responder else 1
    flow.addresses[1 - responder] = known.low
    flow.addresses[responder] = known.high
    if low_is_responder:
        flow.addresses[0] = known.high
        flow.addresses[1] = known.low
        flow.ports[0] = known.high_port
        flow.ports[1] = known.low_port
    else:
        flow.addresses[0] = known.low
        flow.addresses[1] = known.high
        flow.ports[0] = known.low_port
        flow.ports[1] = known.high_port
    flow.low_is_responder = low_is_responder
    flow.outer = -1
    flow.closed_by = -1
    flow.first_frame = frame
    flow.start_ns = ts_ns
    flow.end_ns = ts_ns
    flow.smallest_windows[0] = 0xFFFFFFFF
    flow.smallest_windows[1] = 0xFFFFFFFF
    flow.window_scales[0] = -1
    flow.window_scales[1] = -1
    flows.row_of_pair[pair] = row
    return row


@kernel
def begins_anew(columns: Columns, row: int, side: Any, flow: Any) -> bool:
    """Whether a SYN opens another connection between the same ends: another initial number, or the last one was closed."""
    if int(columns.tcp_flags[row]) & (SYN | ACK) != SYN or side.has_base == 0:
        return False
    return int(columns.sequence[row]) != int(side.base_sequence)


@kernel
def tcp_frame(flows: Flows, columns: Columns, row: int, pair: int, direction: int) -> int:
    """A TCP frame: its conversation's row. Starts a new one where ports are reused."""
    frame, ts_ns, flags = row + 1, int(columns.ts_ns[row]), int(columns.tcp_flags[row])
    own, peer = flows.sides[2 * pair + direction], flows.sides[2 * pair + 1 - direction]
    index, remarks = int(flows.row_of_pair[pair]), 0
    if index >= 0 and begins_anew(columns, row, own, flows.rows[index]):
        finish_flow(flows, index)
        reset_side(own)
        reset_side(peer)
        remarks, index = REUSED_PORTS, -1
    elif index >= 0 and flags & (SYN | ACK) == SYN | ACK and own.has_base == 1 and columns.sequence[row] != own.base_sequence:
        remarks = REUSED_PORTS
        own.base_sequence = columns.sequence[row]
    if index < 0:
        index = new_flow(flows, pair, ts_ns, frame, direction ^ (1 if starts_reversed(columns, row) else 0))
    flow = flows.rows[index]
    side = direction ^ int(flow.low_is_responder)
    length = int(columns.payload_length[row])
    segment = Segment(
        ts_ns, int(columns.sequence[row]), int(columns.acknowledgment[row]), int(columns.window[row]), length, flags,
        int(columns.window_scale[row]),
    )  # fmt: skip
    remarks |= analyse(own, peer, segment, int(flow.initial_rtt_ns))
    flow.base_sequences[side] = own.base_sequence
    flow.base_sequences[1 - side] = peer.base_sequence
    flows.remarks[row] = remarks
    if remarks & DUP_ACK:
        flows.dup_ack_number[row] = own.dup_acks
    count_frame(flow, side, ts_ns, frame, int(columns.original_length[row]))
    note_handshake(flow, side, frame, segment)
    note_close(flow, side, frame, flags)
    note_window(flow, side, segment)
    note_acknowledged(flow, side, segment)
    if length > 0:
        count_payload(flow, side, frame, length, int(columns.application[row]))
        begin = advance(segment.sequence, 1 if flags & SYN else 0)
        flow.payload_bytes[side] += cover(flow, side, begin, length, flows.holes, flows.used)
    keep_state(flow, side, flags, length, remarks)
    if remarks:
        for place in range(len(REMARKS)):
            if remarks >> place & 1:
                flow.remark_counts[side, place] += 1
    return index


@kernel
def other_frame(flows: Flows, columns: Columns, row: int, pair: int, direction: int, is_carrier: bool) -> int:
    """A frame of another protocol, or a tunnel's: its conversation's row."""
    ts_ns, index = int(columns.ts_ns[row]), int(flows.row_of_pair[pair])
    if index < 0:
        is_reversed = not is_carrier and starts_reversed(columns, row)
        index = new_flow(flows, pair, ts_ns, row + 1, direction ^ (1 if is_reversed else 0))
    flow = flows.rows[index]
    side = direction ^ int(flow.low_is_responder)
    count_frame(flow, side, ts_ns, row + 1, int(columns.original_length[row]))
    length = int(columns.payload_length[row])
    if is_carrier:
        flow.is_carrier = 1
    elif length > 0:
        count_payload(flow, side, row + 1, length, int(columns.application[row]))
        flow.payload_bytes[side] += length
    return index


@kernel
def finish_flow(flows: Flows, index: int) -> None:
    """Reckon what is known only at a conversation's end."""
    flow = flows.rows[index]
    for side in range(2):
        if flow.smallest_windows[side] == 0xFFFFFFFF:
            flow.smallest_windows[side] = 0
        if flow.has_acked[side] and flow.has_seen[side]:
            end = flow.seen_to[side] if after(int(flow.acked_to[side]), int(flow.seen_to[side])) else flow.acked_to[side]
            acked = advance(int(end), -int(flow.base_sequences[side]) - 1)
            flow.acked_bytes[side] = acked if acked < 0x80000000 else 0


@kernel
def follow(flows: Flows, columns: Columns, start: int, stop: int) -> None:
    """Give rows start … stop-1 their conversation, stream, direction and remarks."""
    for row in range(start, stop):
        outer = int(columns.outer_conversation[row])
        if outer >= 0:
            known = flows.pairs[outer]
            turned = 0 if columns.outer_source[row] == known.low else 1
            outer = other_frame(flows, columns, row, outer, turned, True)
            columns.outer_conversation[row] = outer
        pair, direction, index = int(columns.conversation[row]), int(columns.direction[row]), -1
        if pair >= 0:
            if int(columns.protocol[row]) == TCP and columns.transport_offset[row] != 0:
                index = tcp_frame(flows, columns, row, pair, direction)
            else:
                index = other_frame(flows, columns, row, pair, direction, False)
            flow = flows.rows[index]
            columns.direction[row] = direction ^ int(flow.low_is_responder)
            flows.stream[row] = flow.stream
            if outer >= 0 and flow.outer < 0:
                flow.outer = outer
        columns.conversation[row] = index


@kernel
def finish_all(flows: Flows) -> None:
    """The ends of the conversations that are still open."""
    for pair in range(len(flows.row_of_pair)):
        if flows.row_of_pair[pair] >= 0:
            finish_flow(flows, int(flows.row_of_pair[pair]))


@kernel
def order_by_conversation(conversation: Any, rows: Any, starts: Any, order: Any) -> None:
    """Fill `order` with the frames ordered by (conversation, frame); frames of none come last."""
    position = 0
    for index in range(len(starts) - 1):
        starts[index] = position
        rows[index].order_start = position
        rows[index].order_count = rows[index].frame_counts[0] + rows[index].frame_counts[1] if not rows[index].is_carrier else 0
        position += int(rows[index].order_count)
    starts[len(starts) - 1] = position
    for frame in range(len(conversation)):
        index = int(conversation[frame])
        place = index if index >= 0 else len(starts) - 1
        order[starts[place]] = frame
        starts[place] += 1


def follow_all(columns: dict[str, Array], pairs: Pairs, engine: Engine) -> tuple[dict[str, Array], Array]:
    """The columns remarks, dup_ack_number, stream and by_conversation, and the conversations (FLOW_DTYPE).

    `columns` are whole; conversation and outer_conversation hold pairs and get rows instead.
    """
    frames = len(columns["ts_ns"])
    opening = (columns["tcp_flags"] & (SYN | ACK)) == SYN
    most_rows = len(pairs) + int(np.count_nonzero(opening))
    rows = np.zeros(most_rows, FLOW_DTYPE)
    sides = np.zeros(2 * len(pairs), SIDE_DTYPE)
    sides["window_scale"], sides["last_window"] = SCALE_UNKNOWN, WINDOW_UNKNOWN
    result = {
        "remarks": np.zeros(frames, np.uint32),
        "dup_ack_number": np.zeros(frames, np.uint32),
        "stream": np.full(frames, -1, np.int32),
        "by_conversation": np.zeros(frames, np.uint32),
    }
    flows = Flows(
        pairs.book.pairs, engine.records(rows), np.full(len(pairs), -1, np.int32), engine.records(sides), np.zeros(512, np.int32),
        engine.records(np.zeros(max(256, min(frames, MAX_HOLES)), HOLE_DTYPE)), np.zeros(3, np.int64), result["remarks"],
        result["dup_ack_number"], result["stream"],
    )  # fmt: skip
    engine(follow)(flows, Columns(**columns), 0, frames)
    engine(finish_all)(flows)
    used = rows[: int(flows.used[0])]
    starts = np.zeros(len(used) + 1, np.int64)
    engine(order_by_conversation)(columns["conversation"], engine.records(used), starts, result["by_conversation"])
    return result, used
