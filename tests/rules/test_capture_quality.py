"""Rules about captures themselves: one direction, gaps, frames twice, clock steps, overlap, names that do not fit."""

from typing import Any

import numpy as np

from runs.analysis.case import CaseFile
from runs.analysis.columns import Table
from tests.kit import SERVER, Run, Talk, english, places


def twice(talk: Talk, apart_ns: int = 40_000, *, ids: bool = True, hops: int = 1) -> Talk:
    """Every packet again a moment later, behind a router, as a capture on `any` shows it."""
    first = [row._replace(ip_id=7_000 + n if ids else 0) for n, row in enumerate(talk.rows)]
    talk.rows = first + [row._replace(ts_ns=row.ts_ns + apart_ns, ttl=(row.ttl or 0) - hops) for row in first]
    return talk


def long_talk(rounds: int = 8) -> Talk:
    talk = Talk().opens()
    for _ in range(rounds):
        talk.request().answer()
    return talk.closes()


def one_sided(talk: Talk, client: bool) -> Talk:
    talk.rows = [row for row in talk.rows if (row.source == talk.client) == client]
    return talk


def with_columns(run: Run, path: str, **columns: Any) -> Run:
    packets = run.tables.table(path, "packets")
    assert packets is not None
    run.tables.add(path, {"packets": Table({**packets.columns, **columns}, packets.meta)})
    return run


class TestDuplicates:
    RULE = "capture_duplicated_frames"

    def test_fires_as_information_with_the_pairs(self) -> None:
        (found,) = Run().capture("any.pcap", twice(long_talk())).found(self.RULE)
        assert (found.outcome, found.severity, found.confidence) == ("info", "info", "firm")
        assert found.subject == {"what": "frames captured twice"}
        assert places(found.statements) == {"any.pcap": (tuple(range(1, 11)), ())}

    def test_silent_where_it_may_be_another_packet(self) -> None:
        assert Run().capture("a.pcap", long_talk()).found(self.RULE) == []
        assert Run().capture("a.pcap", twice(long_talk(), 3_000_000)).found(self.RULE) == []
        assert Run().capture("a.pcap", twice(long_talk(), ids=False)).found(self.RULE) == []
        assert Run().capture("a.pcap", twice(long_talk(), hops=9)).found(self.RULE) == []

    def test_fragments_of_one_datagram_share_its_id(self) -> None:
        talk = Talk(asks=None)
        row = Talk().syn().rows[0]._replace(protocol="udp", tcp_flags=0, sequence=None, payload_length=1_480)
        talk.rows = [row._replace(ts_ns=row.ts_ns + n * 1_000, ip_id=5 + n // 4) for n in range(40)]
        run = Run().capture("a.pcap", talk)
        assert run.found(self.RULE)
        assert with_columns(run, "a.pcap", fragment=np.array([n % 4 * 1_480 for n in range(40)], np.uint16)).found(self.RULE) == []


class TestOneSided:
    RULE = "capture_one_sided"

    def test_acks_of_data_that_is_not_there_fire(self) -> None:
        (found,) = Run().capture("tap.pcap", one_sided(long_talk(), client=True)).found(self.RULE)
        assert (found.outcome, found.severity) == ("info", "info")
        assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
        assert places(found.statements)["tap.pcap"][0]

    def test_the_other_direction_in_another_capture_completes_it(self) -> None:
        run = (
            Run().capture("in.pcap", one_sided(long_talk(), client=True)).capture("out.pcap", one_sided(long_talk(), client=False))
        )
        assert run.found(self.RULE) == []

    def test_silence_is_no_missing_direction(self) -> None:
        silent = Talk().syn()
        for _ in range(6):
            silent.waits(1).syn_again()
        assert Run().capture("a.pcap", silent).found(self.RULE) == []
        assert places(Run().capture("a.pcap", long_talk()).excluded(self.RULE))


class TestGap:
    RULE = "capture_gap"

    def test_acknowledged_data_that_is_not_in_the_file(self) -> None:
        talk = Talk().opens()
        for _ in range(4):
            talk.answer()
        talk.rows = [row for n, row in enumerate(talk.rows) if n != 5]  # the second answer
        (found,) = Run().capture("a.pcap", talk).found(self.RULE)
        assert (found.outcome, found.severity) == ("fail", "low")
        assert found.subject["address"] == SERVER
        assert places(found.statements) == {"a.pcap": ((6, 8), ())}

    def test_silent_on_a_whole_capture_and_one_that_begins_in_the_middle(self) -> None:
        middle = long_talk()
        middle.rows = middle.rows[9:]
        assert Run().capture("a.pcap", middle).found(self.RULE) == []
        assert places(Run().capture("a.pcap", long_talk()).excluded(self.RULE))["a.pcap"][0] == (1, 30)


class TestClockStep:
    RULE = "capture_clock_step"

    def stepped(self, **columns: Any) -> Run:
        run = Run().capture("a.pcap", long_talk())
        packets = run.tables.table("a.pcap", "packets")
        assert packets is not None
        times = packets["ts_ns"].copy()
        times[12:] -= 5_000_000_000
        return with_columns(run, "a.pcap", ts_ns=times, **columns)

    def test_a_step_back_fires_at_its_frames(self) -> None:
        (found,) = self.stepped().found(self.RULE)
        assert (found.outcome, found.severity) == ("fail", "low")
        assert places(found.statements) == {"a.pcap": ((12, 13), ())}

    def test_two_interfaces_merged_are_in_order_each(self) -> None:
        apart = np.array([0] * 12 + [1] * 18, np.uint16)
        assert self.stepped(interface=apart).found(self.RULE) == []
        assert self.stepped(interface=np.array([0, 1] * 15, np.uint16)).found(self.RULE), "… but here each goes back"

    def test_steady_captures_and_texts_are_silent(self) -> None:
        assert places(Run().capture("a.pcap", long_talk()).excluded(self.RULE)) == {"a.pcap": ((1, 30), ())}
        assert Run().capture("a.txt", long_talk(), text=True).ask(self.RULE) == []


class TestOverlap:
    RULE = "capture_overlap"

    def test_the_same_conversation_in_two_captures(self) -> None:
        (found,) = Run().capture("a.pcap", long_talk()).capture("b.pcap", Talk().opens()).found(self.RULE)
        assert (found.outcome, found.confidence) == ("info", "certain")
        assert found.subject == {"what": "overlap", "captures": "2"}
        assert places(found.statements) == {"a.pcap": ((1,), ()), "b.pcap": ((1,), ())}

    def test_a_capture_that_holds_the_syn_alone_overlaps_too(self) -> None:
        assert Run().capture("a.pcap", long_talk()).capture("b.pcap", Talk().syn()).found(self.RULE)

    def test_other_initial_numbers_hours_or_a_text_are_none(self) -> None:
        other = long_talk()
        other.rows = [row._replace(sequence=(row.sequence or 0) + 77) for row in other.rows]
        assert Run().capture("a.pcap", long_talk()).capture("b.pcap", other).found(self.RULE) == []
        assert Run().capture("a.pcap", long_talk()).capture("b.pcap", Talk(at_s=7_200).opens()).found(self.RULE) == []
        assert Run().capture("a.pcap", long_talk()).capture("a.txt", long_talk(), text=True).ask(self.RULE) == []


class TestFileType:
    RULE = "file_type_mismatch"

    def file(self, path: str, kind: str, encoding: str | None = None, **fields: Any) -> Run:
        run = Run()
        run.files[path] = CaseFile(path=path, size_bytes=9, sha256="0" * 64, kind=kind, state="parsed", encoding=encoding, **fields)
        return run

    def test_a_capture_named_as_text_and_a_text_named_as_capture(self) -> None:
        (found,) = self.file("x/log.txt", "capture").found(self.RULE)
        assert (found.outcome, found.subject) == ("info", {"is": "capture"})
        assert places(found.statements) == {"x/log.txt": ((1,), ())}
        (found,) = self.file("run.pcap.gz", "tcpdump_text", "utf-8").found(self.RULE)
        assert found.subject == {"is": "text"}
        assert places(found.statements) == {"run.pcap.gz": ((), (1,))}

    def test_names_that_fit_or_promise_nothing_are_silent(self) -> None:
        for path, kind, encoding in (
            ("run.pcap", "capture", None),
            ("run.pcap.gz", "capture", None),
            ("run.pcap.txt", "tcpdump_text", "utf-8"),
            ("run.bin", "capture", None),
            ("broken.pcap", "unrecognised", None),
        ):
            assert self.file(path, kind, encoding).found(self.RULE) == []


def test_not_evaluable_without_captures() -> None:
    for rule in (TestDuplicates, TestOneSided, TestGap, TestClockStep, TestOverlap):
        (unknown,) = Run().add("note.md").unknown(rule.RULE)
        assert "capture" in english(unknown.missing[0])
