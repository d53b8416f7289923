"""The page of evidence kinds says what the parsers say, and every parser says enough."""

import pytest

from runs.analysis import registry
from tests.house.evidence_kinds import DOCUMENT, sections, written


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text("utf-8") == written(), "run python -m tests.house.evidence_kinds"


@pytest.mark.parametrize("kind", sorted(registry.parsers()))
def test_every_parser_shows_samples_and_says_what_it_yields(kind: str) -> None:
    title, samples, words = sections(registry.parsers()[kind].__doc__ or "")
    assert title.endswith((".", ":"))
    assert len(samples) >= 2
    assert "Yields" in words
    assert "Refuses" in words
