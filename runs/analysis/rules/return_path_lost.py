"""The responder answers with SYN+ACK again and again, and the originator keeps repeating its SYN: the SYN+ACK does not arrive.

Claim: seen from the responder's side, the way there works (the SYNs arrive) and the way back loses (no ACK ever follows). A
SYN+ACK may carry a new initial sequence number each time; it is the same attempt as long as ports and the SYN's number agree.
Where the TTLs show that the capture was made at the originator (its SYN has a whole initial TTL, the SYN+ACK has not), the
SYN+ACK does arrive, and this host or its filter drops it: the title says so.

Threshold: half a second between the first SYN+ACK and a further SYN or SYN+ACK of the same attempt. A SYN+ACK without a SYN in
the capture counts only where it is repeated, as `tentative`, since a capture of one direction and answers to forged SYNs look the
same. So do more than 20 originators that never acknowledge: a SYN flood.

Silent for half-open scans (RST), for captures whose filter holds SYNs only (nothing is repeated), for frames that are captured
twice.

Refuted by: an ACK of the handshake; a capture at the originator that shows the SYN+ACK arriving.

Source: RFC 9293 §3.5; RFC 6528 (initial sequence numbers); Zeek's connection state S1 without the final ACK.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from runs.analysis.case import Case
from runs.analysis.columns import Table
from runs.analysis.domain.copies import first_sights
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Confidence, Excluded, Found, Outcome, Statement

LEAST_NS = SECOND_NS // 2
INITIAL_TTLS = (64, 128, 255)
MOST_TOLD = 3
MOST_ORIGINATORS = 20

TITLE = message("return_path_lost", en="The way back loses the SYN+ACK", ja="戻りの SYN+ACK が失われている")
LOST = message(
    "return_path_lost.title",
    en="SYN+ACK from {responder} does not reach {originator}: sent {n:count} {n:plural:time|times}, never acknowledged. The way there works, "
    "the way back loses.",
    ja="{responder} の SYN+ACK が {originator} に届いていない：{n:count} 回送っても ACK が来ない。行きは届き、戻りが失われている。",
)
SYNS = message(
    "return_path_lost.syns", en="The SYN is seen {n:count} {n:plural:time|times}.", ja="SYN は {n:count} 回観測されている。"
)
ANSWERS = message(
    "return_path_lost.answers",
    en="Each is answered with SYN+ACK, {n:count} in all; no ACK follows within {waited:duration}.",
    ja="SYN+ACK を計 {n:count} 回返しているが、{waited:duration} の間 ACK は来ない。",
)
ORPHAN = message(
    "return_path_lost.orphan",
    en="SYN+ACK without a SYN in this capture: the responder repeats its answer to an attempt from before, or the SYNs pass elsewhere.",
    ja="このキャプチャに SYN のない SYN+ACK は、以前の試行に対する再送か、SYN が別経路を通ったもの。",
)
REFUTE = message(
    "return_path_lost.refute",
    en="An ACK from {originator}, or a capture there that shows the SYN+ACK arriving.",
    ja="{originator} からの ACK、または同側のキャプチャで SYN+ACK の到着が確認できれば覆る。",
)
WIDE = message(
    "return_path_lost.wide",
    en="Capture at the responder with ICMP: who on the way back rejects or drops it?",
    ja="応答側で ICMP を含めて採取し、戻り経路のどこが拒否・破棄しているかを確認する。",
)
ARRIVES = message(
    "return_path_lost.arrives",
    en="Capture at the originator at the same time: does the SYN+ACK arrive?",
    ja="同時に要求側でも採取し、SYN+ACK が届いているかを確認する。",
)
TRACE = message("return_path_lost.trace", en="Trace the way back.", ja="戻り経路を traceroute で確認する。")
COMPLETE = message(
    "return_path_lost.complete",
    en="Every SYN+ACK of {responder} is acknowledged.",
    ja="{responder} の SYN+ACK はすべて ACK されている。",
)
AT_ORIGINATOR = message(
    "return_path_lost.title_at_originator",
    en="SYN+ACK from {responder} arrives and is never acknowledged ({n:count} {n:plural:time|times}): {originator} drops it.",
    ja="{responder} の SYN+ACK は届いているが ACK されない（{n:count} 回）。{originator} 側で破棄されている。",
)
TTLS = message(
    "return_path_lost.ttls",
    en="The SYN has TTL {syn:count}, the SYN+ACK {answer:count}: this was captured at the originator.",
    ja="SYN の TTL は {syn:count}、SYN+ACK は {answer:count}：要求側での採取。",
)
MANY = message(
    "return_path_lost.many",
    en="{n:count} originators never acknowledge: a SYN flood with forged senders looks the same.",
    ja="ACK を返さない送信元が {n:count} 個ある。送信元を偽った SYN flood でも同じに見える。",
)
DROPS = message(
    "return_path_lost.drops",
    en="List the originator's filter rules and its sockets.",
    ja="要求側のフィルタ規則とソケットを確認する。",
)


class Lost(NamedTuple):
    """An attempt whose SYN+ACKs are never acknowledged. Frames count from 1."""

    conversation: Conversation
    syns: list[int]
    answers: list[int]
    waited_ns: int
    ttls: tuple[int, int]  # of the first SYN and the first SYN+ACK; 0: not known

    @property
    def side(self) -> Literal["originator", "responder"]:
        """Where it was captured; the responder's side unless the TTLs say otherwise."""
        syn, answer = self.ttls
        return "originator" if syn in INITIAL_TTLS and answer not in (0, *INITIAL_TTLS) else "responder"


@rule(
    title=TITLE,
    domain="network",
    topics=["return-path", "packet-filter", "routing"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    complete: dict[str, Statement] = {}
    lost: Gathered[Endpoint, Lost] = Gathered(MOST_TOLD)
    originators: dict[Endpoint, set[str]] = {}
    for c in case.all(Conversation):
        if c.protocol != "tcp" or not c.syn_ack_frame:
            continue
        if c.completeness & 4 or c.rst_frame or sum(c.payload_bytes):
            if c.handshake_complete and len(complete) < 12:
                place = cite_many(case, c, (c.syn_ack_frame, c.handshake_ack_frame))
                complete.setdefault(str(c.responder), statement(COMPLETE(responder=str(c.responder)), place))
            continue
        packets = case.table(c, "packets") if c.duration_ns >= LEAST_NS else None
        found = _lost(case, c, packets) if packets is not None else None
        if found is not None:
            lost.add(c.responder, found)
            originators.setdefault(c.responder, set()).add(c.originator.address)
    for responder, found_here, more in lost:
        yield _found(case, responder, found_here, more, len(originators[responder]))
    if complete:
        yield Excluded(statements=tuple(complete.values()))


def _lost(case: Case, c: Conversation, packets: Table) -> Lost | None:
    rows = rows_of(case, c)
    flags = packets["tcp_flags"][rows] & (SYN | ACK)
    syns, answers = first_sights(packets, rows[flags == SYN]), first_sights(packets, rows[flags == SYN | ACK])
    if not len(answers):
        return None
    first = int(packets["ts_ns"][answers[0]])
    later = rows[rows > answers[0]] if len(syns) else answers
    if not len(later) or int(packets["ts_ns"][later[-1]]) - first < LEAST_NS:
        return None
    ttls = (int(packets["ttl"][syns[0]]) if len(syns) else 0, int(packets["ttl"][answers[0]]))
    return Lost(c, (syns + 1).tolist(), (answers + 1).tolist(), int(packets["ts_ns"][rows[-1]]) - first, ttls)


def _confidence(found: Sequence[Lost], originators: int) -> Confidence:
    lead = found[0]
    if originators > MOST_ORIGINATORS or not any(f.syns for f in found):
        return "tentative"
    return "certain" if lead.side == "responder" and any(f.syns and len(f.answers) > 1 for f in found) else "firm"


def _found(case: Case, end: Endpoint, found: Sequence[Lost], more: int, originators: int) -> Found:
    lead = max(found, key=lambda f: (bool(f.syns), len(f.answers)))
    originator, responder = lead.conversation.originator.address, str(end)
    told = [s for one in found for s in _told(case, one)]
    if more:
        told.append(Statement(MORE(n=more)))
    if originators > MOST_ORIGINATORS:
        told.append(Statement(MANY(n=originators)))
    said = AT_ORIGINATOR if lead.side == "originator" else LOST
    wide = f"sudo tcpdump -i any -nn -s 0 -w wide.pcap '(host {originator} and port {end.port}) or icmp or icmp6'"
    there = f"sudo tcpdump -i any -nn -s 0 -w originator.pcap 'host {end.address} or icmp or icmp6'"
    actions: tuple[Action, ...] = (Action(WIDE(), wide), Action(TRACE(), f"traceroute -n {originator}"), Action(ARRIVES(), there))
    if lead.side == "originator":
        actions = (Action(DROPS(), "iptables-save -c; nft list ruleset; ss -tan"),)
    return Found(
        outcome="fail",
        severity="critical",
        confidence=_confidence(found, originators),
        title=said(responder=responder, originator=originator, n=len(lead.answers)),
        statements=tuple(told),
        subject=responder_subject(end),
        endpoints=ends(lead.conversation.originator, end),
        because=(Cause("icmp_rejected", {"direction": "to originator", "address": end.address, "port": str(end.port)}),),
        refuted_by=REFUTE(originator=originator),
        next_actions=actions,
    )


def _told(case: Case, lost: Lost) -> Iterator[Statement]:
    c = lost.conversation
    if lost.syns:
        yield statement(SYNS(n=len(lost.syns)), cite_many(case, c, lost.syns[:20]))
    yield statement(ANSWERS(n=len(lost.answers), waited=lost.waited_ns), cite_many(case, c, lost.answers[:20]))
    if not lost.syns:
        yield statement(ORPHAN(), cite_many(case, c, lost.answers[:1]))
    elif lost.side == "originator":
        syn, answer = lost.ttls
        yield statement(TTLS(syn=syn, answer=answer), cite_many(case, c, (lost.syns[0], lost.answers[0])))
