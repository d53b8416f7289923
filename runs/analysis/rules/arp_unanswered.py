"""Who-has without a reply: nobody on the segment has that address.

Claim: at least two requests for an address, over at least 1 s, and no reply of any host. A probe for a duplicate (from 0.0.0.0) and an
announcement (for one's own address) want no reply.

Refuted by: a reply; a capture where replies cannot be seen (another port of a switch).

Source: RFC 826, RFC 5227.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.arp import ArpResolution
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

UNSPECIFIED = "0.0.0.0"  # noqa: S104  # the asker of a probe for a duplicate, nothing is bound
LEAST_REQUESTS = 2
LEAST_NS = SECOND_NS

TITLE = message("arp_unanswered", en="An address does not answer ARP", ja="ARP に応答のないアドレスがある")
SILENT = message(
    "arp_unanswered.title",
    en="{target} does not answer ARP: {asker} asks {n:count} times in {span:duration}.",
    ja="{target} から ARP の応答がない：{asker} が {span:duration} の間に {n:count} 回問い合わせ。",
)
ASKED = message("arp_unanswered.asked", en="The requests are these; no reply follows.", ja="要求はこれらのフレーム。応答はない。")
REFUTE = message("arp_unanswered.refute", en="A reply of {target}.", ja="{target} の応答があれば覆る。")
CHECK = message("arp_unanswered.check", en="Ask from the same segment.", ja="同じセグメントから問い合わせる。")
ANSWERED = message("arp_unanswered.answered", en="{target} answers ARP.", ja="{target} は ARP に応答している。")


@rule(
    title=TITLE,
    domain="network",
    topics=["address-resolution"],
    needs=[ArpResolution],
    collect="sudo tcpdump -i any -nn -e -w arp.pcap arp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each address that is asked for."""
    answered: list[Statement] = []
    for arp in case.all(ArpResolution):
        if arp.asker in (UNSPECIFIED, arp.target):
            continue
        if arp.reply_count:
            answered.append(statement(ANSWERED(target=arp.target), Citation(arp.file, frames=arp.reply_frames[:3])))
        elif arp.request_count >= LEAST_REQUESTS and arp.last_ns - arp.first_ns >= LEAST_NS:
            yield _found(arp)
    if answered:
        yield Excluded(statements=tuple(answered[:12]))


def _found(arp: ArpResolution) -> Found:
    return Found(
        outcome="fail",
        severity="high",
        confidence="firm",
        title=SILENT(target=arp.target, asker=arp.asker, n=arp.request_count, span=arp.last_ns - arp.first_ns),
        statements=(statement(ASKED(), Citation(arp.file, frames=arp.request_frames[:20])),),
        subject={"address": arp.target},
        endpoints=(RoleEndpoint("responder", Endpoint(arp.target)), RoleEndpoint("originator", Endpoint(arp.asker))),
        refuted_by=REFUTE(target=arp.target),
        next_actions=(Action(CHECK(), f"arping -c 3 {arp.target}"),),
    )
