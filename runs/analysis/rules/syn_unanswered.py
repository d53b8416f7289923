"""A SYN, repeated or not, and nothing back.

Claim: within the capture no SYN+ACK, RST or ICMP error answers the SYNs of an attempt. Retries of one attempt (same ports, same
initial sequence number) are one; their number and intervals are told. Whether the SYN never arrived or its answer never came back
cannot be said at the originator's side; a capture at the responder decides. Where the capture was taken there (its host's addresses, or TTLs), the
SYN arrives and no answer leaves: the host itself is to be looked at.

Threshold: 1 s of capture after the first SYN, since its first repetition is due then. One SYN that is never repeated is
`tentative` (a client that raced two addresses gives one up like that). Where other attempts to the same port are answered it is
`medium`. One originator that asks more than 10 ends in vain, most of them once, is a scan: one `info`, no fault of the ends.

Silent where the originator goes on as if it had been answered (the capture holds one direction only), and where an ICMP error
quotes the SYN (`icmp_rejected`).

Refuted by: a SYN+ACK or RST in a capture at the same place; drops counted by the capture.

Source: RFC 9293 §3.8.1 (retransmission of SYN), RFC 6298 §2 (1 s, doubling), RFC 8305 §5 (racing addresses); Zeek's connection
state S0.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.capture_side import READS, CaptureSides, Side, Taken
from runs.analysis.domain.copies import first_sights
from runs.analysis.domain.frames import cite_many, frame_ns, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.scans import is_hop_probe
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement, merge_citations

LEAST_WAIT_NS = SECOND_NS
ONLY_SYN = 1  # Conversation.completeness
MOST_TOLD = 3  # attempts of one responder told in full
MOST_ENDS = 10  # that one originator asks in vain before it is a scan

TITLE = message("syn_unanswered", en="A SYN is not answered", ja="SYN に応答がない")
UNANSWERED = message(
    "syn_unanswered.title",
    en="{responder} does not answer: {n:count} SYN in {waited:duration}, nothing back.",
    ja="{responder} から応答がない：{waited:duration} の間に SYN {n:count} 回、返答なし。",
)
REPEATED = message(
    "syn_unanswered.repeated",
    en="The SYN is sent {n:count} times, {intervals:list} apart.",
    ja="SYN は {n:count} 回送られている（間隔 {intervals:list}）。",
)
INTERVAL = message("syn_unanswered.interval", en="{t:duration}", ja="{t:duration}")
ONCE = message(
    "syn_unanswered.once", en="One SYN is sent and {waited:duration} pass.", ja="SYN を 1 回送り、{waited:duration} 経過。"
)
REFUTE = message(
    "syn_unanswered.refute",
    en="A SYN+ACK or RST from {responder} in a capture at the same place.",
    ja="同じ採取点のキャプチャに {responder} の SYN+ACK か RST があれば覆る。",
)
AT_RESPONDER = message(
    "syn_unanswered.at_responder",
    en="Capture at the responder: does the SYN arrive, and does it answer?",
    ja="応答側で採取し、SYN が届くか、返答しているかを確認する。",
)
HERE = message(
    "syn_unanswered.here",
    en="Look at the responder's filter, listener and reverse path: the SYN arrives there and no answer leaves.",
    ja="応答側のフィルタ・待ち受け・逆経路フィルタを確認する（SYN は届いており、応答が出ていない）。",
)
UNDER_WAY = message(
    "syn_unanswered.under_way",
    en="Capture at the responder, unless this was captured there; if it was, look at its filter and listener.",
    ja="この採取が応答側でなければ応答側で採取する。応答側での採取なら、そのフィルタと待ち受けを確認する。",
)
AT_HOST = message(
    "syn_unanswered.at_host",
    en="{address} is an address of the host that captured: the SYN arrives there, and no answer leaves.",
    ja="{address} は採取したホスト自身のアドレス。SYN はそこに届いており、応答が出ていない。",
)
TTLS = message(
    "syn_unanswered.ttls",
    en="The SYN comes with TTL {syn:count}, other packets of {address} leave with {own:count}: captured at the responder, where the SYN arrives and "
    "no answer leaves.",
    ja="SYN の TTL は {syn:count}、{address} の他のパケットは {own:count}：応答側での採取であり、SYN は届いているが応答が出ていない。",
)
ANSWERED = message(
    "syn_unanswered.answered", en="Every SYN to {responder} is answered.", ja="{responder} への SYN にはすべて応答がある。"
)
SOME_ANSWERED = message(
    "syn_unanswered.some_answered",
    en="Other attempts to {responder} in this run are answered: it listens, and answers not always.",
    ja="{responder} への他の試行には応答がある。待ち受けてはいるが、常には応答しない。",
)
SCAN = message(
    "syn_unanswered.title_scan",
    en="{originator} asks {n:count} ends in vain, most of them once: a scan, no fault of these ends.",
    ja="{originator} が {n:count} 個の宛先へ応答のない SYN を送っている。大半は 1 回だけで、走査（scan）とみられ、宛先の障害ではない。",
)
SCANNED = message("syn_unanswered.scanned", en="The first of its SYNs are these.", ja="最初の SYN はこれらのフレーム。")


class Vain(NamedTuple):
    """An attempt whose SYNs nobody answers."""

    conversation: Conversation
    waited_ns: int
    syns: list[int]  # frames, each packet once


@rule(
    title=TITLE,
    domain="network",
    topics=["service-down", "packet-filter", "routing"],
    needs=[Conversation],
    uses=[Capture, IcmpError, *READS],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder, and for each originator that scans."""
    ends_ns = {c.file: c.last_ns for c in case.all(Capture) if c.last_ns is not None and not c.is_text}
    refused = {(e.file, e.segment, e.conversation_row) for e in case.all(IcmpError)}
    answered: dict[str, Statement] = {}
    unanswered: Gathered[Endpoint, Vain] = Gathered(MOST_TOLD)
    asked: dict[str, dict[Endpoint, list[Conversation]]] = {}
    for c in case.all(Conversation):
        if c.protocol != "tcp" or not c.syn_frame:
            continue
        if c.completeness == ONLY_SYN and not c.frames[1]:
            waited = max(ends_ns.get(c.file) or 0, c.end_ns) - c.start_ns
            if waited >= LEAST_WAIT_NS and not is_hop_probe(case, c) and (c.file, c.segment, c.row) not in refused:
                unanswered.add(c.responder, Vain(c, waited, _syns(case, c)))
                asked.setdefault(c.originator.address, {}).setdefault(c.responder, []).append(c)
        elif c.syn_ack_frame:
            key = str(c.responder)
            if key not in answered:
                answered[key] = statement(ANSWERED(responder=key), cite_many(case, c, (c.syn_frame, c.syn_ack_frame)))
    scanned: set[Endpoint] = set()
    for originator, targets in asked.items():
        once = sum(1 for found in targets.values() if sum(c.frames[0] for c in found) == 1)
        if len(targets) > MOST_ENDS and 2 * once > len(targets):
            scanned |= targets.keys()
            yield _scan(case, originator, targets)
    sides = CaptureSides(case)
    for responder, found, more in unanswered:
        if responder not in scanned:
            yield _found(case, sides, responder, found, more, answered.get(str(responder)))
    if answered and not unanswered:
        yield Excluded(statements=tuple(answered.values())[:12])


def _scan(case: Case, originator: str, targets: dict[Endpoint, list[Conversation]]) -> Found:
    first = [found[0] for found in targets.values()][:20]
    places = merge_citations(cite_many(case, c, (c.syn_frame,)) for c in first)
    return Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=SCAN(originator=originator, n=len(targets)),
        statements=(statement(SCANNED(), *places),),
        subject={"role": "originator", "address": originator, "what": "scan"},
        endpoints=(RoleEndpoint("originator", Endpoint(originator)),),
        refuted_by=REFUTE(responder=", ".join(str(c.responder) for c in first[:3])),
    )


def _syns(case: Case, c: Conversation) -> list[int]:
    """The frames of its SYNs, each packet once."""
    packets = case.table(c, "packets")
    if packets is None:
        return [c.syn_frame]
    rows = rows_of(case, c)
    found: list[int] = (first_sights(packets, rows[packets["tcp_flags"][rows] & (SYN | ACK) == SYN]) + 1).tolist()
    return found


def _found(case: Case, sides: CaptureSides, end: Endpoint, found: Sequence[Vain], more: int, answered: Statement | None) -> Found:
    """One finding for all attempts to a responder; the one that tried most stands in the title."""
    lead, waited, syns = max(found, key=lambda f: (len(f.syns), f.waited_ns))
    responder, tries = str(end), sum(len(f.syns) for f in found)
    told = [_told(case, one) for one in found]
    if more:
        told.append(Statement(MORE(n=more)))
    if answered is not None:
        told.append(Statement(SOME_ANSWERED(responder=responder), answered.citations))
    taken = sides.of(lead)
    if taken is not None and taken.side == "responder":
        told.append(_arrives(case, lead, taken))
    return Found(
        outcome="fail",
        severity="medium" if answered is not None else "high",
        confidence="firm" if tries > 1 or more else "tentative",
        title=UNANSWERED(responder=responder, n=len(syns), waited=waited),
        statements=tuple(told),
        subject=responder_subject(end),
        endpoints=ends(lead.originator, end),
        because=(
            Cause("route_missing", {"destination": lead.originator.address}),
            Cause("firewall_would_block", {"blocks": str(end)}),
        ),
        refuted_by=REFUTE(responder=responder),
        next_actions=(_action(lead, taken.side if taken else None),),
    )


def _action(c: Conversation, side: Side | None) -> Action:
    """What decides next: at the responder its own state, elsewhere a capture there."""
    if side == "responder":
        return Action(
            HERE(),
            f"ss -tln 'sport = :{c.responder.port}'; nft list ruleset; iptables-save -c; nstat -az | grep -iE 'rpfilter|listen|syn'",
        )
    command = f"sudo tcpdump -i any -s 0 -w responder.pcap 'host {c.originator.address} or icmp or icmp6'"
    return Action(UNDER_WAY() if side == "under way" else AT_RESPONDER(), command)


def _arrives(case: Case, c: Conversation, taken: Taken) -> Statement:
    address = c.responder.address
    if not taken.ttls:
        return statement(AT_HOST(address=address), *taken.places)
    return statement(TTLS(syn=taken.ttls[0], own=taken.ttls[1], address=address), cite_many(case, c, taken.frames))


def _told(case: Case, one: Vain) -> Statement:
    c, waited, frames = one
    times = [t for t in (frame_ns(case, c, n) for n in frames) if t is not None]
    if len(times) > 1:
        intervals = [INTERVAL(t=b - a) for a, b in pairwise(times)]
        return statement(REPEATED(n=len(times), intervals=intervals[:8]), cite_many(case, c, frames[:20]))
    return statement(ONCE(waited=waited), cite_many(case, c, frames))
