"""Judgement: equal subjects are one finding, consequences stand under their cause, and every outcome has its check."""

from typing import Any

from runs.analysis.chains import chain_order, resolve
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.judge import Answer, fingerprint, make_checks, make_findings
from runs.analysis.messages import plain
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, RoleEndpoint, Statement


def found(subject: str = "a", *, said: str = "said", line: int = 1, **more: Any) -> Found:
    fields: dict[str, Any] = {"outcome": "fail", "severity": "medium", "confidence": "certain"}
    return Found(
        **{**fields, **more},
        title=plain(f"title {subject}"),
        statements=(Statement(plain(said), (Citation("a.log", lines=(line,)),)),),
        subject={"what": subject},
        refuted_by=plain("nothing"),
        endpoints=(RoleEndpoint("responder", Endpoint("192.0.2.1", 80)),),
        next_actions=(Action(plain("do"), "true"),),
    )


def test_equal_subjects_are_one_finding() -> None:
    low = found(said="one", severity="low", confidence="certain")
    high = found(said="two", line=2, severity="high", confidence="firm")
    (one,) = make_findings({"response_missing": [low, low, high]})
    assert (one.id, one.severity, one.confidence) == ("F1", "high", "firm")
    assert [s.text.params["text"] for s in one.statements] == ["two", "one"]
    assert one.citations == (Citation("a.log", lines=(1, 2)),)
    assert len(one.endpoints) == len(one.next_actions) == 1


def test_a_tentative_answer_neither_weakens_nor_worsens_a_sure_one() -> None:
    sure = found(said="sure", severity="low", confidence="certain")
    doubtful = found(said="doubtful", line=2, severity="high", confidence="tentative")
    (one,) = make_findings({"response_missing": [doubtful, sure]})
    assert (one.severity, one.confidence) == ("low", "certain")
    assert [s.text.params["text"] for s in one.statements] == ["sure", "doubtful"]
    (alone,) = make_findings({"response_missing": [doubtful, doubtful]})
    assert (alone.severity, alone.confidence) == ("high", "tentative")


def test_a_fault_and_an_information_about_one_subject_are_a_fault() -> None:
    (one,) = make_findings({"connection_refused": [found(outcome="info", severity="info"), found()]})
    assert (one.outcome, one.severity) == ("fail", "medium")


def test_the_worst_comes_first_and_consequences_follow_their_cause() -> None:
    because = (Cause("response_missing", {"what": "a"}), Cause("forwarder_no_bypass", {"what": "nobody"}))
    findings = make_findings(
        {
            "http_timeout": [found("t", severity="critical", because=because)],
            "log_errors": [found("l", severity="high")],
            "response_missing": [found("a", severity="low")],
            "file_unlisted": [found("i", outcome="info", severity="info")],
        }
    )
    assert [(f.id, f.rule, f.because) for f in findings] == [
        ("F1", "log_errors", ()),
        ("F2", "response_missing", ()),
        ("F3", "http_timeout", ("F2",)),
        ("F4", "file_unlisted", ()),
    ]


def test_a_circle_of_causes_loses_nothing() -> None:
    answers = {
        "http_timeout": [found("t", because=(Cause("response_missing"),))],
        "response_missing": [found("a", because=(Cause("http_timeout"),))],
    }
    assert sorted(f.rule for f in make_findings(answers)) == ["http_timeout", "response_missing"]


def test_nothing_is_its_own_cause() -> None:
    (one,) = make_findings({"response_missing": [found(because=(Cause("response_missing"),))]})
    assert one.because == ()


def test_a_long_chain_is_no_recursion() -> None:
    answers = [found(str(n), because=(Cause("http_timeout", {"what": str(n - 1)}),) if n else ()) for n in range(3000)]
    joined = {fingerprint("http_timeout", f.subject): ("http_timeout", f) for f in answers}
    order = chain_order(joined, resolve(joined))
    assert [joined[key][1].subject["what"] for key in order] == [str(n) for n in range(3000)]
    assert len(make_findings({"http_timeout": answers})) < len(answers)


def test_fingerprints_are_of_rule_and_subject_alone() -> None:
    assert fingerprint("a", {"x": "1", "y": "2"}) == fingerprint("a", {"y": "2", "x": "1"})
    assert len({fingerprint("a", {"x": "1"}), fingerprint("b", {"x": "1"}), fingerprint("a", {"x": "2"})}) == 3
    one, two = (make_findings({"log_errors": [found(severity=s, line=n)]})[0] for s, n in (("low", 1), ("high", 9)))
    assert one.fingerprint == two.fingerprint


def test_every_kind_of_answer_has_its_check() -> None:
    place = Citation("a.log", lines=(3,))
    answers: list[Answer] = [
        found(),
        found("b", outcome="info", severity="info"),
        Excluded(statements=(Statement(plain("fine"), (place,)),)),
        NotEvaluable(missing=(plain("m"),), collect="take it", citations=(place,)),
        NotEvaluable(missing=(plain("m"),)),
        plain("crash"),
    ]
    checks = {c.outcome: c for c in make_checks("log_errors", answers)}
    assert set(checks) == {"fail", "info", "pass", "not_evaluable", "crashed"}
    assert checks["not_evaluable"].collect == "take it"
    assert checks["not_evaluable"].missing == (plain("m"),)
    assert checks["pass"].citations == (place,)
