"""What is declared: rules that document themselves, correlators in order, needs that are true."""

import pytest

from runs.analysis import registry
from runs.analysis.case import Case, MemoryTables, UndeclaredNeed
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.log import Log
from runs.analysis.registry import Rule

RULES = list(registry.rules().values())
READS_THE_FILE_LIST = {"file_empty", "file_type_mismatch"}  # their evidence is the bundle itself


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_claims_what_refutes_it_and_its_source(rule: Rule) -> None:
    for heading in ("Claim", "Refuted by", "Source"):
        assert heading in rule.document, f"{rule.id} has no {heading}"
    assert rule.topics
    assert rule.needs or rule.id in READS_THE_FILE_LIST
    assert rule.collect or not rule.needs, "a rule that lacks evidence names the command that collects it"


def test_there_are_rules_of_several_domains() -> None:
    assert {rule.domain for rule in RULES} >= {"network", "host", "application", "evidence"}


def test_correlators_follow_those_they_read() -> None:
    ordered = registry.correlators()
    givers = {c.gives: n for n, c in enumerate(ordered)}
    for position, one in enumerate(ordered):
        assert all(givers.get(kind, -1) < position for kind in one.needs + one.uses), one.name


def test_reading_what_is_not_declared_is_an_error() -> None:
    case = Case("run", [], [Log(file="a.log")], MemoryTables())
    assert case.all(Log)
    with pytest.raises(UndeclaredNeed, match="Log"):
        case.declaring([Capture]).all(Log)


def test_every_summary_belongs_to_a_parser() -> None:
    assert set(registry.summaries()) <= set(registry.parsers())
