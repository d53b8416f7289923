"""`capture_dropped_packets` and `capture_count_mismatch`: tcpdump's counters against the file."""

import pytest

from runs.analysis.facts.capture import CaptureInterface
from tests.kit import Run, Talk, english, places

DROPPED, MISMATCH = "capture_dropped_packets", "capture_count_mismatch"


def talk() -> Talk:
    return Talk().opens().request().answer().closes()  # 9 frames


def test_drops_fire_with_their_line() -> None:
    (found,) = Run().capture("eth1.pcap", talk()).statistics("eth1.log", 9, dropped=4).found(DROPPED)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "certain")
    assert "The capture eth1.pcap lost 4 packets" in english(found.title)
    assert places(found.statements) == {"eth1.log": ((), (4,))}


def test_drops_of_the_interface_are_added_and_cited_apart() -> None:
    run = (
        Run().capture("eth1.pcap", talk()).statistics("eth1.log", 9, dropped=4, dropped_by_interface=3, dropped_by_interface_line=5)
    )
    (found,) = run.found(DROPPED)
    assert "lost 7 packets" in english(found.title)
    assert places(found.statements) == {"eth1.log": ((), (4, 5))}


def test_drops_in_interface_statistics_of_the_file() -> None:
    interfaces = (
        CaptureInterface(linktype=1, snaplen=0, dropped_count=2),
        CaptureInterface(linktype=1, snaplen=0, dropped_count=0),
    )
    (found,) = Run().capture("a.pcapng", talk(), interfaces=interfaces).found(DROPPED)
    assert "lost 2 packets" in english(found.title)


def test_received_by_filter_is_no_loss() -> None:
    run = Run().capture("eth1.pcap", talk()).statistics("eth1.log", 9, received=40)
    assert run.found(DROPPED) == run.found(MISMATCH) == []
    assert places(run.excluded(DROPPED)) == {"eth1.log": ((), (4,))}


def test_loopback_counts_twice_and_says_so() -> None:
    loopback = (CaptureInterface(linktype=0, snaplen=0),)
    run = Run().capture("lo.pcap", talk(), interfaces=loopback).statistics("lo.log", 9, received=18)
    assert "loopback counts each packet twice" in english(run.excluded(DROPPED)[0].text)


def test_drops_not_counted_say_nothing() -> None:
    assert Run().statistics("eth1.log", 9, dropped=None).ask(DROPPED) == []


@pytest.mark.parametrize(("captured", "words"), [(12, "holds 9"), (5, "holds more: 9")])
def test_a_mismatch_fires_either_way(captured: int, words: str) -> None:
    (found,) = Run().capture("eth1.pcap", talk()).statistics("eth1.log", captured).found(MISMATCH)
    assert (found.outcome, found.severity) == ("fail", "low")
    assert words in english(found.title)
    assert found.statements[0].citations[0].lines == (2,)


def test_equal_counts_are_excluded() -> None:
    run = Run().capture("eth1.pcap", talk()).statistics("eth1.log", 9)
    assert run.found(MISMATCH) == []
    assert run.excluded(MISMATCH)


def test_statistics_of_no_capture_for_sure_are_compared_with_none() -> None:
    run = Run().capture("a.pcap", talk()).capture("b.pcap", talk()).statistics("tcpdump_stderr.log", 30)
    assert run.found(MISMATCH) == []


def test_a_text_that_holds_more_than_the_capture_fires() -> None:
    more = talk()
    more.waits(1).keep_alive()
    (found,) = Run().capture("a.pcap", talk()).capture("a.txt", more, text=True).found(MISMATCH)
    assert "2 records of a.txt are not in a.pcap" in english(found.title)
    assert places(found.statements) == {"a.txt": ((), (21, 23))}


def test_a_text_of_a_part_is_no_mismatch() -> None:
    head = talk()
    head.rows = head.rows[:4]
    run = Run().capture("a.pcap", talk()).capture("head.txt", head, text=True)
    assert run.found(MISMATCH) == []
    assert "All 4 records of head.txt" in english(run.excluded(MISMATCH)[0].text)


def test_the_file_s_name_is_quoted_in_the_command() -> None:
    (found,) = Run().capture("a'$(id).pcap", talk()).statistics("a.log", 1).found(MISMATCH)
    assert found.next_actions[0].command == "capinfos -c 'a'\"'\"'$(id).pcap'"


def test_not_evaluable() -> None:
    (unknown,) = Run().add("note.md").unknown(DROPPED)
    assert "tcpdump's statistics" in english(unknown.missing[0])
    assert unknown.collect
    (unknown,) = Run().capture("a.pcap", talk()).unknown(MISMATCH)
    assert unknown.collect
