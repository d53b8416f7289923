"""Every rule says in its docstring what it claims, what would refute it and where that comes from: the Rules page shows it."""

import inspect
from pathlib import Path

import pytest

from runs.analysis import messages, registry
from runs.analysis.rule_document import document_of, parse_document, severities_of

RULES = sorted(registry.rules())


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_its_sections(rule: str) -> None:
    document = document_of(rule)
    for section in ("about", "claim", "refuted_by", "source"):
        assert getattr(document, section), f"{rule}: no section '{section}' in the docstring"
    assert "\n" not in document.about
    finds = "Found(" in Path(inspect.getfile(registry.rules()[rule].judge)).read_text(encoding="utf-8")
    assert bool(severities_of(rule)) == finds, f"{rule}: its severities are not to be read from its code"
    title = registry.rules()[rule].title()
    assert messages.render(title, "en") != messages.render(title, "ja")


def test_sections_of_a_docstring() -> None:
    made = parse_document(
        "About it.\n\nClaim (`info`): one.\nmore\n\nAnd so on: yes.\n\nRefuted by: two.\n\nThreshold: 3.\n\nSource: RFC 1; RFC 2.\n\nClaims, each: x"
    )
    assert made.about == "About it."
    assert made.claim == "(`info`): one.\nmore\n\nEach: x"
    assert (made.threshold, made.details, made.refuted_by, made.source) == ("3.", "And so on: yes.", "Two.", "RFC 1; RFC 2.")


def test_severities_are_read_from_the_code() -> None:
    assert severities_of("action_open") == ("info",)
    assert (severities_of("file_missing"), severities_of("file_unlisted")) == (("low",), ("info",))  # two rules of one module
    assert severities_of("response_slow")[0] in ("critical", "high", "medium")
