"""One echo request is answered more than once.

Claim: ping marks answers with DUP!, or a capture shows two answers to one request (a frame captured twice is none).
On a path this means that a packet is copied (a mirrored link, a loop) or that two hosts answer
for one address; to a broadcast or multicast address it is normal.

Refuted by: a target that is a broadcast or multicast address.

Source: ping(8), DUPLICATE AND DAMAGED PACKETS.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.icmp_echo import CapturedPing
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement

TITLE = message("ping_duplicate", en="A ping is answered twice", ja="ping に重複応答がある")
TWICE = message(
    "ping_duplicate.title",
    en="{target} answers {n:count} pings more than once.",
    ja="{target} からの応答に重複が {n:count} 件ある。",
)
HERE = message("ping_duplicate.here", en="The duplicates stand in these lines.", ja="重複した応答はこれらの行。")
HERE_CAPTURED = message("ping_duplicate.here_captured", en="The further answers are these.", ja="2 回目以降の応答は次のとおり。")
REFUTE = message(
    "ping_duplicate.refute", en="A broadcast or multicast target.", ja="宛先がブロードキャストやマルチキャストなら覆る。"
)
ASK = message("ping_duplicate.ask", en="Does one MAC address answer, or two?", ja="応答する MAC アドレスが 1 つか確認する。")
NONE = message("ping_duplicate.none", en="No answer of {target} came twice.", ja="{target} の応答に重複はない。")


@rule(
    title=TITLE,
    domain="network",
    topics=["address-resolution"],
    needs=[(Ping, CapturedPing)],
    collect="ping -c 20 TARGET | tee ping.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each target."""
    single: list[Statement] = []
    for ping in case.all(Ping):
        target = ping.target or ping.name or "?"
        twice = [r for r in ping.replies if r.result == "duplicate"]
        multicast = (
            target.endswith(".255") or target.lower().startswith("ff") or target.partition(".")[0] in map(str, range(224, 240))
        )
        if twice and not multicast:
            yield _found(target, len(twice), statement(HERE(), Citation(ping.file, lines=tuple(r.line for r in twice[:20]))))
        elif ping.received and ping.statistics_line:
            single.append(statement(NONE(target=target), Citation(ping.file, lines=(ping.statistics_line,))))
    for captured in case.all(CapturedPing):
        if captured.duplicate_count:
            yield _found(captured.target, captured.duplicate_count, statement(HERE_CAPTURED(), captured.duplicates))
        elif captured.answered:
            single.append(statement(NONE(target=captured.target), captured.answers))
    if single:
        yield Excluded(statements=tuple(single[:12]))


def _found(target: str, count: int, told: Statement) -> Found:
    return Found(
        outcome="fail",
        severity="medium",
        confidence="certain",
        title=TWICE(target=target, n=count),
        statements=(told,),
        subject={"target": target},
        endpoints=(RoleEndpoint("responder", Endpoint(target)),),
        because=(Cause("arp_duplicate_address", {"address": target}),),
        refuted_by=REFUTE(),
        next_actions=(Action(ASK(), f"arping -c 5 {target}"),),
    )
