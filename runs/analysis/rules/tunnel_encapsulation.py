"""The encapsulation of a tunnel as the packets show it, and what it costs.

Claim (`info`): a conversation in a capture is carried inside another one; protocol, overhead and the MTU that is left inside for a 1500-byte link
are told, with the first frame as evidence. The outer length is never counted as the inner conversation's data.

Refuted by: other headers on the wire.

Source: RFC 2473 (IPv4 and IPv6 in IPv6), RFC 2003 (IP in IP), RFC 4213 (6in4), RFC 2784 (GRE), RFC 7348 (VXLAN).
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.wording import statement
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import GRE, IPIP, IPV6, PROTOCOL_NAMES, UDP, column
from runs.analysis.registry import rule
from runs.analysis.report import Found, Outcome, RoleEndpoint

LINK_MTU = 1500
OUTER_HEADER = {4: 20, 6: 40}
INNER_NAMES = {IPIP: "IPv4", IPV6: "IPv6", GRE: "GRE", UDP: "VXLAN"}

TITLE = message("tunnel_encapsulation", en="A tunnel's encapsulation", ja="トンネルのカプセル化")
CARRIED = message(
    "tunnel_encapsulation.title",
    en="{a} and {b} carry {inner} in IPv{outer:count}: {overhead:bytes} of overhead, which leaves an MTU of {mtu:count} on a 1500-byte link.",
    ja="{a} と {b} の間で {inner} を IPv{outer:count} で運んでいる：オーバーヘッド {overhead:bytes}、1500 byte の回線で内側の MTU は {mtu:count}。",
)
OPTIONS = message(
    "tunnel_encapsulation.options",
    en="The outer header carries options of {n:bytes} (such as an encapsulation limit).",
    ja="外側のヘッダに {n:bytes} のオプション（encapsulation limit など）が付いている。",
)
FRAMES = message("tunnel_encapsulation.frames", en="The first such frames are these.", ja="最初のフレーム。")
REFUTE = message("tunnel_encapsulation.refute", en="Other headers on the wire.", ja="別のヘッダが観測されれば覆る。")


@rule(
    title=TITLE,
    domain="network",
    topics=["tunnel", "mtu", "map-e"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w tunnel.pcap",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each pair of tunnel ends."""
    first_inner: dict[str, Conversation] = {}
    for c in case.all(Conversation):
        if c.outer:
            first_inner.setdefault(c.outer, c)
    for c in case.all(Conversation):
        inner = first_inner.get(c.id)
        packets = case.table(inner, "packets") if inner is not None else None
        rows = rows_of(case, inner) if inner is not None else np.empty(0, np.int64)
        if inner is None or packets is None:
            continue
        protocols = column(packets, "outer_protocol")[rows]
        for protocol in np.unique(protocols).tolist():
            yield _found(case, c, inner, packets, rows[protocols == protocol], protocol)


def _found(case: Case, c: Conversation, inner: Conversation, packets: Table, rows: Array, protocol: int) -> Found:
    version = int(column(packets, "outer_ip_version")[rows[0]])
    inner_header = 20 if packets["ip_version"][rows[0]] == 4 else 40
    offsets = packets["transport_offset"][rows].astype(np.int64) - column(packets, "network_offset")[rows]
    known = offsets[offsets > 0]
    overhead = int(np.median(known)) - inner_header if len(known) else OUTER_HEADER.get(version, 40)
    told = [statement(FRAMES(), cite_many(case, inner, (int(r) + 1 for r in rows[:3])))]
    extra = overhead - OUTER_HEADER.get(version, 40)
    if extra > 0 and protocol not in (GRE, UDP):
        told.append(statement(OPTIONS(n=extra), cite_many(case, inner, (int(rows[0]) + 1,))))
    ends = sorted((c.originator.address, c.responder.address))
    name = INNER_NAMES.get(protocol, PROTOCOL_NAMES.get(protocol, str(protocol)))
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=CARRIED(a=ends[0], b=ends[1], inner=name, outer=version, overhead=overhead, mtu=LINK_MTU - overhead),
        statements=tuple(told),
        subject={"a": ends[0], "b": ends[1], "protocol": name},
        endpoints=(RoleEndpoint("tunnel end", c.originator), RoleEndpoint("tunnel end", c.responder)),
        refuted_by=REFUTE(),
    )
