"""The capture holds packets twice: the same IP id, ends, numbers and length again within a millisecond.

Claim (`info`): a capture on `any`, a mirror port or a bridge shows a packet at two places; the TTL is equal or one less behind a
router. IPv6 packets and an IP id of 0 tell nothing. Such a second sight is never counted as a retransmission.

Threshold: a tenth of at least 20 frames.

Refuted by: differing times beyond a millisecond, or other IP ids.

Source: RFC 791 (identification); tcpdump on `any`.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.messages import message
from runs.analysis.packets.schema import column
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome

LEAST_FRAMES = 20
LEAST_SHARE = 0.1
WITHIN_NS = 1_000_000

TITLE = message("capture_duplicated_frames", en="Packets were captured twice", ja="同じパケットが 2 度採取されている")
TWICE = message(
    "capture_duplicated_frames.title",
    en="{capture} holds {n:count} of its {all:count} frames a second time within 1 ms; they are not retransmissions.",
    ja="{capture} の {all:count} フレーム中 {n:count} フレームは 1 ms 以内の重複であり、再送ではない。",
)
PAIRS = message("capture_duplicated_frames.pairs", en="The first pairs are these.", ja="最初の組はこれらのフレーム。")
REFUTE = message(
    "capture_duplicated_frames.refute",
    en="Other IP ids, or more than 1 ms between.",
    ja="IP 識別子が異なるか、1 ms を超えて離れていれば覆る。",
)
ONE = message("capture_duplicated_frames.one", en="Capture on one interface.", ja="1 つのインタフェースで採取する。")
NONE = message("capture_duplicated_frames.none", en="No packet was captured twice.", ja="2 度採取されたパケットはない。")


SAME = (
    "ip_id", "source", "destination", "protocol", "source_port", "destination_port", "sequence", "acknowledgment", "payload_length",
    "tcp_flags", "icmp_type", "fragment",
)  # fmt: skip


def _in_groups(packets: Table) -> Array:
    """Rows that may be a packet's first or second sight, those of one packet side by side and in the order of time."""
    rows = np.flatnonzero((column(packets, "ip_id") != 0) & (packets["protocol"] > 0))
    hashed = np.zeros(len(rows), np.uint64)
    for name in SAME:  # sorting one number a row is ten times as fast as sorting twelve columns
        hashed = (hashed ^ column(packets, name)[rows]) * np.uint64(0x9E3779B97F4A7C15)
        hashed ^= hashed >> np.uint64(29)
    ordered = np.sort(hashed)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return rows[:0]
    place = np.minimum(np.searchsorted(repeated, hashed), len(repeated) - 1)
    again = repeated[place] == hashed
    rows, hashed = rows[again], hashed[again]
    order: Array = rows[np.lexsort((packets["ts_ns"][rows], hashed))]
    return order


def _same(packets: Table, order: Array) -> Array:
    """Whether each row after the first is the same packet as the one before it."""
    same = np.ones(max(0, len(order) - 1), bool)
    for name in SAME:
        values = column(packets, name)[order]
        same &= values[1:] == values[:-1]
    return same


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[Capture], collect="sudo tcpdump -i eth0 -s 0 -w run.pcap")
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each capture."""
    single: list[Citation] = []
    for capture in case.all(Capture):
        packets = case.table(capture, "packets")
        if packets is None or capture.is_text or len(packets) < LEAST_FRAMES:
            continue
        order = _in_groups(packets)
        near = np.diff(packets["ts_ns"][order]) < WITHIN_NS
        hops = np.abs(np.diff(packets["ttl"][order].astype(np.int16))) <= 1
        second = np.flatnonzero(_same(packets, order) & near & hops)
        if len(second) < LEAST_SHARE * len(packets):
            single.append(Citation(capture.file, frames=(1, len(packets))))
            continue
        second = second[np.argsort(order[second + 1])]
        pairs = sorted({int(order[i]) + 1 for s in second[:5].tolist() for i in (s, s + 1)})
        yield Found(
            outcome="info",
            severity="info",
            confidence="firm",
            title=TWICE(capture=capture.file, n=len(second), all=len(packets)),
            statements=(statement(PAIRS(), Citation(capture.file, frames=tuple(pairs))),),
            subject={"what": "frames captured twice"},
            refuted_by=REFUTE(),
            next_actions=(Action(ONE(), "sudo tcpdump -i eth0 -s 0 -w run.pcap"),),
        )
    if single:
        yield Excluded(statements=(statement(NONE(), *single[:12]),))
