"""odhcp6c: which leases it holds, from whom, and the MAP-E rule it was given."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.dhcp import DhcpClientEvent
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.messages import message
from runs.analysis.report import Statement

LEASES = message("odhcp6c.summary_leases", en="Leases: {leases:list}.", ja="リース：{leases:list}。")
UNANSWERED = message(
    "odhcp6c.summary_unanswered",
    en="{n:count} {n:plural:message|messages} sent, no answer received.",
    ja="送信 {n:count} 件に応答なし。",
)
STEPS = message("odhcp6c.summary_steps", en="Messages: {steps:list}.", ja="メッセージ：{steps:list}。")
RULE = message("odhcp6c.summary_rule", en="MAP-E rule: border relay {br}.", ja="MAP-E ルール：BR は {br}。")
_SENT = ("solicit", "request", "renew", "rebind")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    events = [fact for fact in facts if isinstance(fact, DhcpClientEvent)]
    leases = [event for event in events if event.step == "lease_gained" and event.lease]
    said = [event for event in events if event.step in (*_SENT, "advertise", "reply")]
    sent = [event for event in said if event.step in _SENT]
    if sent and len(sent) == len(said):
        yield Statement(UNANSWERED(n=len(sent)), (Citation(file.path, lines=tuple(event.line for event in sent[:20])),))
    elif said:
        place = Citation(file.path, lines=tuple(event.line for event in said[:20]))
        yield Statement(STEPS(steps=[event.step for event in said[:8]]), (place,))
    if leases:
        place = Citation(file.path, lines=tuple(event.line for event in leases[:8]))
        yield Statement(LEASES(leases=[event.lease or "" for event in leases[:8]]), (place,))
    for rule in [fact for fact in facts if isinstance(fact, MapEParameters) and fact.br_address][:2]:
        yield Statement(RULE(br=rule.br_address), (Citation(file.path, lines=(rule.br_line,)),))
