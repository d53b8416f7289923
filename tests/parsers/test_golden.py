"""Every golden case gives what its JSON says, and its kind takes it."""

import json

import pytest

from runs.analysis import registry
from tests.parsers.golden import GoldenCase, cases, outcome

ALL = list(cases())


def test_there_are_cases_for_every_kind_of_text() -> None:
    kinds = {case.kind for case in ALL}
    assert kinds
    assert kinds <= set(registry.parsers())
    assert set(registry.parsers()) - kinds <= {"capture"}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_case(case: GoldenCase) -> None:
    found = outcome(case)
    assert found["taken_by"] == [case.kind]
    assert found == json.loads(case.expected.read_text("utf-8"))
