"""Zeek's view of a TCP connection: the state of each end, the history's letters, and conn_state at the end."""

from typing import Any

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.packets.jit import kernel
from runs.analysis.packets.schema import (
    ACK,
    CONVERSATION_STATES,
    FIN,
    HISTORY_LENGTH,
    LOST_SEGMENT,
    RESENT,
    RST,
    SYN,
    TCP,
    ZERO_WINDOW,
)  # fmt: skip

INACTIVE, SYN_SENT, SYN_ACK_SENT, PARTIAL, ESTABLISHED, CLOSED, RESET = range(7)
"""States of an end, as Zeek names them: PARTIAL is heard without its SYN, CLOSED has sent a FIN, RESET a RST."""


@kernel
def note_letter(flow: Any, side: int, letter: int) -> None:
    """Append a letter (its upper-case code) once: upper case the originator's, lower case the responder's."""
    code = letter if side == 0 else letter + 32
    used = int(flow.history_used)
    for place in range(used):
        if flow.history[place] == code:
            return
    if used < HISTORY_LENGTH:
        flow.history[used] = code
        flow.history_used = used + 1


@kernel
def keep_history(flow: Any, side: int, flags: int, length: int, remarks: int) -> None:
    """The letters of a segment: S SYN, H SYN+ACK, A pure ACK, D data, F FIN, R RST; T resent, W zero window, G gap."""
    if flags & SYN:
        note_letter(flow, side, 72 if flags & ACK else 83)
    if flags & RST:
        note_letter(flow, side, 82)
    if length > 0:
        note_letter(flow, side, 68)
    elif flags & (SYN | FIN | RST | ACK) == ACK:
        note_letter(flow, side, 65)
    if flags & FIN:
        note_letter(flow, side, 70)
    if remarks & RESENT and length > 0:
        note_letter(flow, side, 84)
    if remarks & ZERO_WINDOW:
        note_letter(flow, side, 87)
    if remarks & LOST_SEGMENT:
        note_letter(flow, side, 71)


@kernel
def keep_state(flow: Any, side: int, flags: int, length: int, remarks: int) -> None:
    """Bring the ends' states and the history up to date with a segment from `side`."""
    keep_history(flow, side, flags, length, remarks)
    states, peer = flow.endpoint_states, 1 - side
    state = int(states[side])
    if flags & RST:
        states[side] = RESET
    elif flags & SYN and flags & ACK:
        if side == 1 and states[0] == SYN_SENT:
            states[0] = ESTABLISHED
            states[1] = ESTABLISHED
        elif state == INACTIVE:
            states[side] = SYN_ACK_SENT
    elif flags & SYN:
        if state == INACTIVE:
            states[side] = SYN_SENT
    elif flags & FIN:
        if state != RESET:
            states[side] = CLOSED
    elif state == INACTIVE:
        states[side] = PARTIAL
    elif state in (SYN_SENT, SYN_ACK_SENT):
        states[side] = ESTABLISHED if states[peer] != INACTIVE else state


def connection_states(flows: Array) -> Array:
    """conn_state of every conversation (FLOW_DTYPE), as indexes into CONVERSATION_STATES (Zeek, base/protocols/conn)."""
    originator, responder = flows["endpoint_states"][:, 0], flows["endpoint_states"][:, 1]
    silent_originator = (originator == INACTIVE) | (originator == PARTIAL)
    silent_responder = (responder == INACTIVE) | (responder == PARTIAL)
    without_payload = (flows["all_payload_bytes"] == 0).all(axis=1)
    was_opening = (originator == SYN_SENT) | (originator == SYN_ACK_SENT)
    both_ways = (flows["frame_counts"] > 0).all(axis=1)
    reset, other = responder == RESET, flows["protocol"] != TCP
    rules = (
        ("SF", other & both_ways),
        ("S0", other & (flows["frame_counts"][:, 1] == 0)),
        ("SHR", other),
        ("REJ", reset & (was_opening | ((originator == RESET) & without_payload))),
        ("RSTRH", reset & silent_originator),
        ("RSTR", reset),
        ("RSTOS0", (originator == RESET) & silent_responder),
        ("RSTO", originator == RESET),
        ("SF", (originator == CLOSED) & (responder == CLOSED)),
        ("SH", (originator == CLOSED) & silent_responder),
        ("S2", originator == CLOSED),
        ("SHR", (responder == CLOSED) & silent_originator),
        ("S3", responder == CLOSED),
        ("S0", (originator == SYN_SENT) & (responder == INACTIVE)),
        ("S1", (originator == ESTABLISHED) & (responder == ESTABLISHED)),
    )
    indexes = [CONVERSATION_STATES.index(name) for name, _ in rules]
    return np.select([condition for _, condition in rules], indexes, CONVERSATION_STATES.index("OTH")).astype(np.uint8)
