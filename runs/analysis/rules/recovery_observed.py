"""After a change the same attempt works: the run recovered, and on what.

Claim (`info`): a ping to one target fails, is mostly answered in a file whose name says that it was taken afterwards, and a log of the run has a
service that was started or a lease that was gained. Which of several changes it was is not claimed; where the failing ping names no target it
is `tentative`.

Refuted by: the success lying before the change.

Source: order and shared target; order alone is not called a cause.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.dhcp import DhcpClientEvent
from runs.analysis.facts.reachability import Ping
from runs.analysis.facts.service import ServiceEvent
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Found, Outcome, RoleEndpoint, Statement

AFTER_NAMES = ("after", "recover", "restart", "restored", "復旧", "再起動後")
TITLE = message("recovery_observed", en="The run recovered", ja="復旧が観測された")
RECOVERED = message(
    "recovery_observed.title",
    en="{target} failed and answers again after this change.",
    ja="{target} は一度失敗し、次の変更の後に再び応答している。",
)
FAILED = message("recovery_observed.failed", en="The ping fails here.", ja="ここでは ping が失敗している。")
WORKS = message("recovery_observed.works", en="The same ping works here.", ja="ここでは同じ ping が成功している。")
STARTED = message(
    "recovery_observed.started", en="{unit} was restarted at {at:time}.", ja="{at:time} に {unit} が再起動されている。"
)
LEASE = message("recovery_observed.lease", en="A new lease came at {at:time}.", ja="{at:time} に新しいリースを取得している。")
REFUTE = message("recovery_observed.refute", en="The success lies before the change.", ja="成功が変更より前であれば覆る。")


@rule(
    title=TITLE,
    domain="network",
    topics=["dhcp", "routing"],
    needs=[Ping, (ServiceEvent, DhcpClientEvent)],
    uses=[Clock],
    collect="ping -c 5 -D TARGET | tee ping_after_restart.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each target that failed and works after a named change."""
    changes = list(_changes(case))
    pings = [p for p in case.all(Ping) if p.target]
    for works in (p for p in pings if _works(p) and _is_after(p)):
        failed = [p for p in case.all(Ping) if p.target in (works.target, None) and _failed(p) and not _is_after(p)]
        same = [p for p in failed if p.target == works.target] or failed
        if same and changes:
            yield _found(works, same[0], changes)


def _is_after(ping: Ping) -> bool:
    """Whether the file's name says that it was taken after the change."""
    return any(word in ping.file.lower() for word in AFTER_NAMES)


def _failed(ping: Ping) -> bool:
    return bool(ping.failure) or (ping.transmitted is not None and not _works(ping))


def _works(ping: Ping) -> bool:
    """Whether most of it is answered: the first packet may still wait for ARP."""
    return bool(ping.received) and 2 * (ping.received or 0) > (ping.transmitted or 0)


def _changes(case: Case) -> Iterator[Statement]:
    clocks = {c.file: c for c in case.all(Clock)}
    starts = [s for s in case.all(ServiceEvent) if s.state == "started"]
    leases = [e for e in case.all(DhcpClientEvent) if e.step == "lease_gained"]
    events: list[ServiceEvent | DhcpClientEvent] = [*starts[-2:], *leases[-1:]]
    for event in events:
        clock = clocks.get(event.file)
        if clock is not None and event.wall_ns is not None:
            yield _change(event, clock.utc_ns(event.wall_ns, event.has_date))


def _change(event: ServiceEvent | DhcpClientEvent, at: int) -> Statement:
    said = STARTED(unit=event.unit, at=at) if isinstance(event, ServiceEvent) else LEASE(at=at)
    return statement(said, Citation(event.file, lines=(event.line,)))


def _found(works: Ping, failed: Ping, changes: list[Statement]) -> Found:
    target = works.target or "?"
    line = failed.failure_line or failed.statistics_line
    return Found(
        outcome="info",
        severity="info",
        confidence="firm" if failed.target == works.target else "tentative",
        title=RECOVERED(target=target),
        statements=(
            statement(FAILED(), Citation(failed.file, lines=(line,) if line else ())),
            *changes,
            statement(WORKS(), Citation(works.file, lines=(works.statistics_line,))),
        ),
        subject={"target": target},
        endpoints=(RoleEndpoint("responder", Endpoint(target)),),
        refuted_by=REFUTE(),
    )
