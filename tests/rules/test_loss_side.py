"""On which side of a second capture point a segment was lost: `retransmission_stall` and `loss_episode` over two captures of one conversation."""

from collections.abc import Callable
from typing import Any

import pytest

from runs.analysis.packets.rows import PacketRow
from tests.kit import CLIENT, MS, SECOND, Run, Talk, english, places
from tests.rules.wire import wire

STALL, EPISODE = "retransmission_stall", "loss_episode"
WAY = 5 * MS  # between the two points
SKEW = 3 * SECOND  # of the second clock


def stalled(with_ids: bool = False, acks: bool = False) -> Any:
    """The responder sends a segment four times: frames 6 to 9, or with an ACK behind each 6, 8, 10, 12."""
    talk = wire().opens().request().acked()
    talk.data(False, ip_id=70 if with_ids else None)
    for n in range(3):
        if acks:
            talk.ack()
        talk.waits(0.6).again(False, ip_id=71 + n if with_ids else None)
    return talk


def seen(talk: Any, lost: Callable[[int], bool] = lambda n: False, nearer_to_client: bool = False) -> Talk:
    """What a point a little way off sees of a talk; `lost`: frames (from 1) that do not come by."""
    other = wire()
    sign = -1 if nearer_to_client else 1
    other.rows = [
        row._replace(ts_ns=row.ts_ns + SKEW + sign * (WAY if row.source == CLIENT else -WAY))
        for n, row in enumerate(talk.rows, 1)
        if not lost(n)
    ]  # fmt: skip
    return other  # type: ignore[no-any-return]


def both(a: Any, b: Any, rule: str = STALL, **fields: Any) -> tuple[list[str], dict[str, Any], list[Any]]:
    """The sentences about the side, their places, and what is not evaluable, of the finding of the first capture."""
    run = Run().capture("a.pcap", a).capture("b.pcap", b)
    for name, dropped in fields.items():
        run.statistics(f"{name}.txt", len(a.rows), dropped=dropped)
    (found, *_) = run.found(rule)
    told = [
        s
        for s in found.statements
        if "sendings" in english(s.text) or "acknowledgment was" in english(s.text) or "sent again, " in english(s.text)
    ]
    return [english(s.text) for s in told], places(told), run.unknown(rule)


def after(talk: Any) -> Any:
    """Traffic of others that shows that a capture runs on."""
    later = Talk(port=53, client_port=40_000).waits(30).opens()
    talk.rows = [*talk.rows, *later.rows]
    return talk


@pytest.mark.parametrize("with_ids", [True, False])
def test_sendings_that_the_other_point_lacks_were_lost_between(with_ids: bool) -> None:
    """a.pcap lies nearer to the sender: its frames 6, 7, 8 are missing there, 9 arrives."""
    talk = after(stalled(with_ids))
    words, cited, unknown = both(talk, seen(talk, lambda n: n in (6, 7, 8), nearer_to_client=True))
    assert words == ["Of 4 sendings in a.pcap, 3 are not in b.pcap: lost between the two capture points."]
    assert cited == {"a.pcap": ((6, 7, 8), ()), "b.pcap": ((6,), ())}
    assert unknown == []


def test_where_none_arrives_the_capture_must_have_run_on() -> None:
    talk = after(stalled())
    words, cited, _ = both(talk, seen(talk, lambda n: 6 <= n <= 9, nearer_to_client=True))
    assert words == ["Of 4 sendings in a.pcap, 4 are not in b.pcap: lost between the two capture points."]
    assert cited == {"a.pcap": ((6, 7, 8, 9), ()), "b.pcap": ((6,), ())}


def test_seen_from_the_receivers_side_it_is_the_same() -> None:
    talk = after(stalled())
    words, _, _ = both(seen(talk, lambda n: n in (6, 7), nearer_to_client=True), talk)
    assert words == ["Of 4 sendings in b.pcap, 2 are not in a.pcap: lost between the two capture points."]
    words, cited, _ = both(seen(talk, lambda n: n == 6, nearer_to_client=True), talk)
    assert words == ["Of 4 sendings in b.pcap, 1 is not in a.pcap: lost between the two capture points."]
    assert cited["b.pcap"] == ((6,), ())


def test_what_all_arrives_was_lost_behind() -> None:
    talk = after(stalled())
    words, _, unknown = both(talk, seen(talk, nearer_to_client=True))
    assert len(words) == 1
    assert "neither holds an acknowledgment: it or the data is lost behind b.pcap" in words[0]
    assert unknown == []


def test_acknowledgments_that_only_the_far_point_holds_were_lost_between() -> None:
    talk = after(stalled(acks=True))
    silent = wire()
    silent.rows = [row for n, row in enumerate(talk.rows, 1) if n not in (7, 9, 11)]
    words, cited, _ = both(silent, seen(talk, nearer_to_client=True))
    assert words[0].endswith("none was lost between the two capture points.")
    assert (
        words[1]
        == "b.pcap holds its acknowledgment before the last sending, a.pcap does not: the acknowledgment was lost between the two."
    )
    assert 7 in cited["b.pcap"][0]


def test_not_evaluable_where_the_other_capture_ended() -> None:
    talk = stalled()
    words, _, (unknown,) = both(talk, seen(talk, lambda n: n > 6, nearer_to_client=True))
    assert words == []
    assert "b.pcap ends before the last repetition" in english(unknown.missing[0])
    assert unknown.citations[0].frames == (6,)
    assert unknown.collect


def test_not_evaluable_where_an_acknowledgment_shows_that_frames_are_missing() -> None:
    talk = stalled()
    talk = after(talk.ack())
    words, _, (unknown,) = both(talk, seen(talk, lambda n: 6 <= n <= 9, nearer_to_client=True))
    assert words == []
    assert "lacks frames" in english(unknown.missing[0])


def test_not_evaluable_where_packets_were_dropped() -> None:
    talk = after(stalled())
    run = Run().capture("a.pcap", talk).capture("b.pcap", seen(talk, lambda n: n in (6, 7, 8), nearer_to_client=True))
    run.statistics("b.txt", len(talk.rows) - 3, dropped=4)
    (unknown,) = run.unknown(STALL)
    assert "dropped" in english(unknown.missing[0])


def test_not_evaluable_where_the_captures_hold_it_cut_differently() -> None:
    talk = after(stalled())
    cut = seen(talk, nearer_to_client=True)
    rows: list[PacketRow] = []
    for row in cut.rows:
        second = (row.sequence or 0) + 724
        halves = [row._replace(payload_length=724), row._replace(payload_length=724, sequence=second)]
        rows += halves if row.payload_length == 1448 else [row]
    cut.rows = rows
    words, _, unknown = both(talk, cut)
    assert words == []
    assert "cut differently" in english(unknown[0].missing[0])


def test_two_captures_at_one_point_say_nothing() -> None:
    talk = after(stalled())
    words, _, unknown = both(talk, talk)
    assert (words, unknown) == ([], [])


def test_another_conversation_in_the_second_capture_says_nothing() -> None:
    talk = after(stalled())
    other = Talk(client_port=50_000).opens().request().answer()
    words, _, unknown = both(talk, other)
    assert (words, unknown) == ([], [])


def test_an_episode_is_told_by_segments() -> None:
    talk = wire().opens().request().acked()
    frames = []
    for n in range(150):
        talk.data(False, ip_id=n + 1)
        if n in (60, 64, 68, 72):
            frames.append(len(talk.rows))
            talk.waits(0.3).again(False, ip_id=1000 + n)
    talk = after(talk)
    words, cited, unknown = both(talk, seen(talk, lambda n: n in frames[:3], nearer_to_client=True), EPISODE)
    assert (
        words[0]
        == "Of 4 compared segments that are sent again, 3 miss sendings in b.pcap that a.pcap holds: lost between the two capture points."
    )
    assert (
        words[1]
        == "Of 4 compared segments that are sent again, 1 is in b.pcap as often as in a.pcap: not lost between the two capture points."
    )
    assert set(frames[:3]) <= set(cited["a.pcap"][0])
    assert unknown == []


def test_a_high_rate_is_told_once_for_both_captures_and_asks_for_no_third() -> None:
    talk = wire().opens().request().acked()
    frames = []
    for n in range(120):
        talk.data(False, ip_id=n + 1)
        if n % 20 == 7:
            frames.append(len(talk.rows))
            talk.waits(0.3).again(False, ip_id=1000 + n)
    talk = after(talk)
    run = Run().capture("a.pcap", talk).capture("b.pcap", seen(talk, lambda n: n in frames, nearer_to_client=True))
    (found,) = run.found("retransmission_rate_high")
    words = [english(s.text) for s in found.statements if "sent again, " in english(s.text)]
    assert words == [
        "Of 6 compared segments that are sent again, 6 miss sendings in b.pcap that a.pcap holds: lost between the two capture points."
    ]
    assert found.next_actions == ()
    (alone,) = Run().capture("a.pcap", talk).found("retransmission_rate_high")
    assert "both_ends" in str(alone.next_actions[0].command)
