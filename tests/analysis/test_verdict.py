"""The verdict: a fault, health, or neither, and never health where an attempt stopped."""

from tests.kit import SERVER, SERVER6, Run, Talk, answered, english, places, timed_out, tried


def healthy(**more: int) -> Talk:
    return Talk(**more).opens().request().answer().closes()  # type: ignore[arg-type]


def test_a_fault_is_told_by_its_root_with_proof() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin()).curl("c.log", tried(), **timed_out(30))
    report = run.report()
    verdict, root = report.verdict, report.findings[0]
    assert (verdict.outcome, verdict.root, verdict.severity, verdict.domain) == ("fail", root.id, "critical", "application")
    assert english(verdict.title) == english(root.title)
    assert 4 in places(verdict.statements)["a.pcap"][0]
    assert report.findings[1].because == (root.id,)  # curl's time-out is no second fault


def test_other_ends_with_the_same_fault_are_one_sentence() -> None:
    talks = [
        Talk(s, client_port=50_000 + n, at_s=n).opens().request().acked().waits(30).fin() for n, s in enumerate((SERVER, SERVER6))
    ]
    verdict = Run().capture("a.pcap", *talks).report().verdict
    assert [english(s.text) for s in verdict.statements if "shows the same" in english(s.text)] == [
        f"[{SERVER6}]:8443 shows the same."
    ]


def test_health_counts_every_attempt() -> None:
    cut = Talk(port=9, client_port=50_001, at_s=1).opens().request()
    verdict = Run().capture("a.pcap", healthy(), healthy(client_port=50_002), cut).report().verdict
    assert verdict.outcome == "pass"
    assert english(verdict.title) == "No fault found: 2 of 3 attempts got an answer."
    assert places(verdict.statements) == {"a.pcap": ((5, 6), ())} or places(verdict.statements)["a.pcap"][0]


def test_information_is_no_fault() -> None:
    refused, reached = Talk(SERVER6).syn().rst(), healthy(client_port=50_001)
    verdict = Run().capture("a.pcap", refused, reached).report().verdict
    assert verdict.outcome == "pass"
    assert english(verdict.title) == "No fault found: 1 of 1 attempt got an answer."


def test_nothing_to_judge_is_not_health() -> None:
    verdict = Run().add("note.md").report().verdict
    assert (verdict.outcome, verdict.root) == ("not_evaluable", None)


def test_an_answered_log_alone_is_health() -> None:
    assert Run().curl("c.log", tried(), **answered()).report().verdict.outcome == "pass"


def test_an_attempt_that_stopped_is_never_health() -> None:
    stalled = Talk(port=9, client_port=50_001).syn().waits(1).syn_again().waits(2).syn_again()
    verdict = Run().capture("a.pcap", healthy(), stalled).report().verdict
    assert verdict.outcome != "pass"
    assert places(verdict.statements)["a.pcap"][0]


def test_faults_of_the_evidence_alone_are_said_beside_health() -> None:
    verdict = Run().capture("eth1.pcap", healthy()).statistics("eth1.log", 9, dropped=5).report().verdict
    assert verdict.outcome == "pass"
    assert any("lost 5 packets" in english(s.text) for s in verdict.statements)
