"""A DHCP client lost its lease: expired, not renewed, or withdrawn.

Claim: the client's own log shows the lease (address or prefix) removed or expired, after renewals or rebinds without a reply, and what it does
since. A release that somebody asked for, or a client that is being stopped, is no loss. Whether and how it came back is told.

Refuted by: a reply to the renewals; a lease on another interface that does the same.

Source: RFC 8415 §18.2.4–5 (renew, rebind), RFC 2131 §4.4.5.
"""

import re
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.dhcp import DhcpClientEvent
from runs.analysis.facts.dhcp_capture import DhcpMessage
from runs.analysis.facts.service import ServiceEvent
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

STOPS_WITHIN_NS, STOPS_WITHIN_LINES = 30 * SECOND_NS, 20
LOST = ("lease_lost", "lease_expired")
TITLE = message("dhcp_lease_lost", en="A DHCP lease was lost", ja="DHCP のリースが失われた")
EXPIRED = message(
    "dhcp_lease_lost.title",
    en="The DHCPv{version} lease{lease} on {interface} is lost at {at:time}.",
    ja="{interface} の DHCPv{version} リース{lease}が {at:time} に失われた。",
)
EXPIRED_UNTIMED = message(
    "dhcp_lease_lost.title_untimed",
    en="The DHCPv{version} lease{lease} on {interface} is lost.",
    ja="{interface} の DHCPv{version} リース{lease}が失われた。",
)
UNANSWERED = message(
    "dhcp_lease_lost.unanswered",
    en="Before that {n:count} {n:plural:renewal|renewals} got no reply.",
    ja="その前の更新要求（renew/rebind）{n:count} 回に応答がない。",
)
GONE = message("dhcp_lease_lost.gone", en="The lease is removed here.", ja="リースはここで削除される。")
SOLICITS = message(
    "dhcp_lease_lost.solicits",
    en="Afterwards the client asks anew {n:count} {n:plural:time|times} without an answer.",
    ja="以後、クライアントは {n:count} 回問い合わせるが応答がない。",
)
CAPTURED = message(
    "dhcp_lease_lost.captured",
    en="The capture shows {n:count} of its requests.",
    ja="キャプチャにも要求が {n:count} 件写っている。",
)
RESTARTED = message(
    "dhcp_lease_lost.restarted",
    en="{unit} is restarted at {at:time}, and a new lease comes at {got:time}: restored.",
    ja="{at:time} に {unit} を再起動し、{got:time} に新しいリースを取得して復旧。",
)
BACK = message(
    "dhcp_lease_lost.back", en="A new lease comes at {got:time}: restored.", ja="{got:time} に新しいリースを取得して復旧。"
)
BACK_UNTIMED = message(
    "dhcp_lease_lost.back_untimed", en="A new lease comes later: restored.", ja="後に新しいリースを取得して復旧。"
)
REFUTE = message("dhcp_lease_lost.refute", en="A reply to the renewals.", ja="更新要求への応答があれば覆る。")
WATCH = message(
    "dhcp_lease_lost.watch", en="Capture DHCP on the line while the client renews.", ja="更新時に回線上の DHCP を採取する。"
)
KEPT = message("dhcp_lease_lost.kept", en="The lease is gained and not lost.", ja="リースは取得され、失われていない。")


@rule(
    title=TITLE,
    domain="host",
    topics=["dhcp", "map-e"],
    needs=[DhcpClientEvent],
    uses=[Clock, ServiceEvent, DhcpMessage],
    collect="journalctl -u 'dhcp*' -o short-iso-precise --since '1 hour ago'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each interface and version in each client's log."""
    for events in _clients(case):
        lost = [e for e in events if e.step in LOST and not _on_purpose(case, events, e)]
        gained = [e for e in events if e.step == "lease_gained"]
        if lost:
            yield _found(case, events, lost)
        elif gained:
            yield Excluded(statements=(statement(KEPT(), Citation(gained[0].file, lines=(gained[-1].line,))),))


def _clients(case: Case) -> Iterator[list[DhcpClientEvent]]:
    """Events by log, version and interface; a line that names no interface goes with the line before it."""
    by_log: dict[tuple[str, int, int], list[DhcpClientEvent]] = {}
    for event in case.all(DhcpClientEvent):
        by_log.setdefault((event.file, event.segment, event.version), []).append(event)
    for events in by_log.values():
        events.sort(key=lambda e: e.line)
        current = next((e.interface for e in events if e.interface), None)
        by_interface: dict[str | None, list[DhcpClientEvent]] = {}
        for event in events:
            current = event.interface or current
            by_interface.setdefault(current, []).append(event)
        yield from by_interface.values()


def _on_purpose(case: Case, events: Sequence[DhcpClientEvent], lost: DhcpClientEvent) -> bool:
    """Whether the client released the lease itself, or its service was being stopped."""
    before = [e for e in events if e.line < lost.line]
    since = max((e.line for e in before if e.step == "lease_gained"), default=0)
    if any(e.step == "release" and e.line > since for e in before):
        return True
    return any(s.state in ("stopping", "stopped") and since < s.line < lost.line and _near(s, lost) for s in case.all(ServiceEvent))


def _near(stop: ServiceEvent, lost: DhcpClientEvent) -> bool:
    if stop.file != lost.file or not re.search(r"dhc|network|odhcp|udhcp", stop.unit, re.IGNORECASE):
        return False
    if stop.wall_ns is None or lost.wall_ns is None:
        return lost.line - stop.line <= STOPS_WITHIN_LINES
    return 0 <= lost.wall_ns - stop.wall_ns <= STOPS_WITHIN_NS


def _utc(case: Case, event: DhcpClientEvent | ServiceEvent) -> int | None:
    """When it was logged, ns UTC; None where the log has no times."""
    clock = next((c for c in case.all(Clock) if c.file == event.file), None)
    return clock.utc_ns(event.wall_ns, event.has_date) if clock and event.wall_ns is not None else None


def _lines(events: Sequence[DhcpClientEvent]) -> Citation:
    return Citation(events[0].file, lines=tuple(e.line for e in events)[:20])


def _found(case: Case, events: list[DhcpClientEvent], lost: list[DhcpClientEvent]) -> Found:
    first, last = lost[0], lost[-1]
    lease = next((e.lease for e in lost if e.lease), None)
    interface = next((e.interface for e in (*lost, *events) if e.interface), None) or "?"
    asked = [e for e in events if e.step in ("renew", "rebind") and e.line < first.line]
    answered = [e for e in events if e.step in ("reply", "lease_gained", "ack") and asked and asked[0].line < e.line < first.line]
    regained = next((e for e in events if e.step == "lease_gained" and e.line > last.line), None)
    told: list[Statement] = []
    if asked and not answered:
        told.append(statement(UNANSWERED(n=len(asked)), _lines(asked)))
    told.append(statement(GONE(), _lines(lost)))
    until = regained.line if regained else events[-1].line + 1
    tries = [e for e in events if e.step in ("solicit", "discover") and last.line < e.line < until]
    started = [s for s in case.all(ServiceEvent) if s.file == first.file and s.state == "started" and last.line < s.line < until]
    vain = [e for e in tries if not started or e.line < started[-1].line]
    if vain:
        told.append(statement(SOLICITS(n=len(vain)), _lines(vain)))
    captured = [m for m in case.all(DhcpMessage) if m.version == first.version and m.kind.upper() in ("SOLICIT", "DISCOVER")]
    if captured:
        frames = tuple(m.frame for m in captured if m.file == captured[0].file)
        told.append(statement(CAPTURED(n=len(frames)), Citation(captured[0].file, frames=frames[:10])))
    if regained is not None:
        got, at = _utc(case, regained), _utc(case, started[-1]) if started else None
        if started and got is not None and at is not None:
            said = RESTARTED(unit=started[-1].unit, at=at, got=got)
            told.append(statement(said, Citation(first.file, lines=(started[-1].line, regained.line))))
        else:
            told.append(statement(BACK(got=got) if got is not None else BACK_UNTIMED(), _lines([regained])))
    lost_at = _utc(case, first)
    named = {"version": first.version, "lease": f" {lease}" if lease else "", "interface": interface}
    return Found(
        outcome="fail",
        severity="critical",
        confidence="certain",
        title=EXPIRED(at=lost_at, **named) if lost_at is not None else EXPIRED_UNTIMED(**named),
        statements=tuple(told),
        subject={"version": str(first.version), "interface": interface},
        refuted_by=REFUTE(),
        next_actions=(
            Action(
                WATCH(),
                f"sudo tcpdump -i {quoted(interface if interface != '?' else 'any')} -nn -vv -w dhcp.pcap 'portrange 546-547 or portrange 67-68'",
            ),
        ),
    )
