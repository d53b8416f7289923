"""`folding`: a rule with thousands of findings gives a few, with the total said, citations bounded and causes kept."""

from typing import Any

import pytest

from runs.analysis.chains import chain_order
from runs.analysis.facts.base import Citation
from runs.analysis.folding import KEPT, MOST_ALIKE, MOST_EXAMPLES, fold
from runs.analysis.judge import fingerprint
from runs.analysis.messages import message
from runs.analysis.report import Found, Statement
from tests.kit import Run, Talk, english

TITLE = message("test.folding_rule", en="A rule", ja="規則")
SAID = message("test.folding", en="Said.", ja="文。")
TITLES = {"a": TITLE, "b": TITLE}


def found(address: str, port: int = 80, **fields: Any) -> Found:
    told = Statement(SAID(), (Citation("a.pcap", frames=tuple(range(1, 200))),))
    given: dict[str, Any] = {"outcome": "fail", "severity": "high", "confidence": "firm", "refuted_by": SAID()}
    return Found(title=SAID(), statements=(told,), subject={"address": address, "port": str(port)}, **(given | fields))


def joined(*all_found: tuple[str, Found]) -> dict[str, tuple[str, Found]]:
    return {fingerprint(rule, f.subject): (rule, f) for rule, f in all_found}


def folded(given: dict[str, tuple[str, Found]], causes: dict[str, list[str]] | None = None) -> Any:
    none: dict[str, list[str]] = {key: [] for key in given}
    return fold(given, none | (causes or {}), TITLES, fingerprint)


def test_as_many_as_a_person_reads_stay_as_they_are() -> None:
    given = joined(*(("a", found(f"10.0.0.{n}")) for n in range(MOST_ALIKE)))
    kept, causes = folded(given)
    assert (kept, causes) == (given, {key: [] for key in given})


def test_more_are_the_gravest_and_one_that_says_the_total() -> None:
    given = joined(
        *(("a", found(f"10.0.{n // 250}.{n % 250}", severity="low")) for n in range(5000)),
        ("a", found("192.0.2.1", severity="critical")),
    )
    kept, _ = folded(given)
    assert len(kept) == KEPT + 1
    assert fingerprint("a", {"address": "192.0.2.1", "port": "80"}) in kept
    (_, one) = kept[fingerprint("a", {"what": "alike", "outcome": "fail"})]
    assert english(one.title) == "A rule: 4,981 more findings alike, about 4,981 addresses."
    assert (one.outcome, one.severity, len(one.statements)) == ("fail", "low", MOST_EXAMPLES + 1)
    assert english(one.statements[-1].text) == "4,971 more are not listed here."
    assert max(len(c.frames) for s in one.statements for c in s.citations) == 10


def test_ports_of_one_address_are_one_and_others_stay() -> None:
    given = joined(*(("a", found("192.0.2.9", port)) for port in range(1, 3001)), ("a", found("192.0.2.8")))
    kept, _ = folded(given)
    assert len(kept) == 2
    (_, one) = kept[fingerprint("a", {"address": "192.0.2.9", "what": "alike", "outcome": "fail"})]
    assert "3,000 findings about ports or ways of 192.0.2.9" in english(one.title)
    assert one.subject["address"] == "192.0.2.9"


def test_remarks_and_faults_are_folded_apart() -> None:
    given = joined(
        *(("a", found(f"10.0.0.{n}")) for n in range(90)),
        *(("a", found(f"10.0.1.{n}", outcome="info", severity="info")) for n in range(90)),
    )
    assert folded(given)[0] == given


def test_what_folded_findings_cause_hangs_under_the_fold_without_circles() -> None:
    given = joined(*((rule, found(f"10.0.{n // 250}.{n % 250}")) for rule in "ab" for n in range(400)))
    a, b = ([key for key, (rule, _) in given.items() if rule == name] for name in "ab")
    kept, causes = folded(given, {effect: [cause] for cause, effect in zip(a, b, strict=True)})
    assert set(causes) == set(kept)
    fold_a, fold_b = (fingerprint(rule, {"what": "alike", "outcome": "fail"}) for rule in "ab")
    assert fold_a in causes[fold_b]
    assert all(len(named) <= 10 and set(named) <= set(kept) for named in causes.values())
    assert sorted(chain_order(kept, causes)) == sorted(kept)


@pytest.mark.parametrize("many", [150, 1500])
def test_a_capture_with_very_many_faults_makes_a_short_report(many: int) -> None:
    talks = [
        Talk(server=f"198.51.{100 + n // 250}.{1 + n % 250}", client_port=2000 + n, at_s=n / 50).syn().waits(1).syn_again()
        for n in range(many)
    ]
    report = Run().capture("a.pcap", *talks).report()
    of_rule = [f for f in report.findings if f.rule == "syn_unanswered"]
    assert len(of_rule) == KEPT + 1
    assert f"{many - KEPT:,} more" in english(of_rule[-1].title)
    check = next(c for c in report.checks if c.rule == "syn_unanswered")
    assert len(check.statements) == MOST_ALIKE + 1
    assert f"{many - MOST_ALIKE:,} more" in english(check.statements[-1].text)
    assert report.verdict.root in {f.id for f in report.findings}
