"""What a statement speaks of: any transfer of the run that fits supports it, and each part is held against the family it names."""

import pytest

from runs.analysis.domain.claims import stated_in
from runs.analysis.facts.notes import FileNote, Note, NoteLine
from tests.kit import SERVER, SERVER6, Run, Talk, answered, timed_out, tried


def verdicts(run: Run) -> list[tuple[str, str]]:
    return [(claim.stated, claim.verdict) for claim in run.report().claims]


def both() -> Run:
    """IPv4 answers with 204, IPv6 times out after 20 seconds."""
    run = Run().curl("c4.log", tried(SERVER), **answered(204, line=9))
    return run.curl("c6.log", tried(SERVER6), **timed_out(20, line=14))


def noted(run: Run, text: str) -> Run:
    return run.add("notes.txt", Note(statements=(NoteLine(line=2, text=text),)))


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("IPv4 は 204、IPv6 は timeout", [("timed_out", 6, True), ("status", 4, True)]),
        ("IPv6 は timeout、IPv4 は 204。", [("timed_out", 6, True), ("status", 4, True)]),
        ("IPv6 は SYN を再送、応答なし", [("silent", 6, False)]),
        ("IPv4/IPv6 とも応答なし", [("silent", None, True)]),
        ("IPv4 and IPv6 connection refused", [("refused", None, True)]),
        ("no reply over IPv6, but IPv4: connection refused", [("silent", 6, True), ("refused", 4, True)]),
        ("curl_ipv6.log は timeout", [("timed_out", None, True)]),
        ("応答なし", [("silent", None, True)]),
    ],
)
def test_each_part_speaks_of_its_family(text: str, families: list[tuple[str, int | None, bool]]) -> None:
    assert [(s.kind, s.family, s.is_surely_family) for s in stated_in(text)] == families


@pytest.mark.parametrize(
    "text", ["timeout は 20 秒に設定", "タイムアウトなし", "timeout は発生していない", "IPv6 は timeout しない"]
)
def test_settings_and_denials_are_no_timeout(text: str) -> None:
    assert [s for s in stated_in(text) if s.kind == "timed_out"] == []


def test_any_transfer_of_the_run_supports() -> None:
    run = noted(both(), "20 秒でタイムアウトした。")
    run.curl("a.log", tried(SERVER, 81), **timed_out(5, line=3))
    assert verdicts(run) == [("20 秒でタイムアウト", "supported")]
    (claim,) = run.report().claims
    assert [(c.file, c.lines) for c in claim.citations] == [("c6.log", (14,))]


def test_a_wait_that_nothing_fits_contradicts_only_its_own_file() -> None:
    assert verdicts(noted(both(), "60 秒でタイムアウトした。")) == []
    run = both().add("README.md", FileNote(path="c6.log", line=9, remark="60 秒でタイムアウトした。"), kind="readme")
    assert verdicts(run) == [("60 秒でタイムアウト", "contradicted")]


def test_parts_are_held_against_their_family() -> None:
    assert verdicts(noted(both(), "IPv4 は 204、IPv6 は timeout")) == [("timeout", "supported"), ("204", "supported")]
    swapped = noted(both(), "IPv6 は 204、IPv4 は timeout")
    assert verdicts(swapped) == []  # no file is named: other transfers may be meant


def mixed(remark: str) -> Run:
    """One file with a transfer of each family."""
    run = Run().curl("c.log", tried(SERVER), **answered(204, line=9))
    run.curl("c.log", tried(SERVER6), **timed_out(20, line=14))
    return run.add("README.md", FileNote(path="c.log", line=9, remark=remark), kind="readme")


def test_a_file_with_both_families_contradicts_by_the_family_that_is_named() -> None:
    assert verdicts(mixed("IPv4 は 204、IPv6 は timeout")) == [("timeout", "supported"), ("204", "supported")]
    assert verdicts(mixed("IPv4 は timeout")) == [("timeout", "contradicted")]
    assert verdicts(mixed("IPv4 は 500。")) == [("500", "contradicted")]
    assert verdicts(mixed("IPv6 は応答なし")) == [("応答なし", "supported")]
    assert verdicts(mixed("IPv4 は応答なし")) == [("応答なし", "contradicted")]


def test_captures_are_narrowed_too() -> None:
    silent, whole = Talk().opens().request().acked().waits(30).fin(), Talk(SERVER6).opens().request().answer().closes()
    for remark, verdict in (("IPv4 は応答なし。", "supported"), ("IPv6 は応答なし。", "contradicted")):
        run = Run().capture("a.pcap", silent, whole).add("README.md", FileNote(path="a.pcap", line=9, remark=remark), kind="readme")
        assert [v for _, v in verdicts(run)] == [verdict]
    (claim,) = run.report().claims
    assert claim.citations[0].file == "a.pcap"


def test_a_family_named_before_can_support_only() -> None:
    """'IPv4 は接続、応答なし': whether the second part is of IPv4 is not sure; IPv4 answers, IPv6 does not."""
    assert verdicts(mixed("IPv4 は接続、応答なし")) == []
    assert verdicts(mixed("IPv6 は接続、応答なし")) == [("応答なし", "supported")]
