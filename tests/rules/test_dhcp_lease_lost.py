"""`dhcp_lease_lost`: a client's own log of a lease that went; releases on purpose and late replies are none."""

from runs.analysis.facts.clock import Clock
from runs.analysis.facts.dhcp import DhcpClientEvent, DhcpStep
from runs.analysis.facts.service import ServiceEvent
from tests.kit import SECOND, T0, Run, english, places

RULE = "dhcp_lease_lost"


def event(
    step: DhcpStep, line: int, at_s: float | None = None, interface: str | None = "wan1", version: int = 6
) -> DhcpClientEvent:
    wall = None if at_s is None else T0 + int(at_s * SECOND)
    return DhcpClientEvent(step=step, line=line, text=step, version=version, interface=interface, wall_ns=wall, zone="Z")


def service(state: str, line: int, at_s: float, unit: str = "dhcp6c@wan1.service") -> ServiceEvent:
    return ServiceEvent(unit=unit, state=state, line=line, wall_ns=T0 + int(at_s * SECOND), zone="Z")  # type: ignore[arg-type]


def run(*events: DhcpClientEvent | ServiceEvent) -> Run:
    return Run().add("client.log", *events, Clock(zone="Z", source="stated"), kind="syslog")


def test_fires_with_the_renewals_that_nobody_answered() -> None:
    (found,) = run(event("lease_gained", 1, 0), event("renew", 2, 60), event("rebind", 3, 90), event("lease_lost", 4, 120)).found(
        RULE
    )
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert found.subject == {"version": "6", "interface": "wan1"}
    assert [s.citations[0].lines for s in found.statements] == [(2, 3), (4,)]


def test_the_way_back_is_told() -> None:
    events = (event("lease_lost", 4, 120), event("solicit", 5, 130), event("solicit", 6, 140))
    back = (service("started", 7, 200), event("lease_gained", 8, 205))
    (found,) = run(*events, *back).found(RULE)
    assert [s.citations[0].lines for s in found.statements] == [(4,), (5, 6), (7, 8)]


def test_a_log_without_times_says_no_time() -> None:
    (found,) = run(event("renew", 2), event("lease_lost", 4), event("lease_gained", 5)).found(RULE)
    assert "1970" not in " ".join(english(s.text) for s in found.statements) + english(found.title)


def test_silent_where_it_was_released_or_its_service_stopped() -> None:
    released = run(event("lease_gained", 1, 0), event("release", 2, 60), event("lease_lost", 3, 60))
    stopped = run(event("lease_gained", 1, 0), service("stopping", 2, 60), event("lease_lost", 3, 61))
    for made in (released, stopped):
        assert made.found(RULE) == []


def test_a_stop_of_another_service_or_long_before_is_no_excuse() -> None:
    assert run(event("lease_gained", 1, 0), service("stopping", 2, 60, "cron.service"), event("lease_lost", 3, 61)).found(RULE)
    assert run(event("lease_gained", 1, 0), service("stopping", 2, 60), event("lease_lost", 3, 900)).found(RULE)


def test_a_late_answer_to_a_renewal_keeps_the_lease() -> None:
    kept = run(
        event("lease_gained", 1, 0),
        event("renew", 2, 60),
        event("rebind", 3, 90),
        event("reply", 4, 95),
        event("lease_gained", 5, 95),
    )
    assert kept.found(RULE) == []
    assert places(kept.excluded(RULE)) == {"client.log": ((), (5,))}


def test_another_interface_and_version_are_told_apart() -> None:
    made = run(event("lease_lost", 2, 10), event("lease_gained", 3, 20, "lan3"), event("lease_gained", 4, 20, "wan1", 4))
    (found,) = made.found(RULE)
    assert [s.citations[0].lines for s in found.statements] == [(2,)], "what others gained is no way back"
    assert len(made.excluded(RULE)) == 2


def test_a_line_without_interface_goes_with_the_one_before() -> None:
    (found,) = run(event("renew", 1, 0), event("lease_lost", 2, 10, None), event("renew", 3, 20, "lan3")).found(RULE)
    assert found.subject["interface"] == "wan1"


def test_not_evaluable_without_a_clients_log() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "DHCP client's log" in english(unknown.missing[0])
    assert unknown.collect
