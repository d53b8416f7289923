"""Who-has without a reply: nobody on the segment has that address.

Claim: at least two requests for an address, over at least 1 s, and no reply of any host. A probe for a duplicate (from 0.0.0.0)
and an announcement (for one's own address) want no reply.

A switch shows everybody's questions and nobody else's answers: the rule speaks only of askers whose own traffic the capture shows
(a reply to them, a conversation with them). Where nobody's is shown and one host asks, it is `tentative`; other askers are not
evaluable. An address that speaks in the capture is there. More than 10 addresses that one host asks for in vain are a sweep: one
`info`.

Refuted by: a reply; a capture where replies cannot be seen (another port of a switch).

Source: RFC 826, RFC 5227.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.arp import ArpResolution
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

UNSPECIFIED = "0.0.0.0"  # noqa: S104  # the asker of a probe for a duplicate, nothing is bound
GIVES_UP_NS = 10 * SECOND_NS  # after three questions, a second apart (Linux)
LEAST_REQUESTS = 2
LEAST_NS = SECOND_NS
MOST_TARGETS = 10

TITLE = message("arp_unanswered", en="An address does not answer ARP", ja="ARP に応答のないアドレスがある")
SILENT = message(
    "arp_unanswered.title",
    en="{target} does not answer ARP: {asker} asks {n:count} times in {span:duration}.",
    ja="{target} から ARP の応答がない：{asker} が {span:duration} の間に {n:count} 回問い合わせ。",
)
ASKED = message("arp_unanswered.asked", en="The requests are these; no reply follows.", ja="要求はこれらのフレーム。応答はない。")
REFUTE = message("arp_unanswered.refute", en="A reply of {target}.", ja="{target} の応答があれば覆る。")
SWEEP = message(
    "arp_unanswered.title_sweep",
    en="{asker} asks for {n:count} addresses that nobody has: a sweep of the segment.",
    ja="{asker} が存在しないアドレス {n:count} 個を問い合わせている。セグメントの走査とみられる。",
)
NOT_SHOWN = message(
    "arp_unanswered.not_shown",
    en="replies to {asker}: the capture shows nothing that is sent to this host alone",
    ja="{asker} への応答（このキャプチャには同ホスト宛のユニキャストが写っていない）",
)
CHECK = message("arp_unanswered.check", en="Ask from the same segment.", ja="同じセグメントから問い合わせる。")
ANSWERED = message("arp_unanswered.answered", en="{target} answers ARP.", ja="{target} は ARP に応答している。")


@rule(
    title=TITLE,
    domain="network",
    topics=["address-resolution"],
    needs=[ArpResolution],
    uses=[Conversation, IcmpError],
    collect="sudo tcpdump -i any -nn -e -w arp.pcap arp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each address that is asked for."""
    answered: list[Statement] = []
    unanswered: dict[str, list[ArpResolution]] = {}
    for arp in case.all(ArpResolution):
        if arp.asker in (UNSPECIFIED, arp.target):
            continue
        if arp.reply_count:
            answered.append(statement(ANSWERED(target=arp.target), Citation(arp.file, frames=arp.reply_frames[:3])))
        elif arp.request_count >= LEAST_REQUESTS and arp.last_ns - arp.first_ns >= LEAST_NS:
            unanswered.setdefault(arp.asker, []).append(arp)
    shown, spoke = _shown(case) if unanswered else (set(), set())
    shown |= _given_up(case, unanswered)
    nobody = len(unanswered) == 1 and not any(arp.reply_count for arp in case.all(ArpResolution))
    for asker, found in unanswered.items():
        found = [arp for arp in found if (arp.file, arp.target) not in spoke]
        seen = [arp for arp in found if (arp.file, asker) in shown or nobody]
        if len(seen) > MOST_TARGETS:
            yield _sweep(asker, seen)
        else:
            yield from (_found(arp, (arp.file, asker) in shown) for arp in seen)
        if found and not seen:
            places = tuple(Citation(arp.file, frames=arp.request_frames[:5]) for arp in found[:5])
            yield NotEvaluable(
                missing=(NOT_SHOWN(asker=asker),), collect=f"sudo tcpdump -i any -nn -e arp and host {asker}", citations=places
            )
    if answered and not unanswered:
        yield Excluded(statements=tuple(answered[:12]))


def _shown(case: Case) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(file, address) of those whose own traffic a capture shows, and of those who spoke in it."""
    spoke = {(c.file, c.originator.address) for c in case.all(Conversation) if c.frames[0]}
    spoke |= {(c.file, c.responder.address) for c in case.all(Conversation) if c.frames[1]}
    both = {(c.file, end.address) for c in case.all(Conversation) if all(c.frames) for end in (c.originator, c.responder)}
    replied = {(arp.file, arp.asker) for arp in case.all(ArpResolution) if arp.reply_count}
    return both | replied, spoke


def _given_up(case: Case, unanswered: dict[str, list[ArpResolution]]) -> set[tuple[str, str]]:
    """(file, asker) whose capture holds the 'host unreachable' that a router sends when its questions stay unanswered."""
    told: dict[str, list[int]] = {}
    for e in case.all(IcmpError) if unanswered else ():
        if (e.version, e.icmp_type, e.icmp_code) == (4, 3, 1):
            told.setdefault(e.file, []).append(e.ts_ns)
    return {
        (arp.file, asker)
        for asker, found in unanswered.items()
        for arp in found
        if any(0 <= ns - arp.first_ns <= GIVES_UP_NS for ns in told.get(arp.file, ()))
    }


def _sweep(asker: str, found: list[ArpResolution]) -> Found:
    frames = tuple(sorted(arp.request_frames[0] for arp in found if arp.file == found[0].file))[:20]
    return Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=SWEEP(asker=asker, n=len(found)),
        statements=(statement(ASKED(), Citation(found[0].file, frames=frames)),),
        subject={"asker": asker, "what": "sweep"},
        endpoints=(RoleEndpoint("originator", Endpoint(asker)),),
        refuted_by=REFUTE(target=found[0].target),
    )


def _found(arp: ArpResolution, is_shown: bool) -> Found:
    return Found(
        outcome="fail",
        severity="high",
        confidence="firm" if is_shown else "tentative",
        title=SILENT(target=arp.target, asker=arp.asker, n=arp.request_count, span=arp.last_ns - arp.first_ns),
        statements=(statement(ASKED(), Citation(arp.file, frames=arp.request_frames[:20])),),
        subject={"address": arp.target},
        endpoints=(RoleEndpoint("responder", Endpoint(arp.target)), RoleEndpoint("originator", Endpoint(arp.asker))),
        refuted_by=REFUTE(target=arp.target),
        next_actions=(Action(CHECK(), f"arping -c 3 {arp.target}"),),
    )
