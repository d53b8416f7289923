"""What holds for every bundle: order, repetition, shifted clocks, cuts, and citations that exist."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.report import Report
from tests.analysis.bundles import BUNDLES, EVERY, HEALTHY, frames_end, judged, parsed, parsed_bytes, shifted

DAY_NS = 86_400_000_000_000
CAPTURE_NAMES = (".pcap", ".cap")
WITH_CAPTURES = [n for n, folder in EVERY.items() if any(p.name.endswith(CAPTURE_NAMES) for p in folder.rglob("*"))]
CAPTURES = sorted((BUNDLES / HEALTHY).glob("*.pcap"))


@pytest.mark.parametrize("name", EVERY)
def test_the_order_of_the_files_does_not_matter(name: str) -> None:
    parts = list(parsed(name))
    _, expected = judged(name, parts)
    for seed in range(3):
        random.Random(seed).shuffle(parts)
        assert judged(name, parts)[1] == expected


@pytest.mark.parametrize("name", EVERY)
def test_shifting_every_clock_alike_leaves_the_findings(name: str) -> None:
    def told(report: dict[str, Any]) -> list[Any]:
        keys = ("rule", "outcome", "severity", "confidence", "fingerprint", "title", "explanation", "citations", "because")
        return [[f[key] for key in keys] for f in report["findings"]]

    _, before = judged(name, parsed(name))
    _, after = judged(name, [shifted(part, 40 * DAY_NS) for part in parsed(name)])
    assert told(after) == told(before)
    assert after["window"] != before["window"]


@pytest.mark.parametrize("name", EVERY)
def test_citations_exist(name: str) -> None:
    report, found = judged(name, parsed(name))
    counts = {f.path: f.counts for f in report.files}
    cited = list(citations(found))
    assert len(cited) > 30
    for citation in cited:
        assert citation["file"] in counts
        frames, lines = citation.get("frames", []), citation.get("lines", [])
        assert all(1 <= n <= counts[citation["file"]].get("frames", 0) for n in frames), citation
        assert all(1 <= n <= counts[citation["file"]].get("lines", 0) for n in lines), citation
        assert frames == sorted(set(frames))
        assert lines == sorted(set(lines))


def citations(value: Any) -> Any:
    """All citations anywhere in a report."""
    if isinstance(value, dict):
        if "file" in value and ("frames" in value or "lines" in value) and "stream" not in value:
            yield value
        for inner in value.values():
            yield from citations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from citations(inner)


@pytest.mark.parametrize("with_logs", [True, False])
def test_no_cut_of_a_healthy_capture_is_a_failure(with_logs: bool) -> None:
    parts = {file.path: (file, tables) for file, tables in parsed(HEALTHY)}
    if not with_logs:
        parts = {path: part for path, part in parts.items() if path.endswith(".pcap")}
    for capture in CAPTURES:
        data = capture.read_bytes()
        for count in range(21):
            cut = data[: frames_end(data, count)]
            report, _ = judged(HEALTHY, {**parts, capture.name: parsed_bytes(capture.name, cut)}.values())
            # a refusal that is seen stays one: without the log, a cut may leave the fall-back to the other family unseen
            told = faults(report)
            assert told <= ({"connection_refused"} if not with_logs else set()), (capture.name, count, told)
            assert told or report.verdict.outcome != "fail", (capture.name, count, report.verdict)
            assert told or not [a for a in report.attempts if a.fault], (capture.name, count)


def faults(found: Report) -> set[str]:
    return {f.rule for f in found.findings if f.outcome == "fail" and f.domain not in ("evidence", "notes")}


@pytest.mark.parametrize("name", WITH_CAPTURES)
def test_no_cut_of_a_capture_has_a_fault_that_the_whole_has_not(name: str) -> None:
    for path in sorted(p for p in EVERY[name].rglob("*") if p.name.endswith(CAPTURE_NAMES)):
        data = path.read_bytes()
        if len(data) > 300_000 or not data.startswith(b"\xd4\xc3\xb2\xa1"):
            continue
        whole, _ = judged(name, [parsed_bytes(path.name, data)])
        frames = sum(file.counts.get("frames", 0) for file in whole.files)
        for count in range(0, frames, max(1, frames // 20)):
            cut, _ = judged(name, [parsed_bytes(path.name, data[: frames_end(data, count)])])
            # a refusal that is seen stays one: the cut may leave the fall-back to the other family unseen
            assert faults(cut) <= faults(whole) | {"connection_refused"}, (path.name, count)


def test_no_cut_of_a_healthy_text_is_a_failure() -> None:
    for text in sorted((BUNDLES / HEALTHY).glob("*_readable.txt")):
        lines = text.read_bytes().splitlines(keepends=True)
        for count in range(1, len(lines) + 1):
            report, _ = judged(HEALTHY, [parsed_bytes(text.name, b"".join(lines[:count]))])
            assert faults(report) <= {"connection_refused"}, (text.name, count)


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=6000), st.sampled_from(WITH_CAPTURES))
def test_cutting_a_capture_invents_nothing(size: int, name: str) -> None:
    whole = {file.path: (file, tables) for file, tables in parsed(name)}
    path = next(p for p in sorted(whole) if p.endswith(CAPTURE_NAMES))
    _, before = judged(name, [whole[path]])
    cut = parsed_bytes(path, (EVERY[name] / path).read_bytes()[:size])
    _, after = judged(name, [cut])
    of_whole = {c["id"]: c for c in before["conversations"]}
    assert sum(f["counts"].get("frames", 0) for f in after["files"]) <= sum(f["counts"].get("frames", 0) for f in before["files"])
    for conversation in after["conversations"]:
        known = of_whole[conversation["id"]]
        assert all(a <= b for a, b in zip(conversation["frames"], known["frames"], strict=True))
        assert all(a <= b for a, b in zip(conversation["payload_bytes"], known["payload_bytes"], strict=True))


@pytest.mark.parametrize("name", EVERY)
def test_any_file_alone_is_judged(name: str) -> None:
    for part in parsed(name):
        report, found = judged(name, [part])
        assert not [c for c in report.checks if c.outcome == "crashed"]
        assert found["files"][0]["path"] == part[0].path


@pytest.mark.parametrize("name", EVERY)
def test_any_file_may_be_missing(name: str) -> None:
    captures = [file.path for file, _ in parsed(name) if file.path.endswith(CAPTURE_NAMES)]
    for left_out, (file, _) in enumerate(parsed(name)):
        report, _ = judged(name, [part for n, part in enumerate(parsed(name)) if n != left_out])
        assert not [c for c in report.checks if c.outcome == "crashed"]
        if name == HEALTHY or captures != [file.path]:  # without its only capture a run may know less, and invents nothing
            assert (report.verdict.outcome == "fail") == (name != HEALTHY), (file.path, report.verdict)
