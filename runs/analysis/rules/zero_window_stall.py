"""The receiver closes its window: it does not read what arrives.

Claim: a receiver announces window 0 for at least 200 ms (`low`; from 1 s on `high`). Whose application does not read is named;
the sender's probes in between are no keep-alives. A window of 0 in a RST, while the connection is set up, or after that side's
own FIN is nothing, nor is one before any data reached that side (a proxy that opens its window when its own connection stands).

Refuted by: a window above 0 in between that the capture missed.

Source: RFC 9293 §3.8.6 (managing the window, zero-window probes).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, FIN, KEEP_ALIVE, RESENT, RST, SYN, ZERO_WINDOW_PROBE
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

LEAST_NS = SECOND_NS // 5
HIGH_NS = SECOND_NS
MOST_TOLD = 3

TITLE = message("zero_window_stall", en="A receiver does not read (window 0)", ja="受信側が読み出していない（ウィンドウ 0）")
STALL = message(
    "zero_window_stall.title",
    en="{who} keeps its window at 0 for {span:duration}: its application does not read.",
    ja="{who} の受信ウィンドウが {span:duration} の間 0 のまま。受信アプリが読み出していない。",
)
SHUT = message(
    "zero_window_stall.shut",
    en="From {start:time} on {who} announces window 0, {n:count} {n:plural:time|times}.",
    ja="{start:time} から {who} がウィンドウ 0 を {n:count} 回通知する。",
)
PROBES = message(
    "zero_window_stall.probes",
    en="The sender asks in between ({n:count} probes); they are not keep-alives of an idle connection.",
    ja="その間、送信側は窓の確認（probe）を {n:count} 回送る。無通信時の keep-alive ではない。",
)
OPENS = message(
    "zero_window_stall.opens",
    en="{span:duration} later it opens its window to {window:bytes}.",
    ja="{span:duration} 後にウィンドウが {window:bytes} に開く。",
)
NEVER = message("zero_window_stall.never", en="It does not open its window again.", ja="ウィンドウは再び開かない。")
REFUTE = message(
    "zero_window_stall.refute",
    en="A window above 0 in between that the capture missed.",
    ja="その間に 0 でないウィンドウ通知があったこと（取りこぼし）が分かれば覆る。",
)
READER = message(
    "zero_window_stall.reader", en="See why the receiving process does not read.", ja="受信プロセスが読み出さない理由を調べる。"
)
NONE = message("zero_window_stall.none", en="No receiver closed its window.", ja="ウィンドウを 0 にした受信側はない。")


class Shut(NamedTuple):
    """A stretch with window 0."""

    rows: list[int]
    opened: int | None  # row of the first window above 0


@rule(
    title=TITLE,
    domain="application",
    topics=["receiver-slow"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 96 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and the side that does not read."""
    clean: list[Citation] = []
    gathered: Gathered[tuple[Endpoint, int], tuple[Conversation, Shut, int]] = Gathered(MOST_TOLD)
    for c in case.all(Conversation):
        if not c.tcp.zero_window and len(clean) >= 12:
            continue
        packets = case.table(c, "packets") if c.protocol == "tcp" else None
        if packets is None:
            continue
        if not c.tcp.zero_window:
            if c.handshake_complete and len(clean) < 12:
                clean.append(cite_many(case, c, (c.first_frame, c.last_frame)))
            continue
        rows = rows_of(case, c)
        for side in (0, 1):
            longest = max(shut(packets, rows, side), key=lambda s: _span(packets, s, rows), default=None)
            if longest is not None and _span(packets, longest, rows) >= LEAST_NS:
                gathered.add((c.responder, side), (c, longest, _span(packets, longest, rows)))
    for (_, side), found, more in gathered:
        yield _found(case, side, found, more)
    if clean:
        yield Excluded(statements=(statement(NONE(), *clean),))


def shut(packets: Table, rows: Array, side: int) -> list[Shut]:
    """The stretches in which a side announces window 0."""
    is_own = packets["direction"][rows] == side
    fins = rows[packets["tcp_flags"][rows] & FIN != 0]
    data = rows[~is_own & (packets["payload_length"][rows] > 0)]
    own = rows[is_own & (packets["tcp_flags"][rows] & (SYN | RST | FIN | ACK) == ACK)]
    own = own[(own > data[0]) & (own < fins[0])] if len(fins) and len(data) else own[own > data[0]] if len(data) else own[:0]
    zero = packets["window"][own] == 0
    found: list[Shut] = []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], zero.astype(np.int8), [0]))))
    for start, end in edges.reshape(-1, 2).tolist():
        found.append(Shut(own[start:end].tolist(), int(own[end]) if end < len(own) else None))
    return found


def _span(packets: Table, stall: Shut, rows: Array) -> int:
    end = stall.opened if stall.opened is not None else int(rows[-1])
    return int(packets["ts_ns"][end] - packets["ts_ns"][stall.rows[0]])


def _found(case: Case, side: int, found: Sequence[tuple[Conversation, Shut, int]], more: int) -> Found:
    c, _, span = max(found, key=lambda one: one[2])
    who = str(c.responder) if side else c.originator.address
    told = [s for conversation, stall, _ in found for s in _told(case, conversation, side, stall)]
    if more:
        told.append(Statement(MORE(n=more)))
    return Found(
        outcome="fail",
        severity="high" if span >= HIGH_NS else "low",
        confidence="certain",
        title=STALL(who=who, span=span),
        statements=tuple(told),
        subject=responder_subject(c.responder) | {"reader": "originator" if side == 0 else "responder"},
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(Action(READER(), f"ss -tmi '( sport = :{c.responder.port} or dport = :{c.responder.port} )'"),),
    )


def _told(case: Case, c: Conversation, side: int, stall: Shut) -> Iterator[Statement]:
    packets, rows = case.table(c, "packets"), rows_of(case, c)
    assert packets is not None
    who = str(c.responder) if side else c.originator.address
    start = int(packets["ts_ns"][stall.rows[0]]) + c.clock_offset_ns
    yield statement(SHUT(who=who, start=start, n=len(stall.rows)), cite_many(case, c, (r + 1 for r in stall.rows[:20])))
    last = stall.opened if stall.opened is not None else int(rows[-1])
    between = rows[(rows > stall.rows[0]) & (rows < last) & (packets["direction"][rows] != side)]
    probes = between[packets["remarks"][between] & (KEEP_ALIVE | ZERO_WINDOW_PROBE | RESENT) != 0]
    if len(probes):
        yield statement(PROBES(n=len(probes)), cite_many(case, c, (int(r) + 1 for r in probes[:20])))
    if stall.opened is None:
        yield statement(NEVER(), cite_many(case, c, (stall.rows[-1] + 1,)))
        return
    window = _window(case, c, packets, stall.opened, side)
    yield statement(OPENS(span=_span(packets, stall, rows), window=window), cite_many(case, c, (stall.opened + 1,)))


def _window(case: Case, c: Conversation, packets: Table, row: int, side: int) -> int:
    conversations = case.table(c, "conversations")
    scale = int(conversations["window_scales"][c.row][side]) if conversations is not None else 0
    return int(packets["window"][row]) << max(scale, 0)
