"""`capture_snaplen_truncated`, `capture_file_damaged`, `file_empty`: what files are, without calling the sound ones broken."""

from typing import Any

import msgspec
import numpy as np

from runs.analysis.columns import Table
from runs.analysis.messages import plain
from runs.analysis.registry import Problem
from tests.kit import Run, Talk, english, places

TALK = Talk().opens().request(900).answer(900).closes()


def cut(path: str, snaplen: int) -> Run:
    run = Run().capture(path, TALK, truncated_count=2)
    packets = run.tables.table(path, "packets")
    assert packets is not None
    lengths = np.minimum(packets["original_length"], snaplen).astype(np.uint32)
    run.tables.add(path, {"packets": Table({**packets.columns, "captured_length": lengths}, packets.meta)})
    return run


def with_file(run: Run, path: str, **fields: Any) -> Run:
    run.files[path] = msgspec.structs.replace(run.files[path], **fields)
    return run


def test_cut_frames_are_info_with_the_length() -> None:
    (found,) = cut("a.pcap", 96).found("capture_snaplen_truncated")
    assert (found.outcome, found.severity) == ("info", "info")
    assert found.subject == {"what": "snaplen", "bytes": "96"}
    assert tuple(places(found.statements)["a.pcap"][0]) == (4, 5)


def test_whole_frames_are_told_and_texts_pass_by() -> None:
    assert places(Run().capture("a.pcap", TALK).excluded("capture_snaplen_truncated")) == {"a.pcap": ((1, 9), ())}
    assert Run().capture("a.txt", TALK, text=True).ask("capture_snaplen_truncated") == []


def test_damage_tells_its_place_and_what_was_read() -> None:
    problem = Problem(plain("cut in a record"), offset=1007, lost=True)
    (found,) = with_file(Run().capture("a.pcap", TALK), "a.pcap", problems=(problem,)).found("capture_file_damaged")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "certain")
    assert places(found.statements) == {"a.pcap": ((9,), ())}
    assert "At byte 1,007" in english(found.statements[0].text)


def test_a_cut_by_snaplen_and_a_remark_are_no_damage() -> None:
    assert cut("a.pcap", 96).found("capture_file_damaged") == []
    told = with_file(Run().capture("a.pcap", TALK), "a.pcap", problems=(Problem(plain("an unknown option")),))
    assert told.found("capture_file_damaged") == []
    assert places(told.excluded("capture_file_damaged")) == {"a.pcap": ((), ())}


def test_empty_files_are_info() -> None:
    run = with_file(Run().add("out.txt").capture("none.pcap"), "out.txt", size_bytes=0)
    assert {(f.outcome, f.subject["what"]) for f in run.found("file_empty")} == {("info", "no bytes"), ("info", "no frames")}


def test_a_capture_that_is_damaged_before_its_first_frame_is_not_called_empty() -> None:
    run = with_file(Run().capture("none.pcap"), "none.pcap", problems=(Problem(plain("impossible length"), lost=True),))
    assert run.found("file_empty") == []
    assert run.found("capture_file_damaged")


def test_full_and_refused_files_are_silent() -> None:
    run = with_file(Run().add("refused.bin").capture("a.pcap", TALK), "refused.bin", size_bytes=0, state="refused")
    assert run.ask("file_empty") == []


def test_without_a_capture_it_is_named() -> None:
    for rule in ("capture_snaplen_truncated", "capture_file_damaged"):
        (unknown,) = Run().add("note.md").unknown(rule)
        assert "tcpdump" in str(unknown.collect)
