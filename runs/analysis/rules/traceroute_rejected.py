"""A traceroute ends in a refusal: !X, !N, !H, !P, !F, !S, !A or a code.

Claim: the hop that answers with the mark refuses to pass the probe on; everything before it is reached. Stars alone are no
refusal: many devices do not answer probes. Where the target itself sends the mark, the path works and its own filter refuses the
probes (the default of some distributions): `info`. `!F` tells of a smaller MTU, which is no refusal either: `info`.

Refuted by: a traceroute with another protocol (-T, -I) that passes that hop.

Source: traceroute(8), the marks after a time.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.reachability import Traceroute, TracerouteHop
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

TITLE = message("traceroute_rejected", en="A traceroute is refused on its way", ja="traceroute が途中で拒否されている")
REFUSED = message(
    "traceroute_rejected.title",
    en="Hop {hop:count} ({address}) refuses probes to {target}: {mark} ({what}).",
    ja="{target} への traceroute は {hop:count} ホップ目（{address}）で拒否される：{mark}（{what}）。",
)
REACHED = message("traceroute_rejected.reached", en="It gets as far as {address}.", ja="{address} までは届いている。")
MARK = message("traceroute_rejected.mark", en="The mark stands here.", ja="印はここにある。")
MARKS: dict[str, Text] = {
    "!H": message("traceroute.H", en="host unreachable", ja="ホスト到達不能")(),
    "!N": message("traceroute.N", en="network unreachable", ja="ネットワーク到達不能")(),
    "!P": message("traceroute.P", en="protocol unreachable", ja="プロトコル到達不能")(),
    "!S": message("traceroute.S", en="source route failed", ja="ソースルート失敗")(),
    "!F": message("traceroute.F", en="fragmentation needed", ja="要分割")(),
    "!X": message("traceroute.X", en="communication administratively prohibited", ja="通信を管理上禁止")(),
    "!A": message("traceroute.A", en="access administratively prohibited", ja="アクセスを管理上禁止")(),
    "!V": message("traceroute.V", en="host precedence violation", ja="優先度違反")(),
    "!C": message("traceroute.C", en="precedence cutoff in effect", ja="優先度による遮断")(),
    "!Z": message("traceroute.Z", en="communication with the host prohibited", ja="当該ホストとの通信を禁止")(),
}
ARRIVES = message(
    "traceroute_rejected.arrives",
    en="This is {target} itself: the path works, its own filter refuses the probes.",
    ja="これは {target} 自身であり、経路は通じている。同ホストのフィルタが探査を拒否している。",
)
OTHER = message("traceroute.other", en="ICMP unreachable code", ja="ICMP 到達不能コード")()
REFUTE = message(
    "traceroute_rejected.refute",
    en="A traceroute with another protocol that passes that hop.",
    ja="別のプロトコルの traceroute がそのホップを越えれば覆る。",
)
OTHER_PROTOCOL = message(
    "traceroute_rejected.other_protocol", en="Trace with TCP to the port itself.", ja="該当ポートへの TCP で traceroute する。"
)
REACHES = message(
    "traceroute_rejected.reaches", en="The traceroute to {target} arrives.", ja="{target} への traceroute は到達している。"
)


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-filter", "routing", "return-path"],
    needs=[Traceroute],
    collect="traceroute -n TARGET | tee traceroute.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each traceroute with a mark; pass for those that arrive."""
    arrived: list[Statement] = []
    for trace in case.all(Traceroute):
        marked = next((h for h in trace.hops if h.marks), None)
        if marked is not None:
            yield _found(trace, marked)
        elif trace.reached and trace.hops:
            told = REACHES(target=trace.target or trace.name or "?")
            arrived.append(statement(told, Citation(trace.file, lines=(trace.hops[-1].line,))))
    if arrived:
        yield Excluded(statements=tuple(arrived[:12]))


def _found(trace: Traceroute, hop: TracerouteHop) -> Found:
    mark = hop.marks[0]
    address = hop.addresses[0] if hop.addresses else "?"
    target = trace.target or trace.name or "?"
    title = REFUSED(hop=hop.number, address=address, target=target, mark=mark, what=MARKS.get(mark[:2], OTHER))
    told = [statement(MARK(), Citation(trace.file, lines=(hop.line,)))]
    before = [h for h in trace.hops if h.number < hop.number and h.addresses]
    if before:
        told.append(statement(REACHED(address=before[-1].addresses[0]), Citation(trace.file, lines=(before[-1].line,))))
    harmless = address == trace.target or mark.startswith("!F")
    if harmless and address == trace.target:
        told.append(statement(ARRIVES(target=target), Citation(trace.file, lines=(hop.line,))))
    return Found(
        outcome="info" if harmless else "fail",
        severity="info" if harmless else "high",
        confidence="certain",
        title=title,
        statements=tuple(told),
        subject={"hop": address, "target": target, "mark": mark[:2]},
        endpoints=(RoleEndpoint("rejecting host", Endpoint(address)), RoleEndpoint("responder", Endpoint(target))),
        refuted_by=REFUTE(),
        next_actions=(Action(OTHER_PROTOCOL(), f"sudo traceroute -n -T -p PORT {target}"),),
    )
