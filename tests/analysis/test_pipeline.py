"""Parsing and concluding: a file always has a state, results come back from storage, and crashes are told."""

from collections.abc import Iterator

import msgspec
import pytest

from runs.analysis import pipeline, registry
from runs.analysis.case import Case, MemoryTables
from runs.analysis.facts.joined import Collection
from runs.analysis.facts.log import Log
from runs.analysis.messages import render
from runs.analysis.parsers import capture
from runs.analysis.pipeline import BundleFile, FileResult, conclude, parse
from runs.analysis.registry import Parsed, Rule
from runs.analysis.report import NotEvaluable, Outcome
from runs.analysis.source import Source, count_lines
from tests.analysis.bundles import BROKEN, NAMES, judged, parsed


def data(content: bytes, name: str = "a.txt") -> Source:
    return Source(None, name, data=content)


@pytest.mark.parametrize(
    ("content", "state", "said"),
    [(b"", "unrecognised", "0 bytes"), (b"\1\2\3\4\0" * 50, "unrecognised", "no text"), (b"zzz\n", None, None)],
)
def test_every_file_has_a_state(content: bytes, state: str | None, said: str | None) -> None:
    result, _ = parse(data(content))
    assert result.state == state or state is None
    if said:
        assert result.reason is not None
        assert said in render(result.reason.because)
    if content == b"":
        assert result.counts == {"lines": 0}


def test_a_parser_that_crashes_fails_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: Source) -> Parsed:
        raise RuntimeError("oops")

    whole = parsed(BROKEN)  # kept for other tests too, so it must not be made by the broken parser
    monkeypatch.setattr(capture, "parse", broken)
    files = []
    for file, _ in whole:
        if file.path.endswith(".pcap"):
            result, _ = parse(data(b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + b"\0" * 16, file.path))
            assert result.state == "failed"
            assert "RuntimeError: oops" in render(result.problems[0].message)
            file = msgspec.structs.replace(file, result=result)
        files.append(file)
    report = conclude("run", files, MemoryTables())
    assert {f.state for f in report.files} >= {"failed", "parsed"}


def test_a_detection_that_crashes_leaves_the_file_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(head: Source, name: str) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr(capture, "detect", broken)
    result, _ = parse(
        data(b"tcpdump: listening on eth1\n12 packets captured\n12 packets received by filter\n0 packets dropped by kernel\n")
    )
    assert result.kind == "tcpdump_statistics"
    assert any("oops" in render(p.message) for p in result.problems)


def test_a_kind_that_a_person_set_wins() -> None:
    result, _ = parse(data(b"4711\n"), "note")
    assert result.kind == "note"


def test_results_come_back_from_storage() -> None:
    for file, _ in parsed(BROKEN):
        assert file.result is not None
        again = FileResult.decode(file.result.encode())
        assert again.located("x") == file.result.located("x")
        assert again.is_current


def test_a_result_of_an_older_parser_is_not_current() -> None:
    result, _ = parse(data(b"4711\n", "x.pid"))
    assert result.versions
    older = msgspec.structs.replace(result, versions={kind: version - 1 for kind, version in result.versions.items()})
    assert not older.is_current


def test_a_refused_file_is_in_the_report() -> None:
    refused = BundleFile(path="evil", size_bytes=0, sha256="", refused=pipeline.EMPTY())
    report = conclude("run", [refused], MemoryTables())
    assert [(f.path, f.state, len(f.problems)) for f in report.files] == [("evil", "refused", 1)]


def test_a_rule_that_crashes_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: Case) -> Iterator[Outcome]:
        yield from [NotEvaluable(missing=())] * (1 // len(case.all(Collection)[:0]))

    rules = dict(registry.rules())
    one = rules["log_errors"]
    rules["log_errors"] = Rule(**{**one.__dict__, "judge": broken})
    monkeypatch.setattr(registry, "rules", lambda: rules)
    report, _ = judged(BROKEN, parsed(BROKEN))
    (crashed,) = [c for c in report.checks if c.outcome == "crashed"]
    assert "ZeroDivisionError" in render(crashed.missing[0])
    assert report.verdict.outcome == "fail"


def test_a_correlator_that_crashes_is_told() -> None:
    log = Log(file="a.log", first_wall_ns=0, last_wall_ns=0, zone="Nowhere/At all")
    case = Case("run", [], [log], MemoryTables())
    assert pipeline.correlate(case) == {}  # an unknown zone is no crash


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bundle_twice_gives_the_same_report(name: str) -> None:
    assert judged(name, parsed(name))[1] == judged(name, parsed(name))[1]


def test_lines_are_counted() -> None:
    assert count_lines(data(b"a\nb")) == 2
    assert count_lines(data(b"a\nb\n")) == 2
    assert count_lines(data("a\nb\n".encode("utf-16"))) == 2
