"""What a frame adds to its conversation: counts, handshake, close, window, acknowledged bytes. One small kernel each."""

from typing import Any

from runs.analysis.packets.jit import kernel
from runs.analysis.packets.schema import ACK, FIN, RST, SYN
from runs.analysis.packets.tcp import Segment, after


@kernel
def count_frame(flow: Any, side: int, ts_ns: int, frame: int, wire_bytes: int) -> None:
    """What every frame of a conversation adds to it."""
    flow.frame_counts[side] += 1
    flow.wire_bytes[side] += wire_bytes
    flow.last_frame = frame
    flow.start_ns = min(int(flow.start_ns), ts_ns)
    flow.end_ns = max(int(flow.end_ns), ts_ns)


@kernel
def count_payload(flow: Any, side: int, frame: int, length: int, application: int) -> None:
    """What payload adds."""
    flow.all_payload_bytes[side] += length
    flow.data_frame_counts[side] += 1
    flow.largest_payloads[side] = max(int(flow.largest_payloads[side]), length)
    if flow.first_data_frames[side] == 0:
        flow.first_data_frames[side] = frame
    flow.last_data_frames[side] = frame
    if flow.application == 0:
        flow.application = application


@kernel
def note_handshake(flow: Any, side: int, frame: int, segment: Segment) -> None:
    """Frames of the handshake, the initial RTT (from the last SYN to the first ACK behind it) and the completeness."""
    flags, bits = segment.flags, int(flow.completeness)
    if flags & (SYN | ACK) == SYN:
        flow.syn_ns = segment.ts_ns
        bits |= 1
        if flow.syn_frame == 0:
            flow.syn_frame = frame
    elif flags & (SYN | ACK) == SYN | ACK:
        bits |= 2
        if flow.syn_ack_frame == 0:
            flow.syn_ack_frame = frame
    elif flags & ACK:
        bits |= 4
        if flow.handshake_ack_frame == 0 and side == 0 and flow.syn_ack_frame != 0 and not flags & RST:
            flow.handshake_ack_frame = frame
    if flags & (SYN | ACK) == ACK and flow.syn_ns != 0 and flow.initial_rtt_ns == 0:
        flow.initial_rtt_ns = segment.ts_ns - flow.syn_ns
    if flags & SYN:
        flow.window_scales[side] = segment.window_scale
    bits |= (8 if segment.length > 0 else 0) | (16 if flags & FIN else 0) | (32 if flags & RST else 0)
    flow.completeness = bits


@kernel
def note_close(flow: Any, side: int, frame: int, flags: int) -> None:
    """Who closed first, and how."""
    if flags & (FIN | RST) == 0:
        return
    if flow.closed_by < 0:
        flow.closed_by = side
        flow.closed_with = RST if flags & RST else FIN
        flow.close_frame = frame
    if flags & RST and flow.rst_frame == 0:
        flow.rst_frame = frame
    if flags & FIN and flow.fin_frames[side] == 0:
        flow.fin_frames[side] = frame


@kernel
def note_window(flow: Any, side: int, segment: Segment) -> None:
    """The smallest window offered, scaled; a SYN's is never scaled."""
    if segment.flags & (SYN | RST) == 0:
        shift = int(flow.window_scales[side]) if flow.window_scales[0] >= 0 and flow.window_scales[1] >= 0 else 0
        flow.smallest_windows[side] = min(int(flow.smallest_windows[side]), segment.window << shift)


@kernel
def note_acknowledged(flow: Any, side: int, segment: Segment) -> None:
    """How far the other side's bytes are acknowledged."""
    peer = 1 - side
    if segment.flags & ACK and (flow.has_acked[peer] == 0 or after(segment.acknowledgment, int(flow.acked_to[peer]))):
        flow.acked_to[peer] = segment.acknowledgment
        flow.has_acked[peer] = 1
