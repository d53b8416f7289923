"""No parser raises, whatever the bytes are and wherever a text is cut."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.analysis import registry
from runs.analysis.facts import decode_facts, encode_facts
from runs.analysis.source import Source
from tests.parsers.golden import cases

TEXTS = [case.text.read_bytes() for case in cases()]
KINDS = sorted(set(registry.parsers()) - {"capture"})
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def read(data: bytes, folder: Path) -> None:
    """Ask and run every parser of text."""
    path = folder / "evidence"
    path.write_bytes(data)
    for kind in KINDS:
        parser = registry.parsers()[kind]
        source = Source(path, "evidence")
        reason = parser.detect(source, "evidence")
        assert reason is None or 0 < reason.strength <= registry.CERTAIN + 1
        parsed = parser.parse(source)
        assert len(decode_facts(encode_facts(parsed.facts))) == len(parsed.facts)
        lines = data.count(b"\n") + 1
        assert all(problem.line is None or 0 < problem.line <= lines * 2 + 1 for problem in parsed.problems)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytes")


@RELAXED
@given(data=st.binary(max_size=400))
def test_any_bytes(folder: Path, data: bytes) -> None:
    read(data, folder)


@RELAXED
@given(
    text=st.sampled_from(TEXTS),
    start=st.integers(0, 4000),
    length=st.integers(0, 4000),
    noise=st.binary(max_size=20),
    at=st.integers(0, 4000),
)
def test_cut_and_disturbed_texts(folder: Path, text: bytes, start: int, length: int, noise: bytes, at: int) -> None:
    cut = text[start : start + length]
    read(cut[:at] + noise + cut[at:], folder)


@RELAXED
@given(lines=st.lists(st.sampled_from([line for text in TEXTS for line in text.split(b"\n")]), max_size=40))
def test_lines_of_all_kinds_mixed(folder: Path, lines: list[bytes]) -> None:
    read(b"\n".join(lines), folder)
