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


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[Capture], collect="sudo tcpdump -i eth0 -s 0 -w run.pcap")
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each capture."""
    single: list[Citation] = []
    for capture in case.all(Capture):
        packets = case.table(capture, "packets")
        if packets is None or capture.is_text or len(packets) < LEAST_FRAMES:
            continue
        ids = column(packets, "ip_id").astype(np.int64)
        names = ("source", "destination", "protocol", "source_port", "destination_port", "sequence", "acknowledgment")
        rest = ("payload_length", "tcp_flags", "icmp_type", "fragment")
        key = np.stack([ids, *(column(packets, name).astype(np.int64) for name in (*names, *rest))])
        order = np.lexsort((packets["ts_ns"], *key))
        same = (np.diff(key[:, order], axis=1) == 0).all(axis=0)
        near = np.diff(packets["ts_ns"][order]) < WITHIN_NS
        hops = np.abs(np.diff(packets["ttl"][order].astype(np.int64))) <= 1
        known = (ids[order][1:] != 0) & (packets["protocol"][order][1:] > 0)
        second = np.flatnonzero(same & near & hops & known)
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
