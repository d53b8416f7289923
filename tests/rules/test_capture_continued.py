"""`capture_continued`: conversations that cross a rotation's border are one; ports used again are not."""

from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets.rows import PacketRow
from tests.kit import Run, Talk, english, places

RULE = "capture_continued"


def part(rows: list[PacketRow]) -> Talk:
    made = Talk()
    made.rows = rows
    return made


def split(talk: Talk, at: int, *others: Talk) -> Run:
    """The talk in two captures: its first `at` packets, and the rest."""
    return Run().capture("run.pcap0", part(talk.rows[:at])).capture("run.pcap1", part(talk.rows[at:]), *others)


def test_a_conversation_that_goes_on_is_one() -> None:
    made = split(Talk().opens().request().acked().waits(30).answer().closes(), 5)
    (found,) = made.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "certain")
    assert "run.pcap1 goes on where run.pcap0 ends" in english(found.title)
    assert places(found.statements) == {"run.pcap0": ((5,), ()), "run.pcap1": ((1,), ())}
    first, second = made.case().all(Conversation)
    assert (first.continued_in, second.continues) == (second.id, first.id)
    assert first.payload_bytes == (120, 300)
    assert first.close == "fin"


def test_an_answer_in_the_next_file_is_not_missing() -> None:
    talk = Talk().opens().request().acked().waits(30).answer().closes()
    assert split(talk, 5).found("response_missing") == []
    alone = Run().capture("run.pcap0", part(talk.rows[:5]), Talk(port=9, client_port=9, at_s=30).opens())
    assert alone.found("response_missing")  # without the second file it is
    report = split(talk, 5).report()
    assert len(report.attempts) == 1
    assert not report.attempts[0].fault
    assert [f.rule for f in report.findings if f.outcome == "fail"] == []


def test_silence_that_goes_on_is_still_one_fault() -> None:
    talk = Talk().opens().request().acked().waits(10).keep_alive().waits(10).keep_alive().waits(10).fin()
    (found,) = split(talk, 7).found("response_missing")
    assert found.outcome == "fail"


def test_a_handshake_across_the_border_is_no_unanswered_syn() -> None:
    made = split(Talk().opens().request().answer().closes(), 1)
    assert made.found(RULE)
    assert made.found("syn_unanswered") == []


def test_three_files_in_a_row() -> None:
    talk = Talk().opens().request().acked().waits(5).answer().waits(5).answer().closes()
    made = Run().capture("c0", part(talk.rows[:4])).capture("c1", part(talk.rows[4:7])).capture("c2", part(talk.rows[7:]))
    assert len(made.found(RULE)) == 2
    assert made.case().all(Conversation)[0].payload_bytes == (120, 600)


def test_silent_for_other_numbers_long_after_or_at_the_same_time() -> None:
    talk = Talk().opens().request().acked().waits(30).answer().closes()
    again = [row._replace(sequence=(row.sequence or 0) + (1 << 28) & 0xFFFFFFFF) for row in talk.rows[5:]]
    reused = Run().capture("a.pcap", part(talk.rows[:5])).capture("b.pcap", part(again))
    assert reused.found(RULE) == []
    assert reused.excluded(RULE)
    later = [row._replace(ts_ns=row.ts_ns + 7_200_000_000_000) for row in talk.rows[5:]]
    assert Run().capture("a.pcap", part(talk.rows[:5])).capture("b.pcap", part(later)).found(RULE) == []
    assert Run().capture("a.pcap", talk).capture("b.pcap", talk).found(RULE) == []  # two points, not two parts
    closed = Talk().opens().request().answer().closes()
    assert Run().capture("a.pcap", closed).capture("b.pcap", Talk(at_s=3, client_port=51516).opens()).found(RULE) == []


def test_not_evaluable_with_one_capture() -> None:
    made = Run().capture("a.pcap", Talk().opens())
    assert made.found(RULE) == []
    assert made.unknown(RULE)
