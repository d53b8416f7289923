"""`loss_episode`: retransmissions that stand together in a long conversation."""

from tests.kit import SERVER, Run, Talk, english, places

RULE = "loss_episode"


def sent_again(talk: Talk, length: int = 300) -> Talk:
    """The responder's last answer once more, after a time-out, and its acknowledgment."""
    talk.waits(0.4)
    return talk._send(False, 24, length, talk.next[False] - length).ack()


def talk(answers: int, lost: set[int]) -> Talk:
    made = Talk().opens().request()
    for n in range(answers):
        made._send(False, 24, 300)
        if n in lost:
            sent_again(made)
        made.ack()
    return made


def test_a_stretch_with_loss_fires_with_its_first_and_last_frames() -> None:
    (found,) = Run().capture("a.pcap", talk(700, {400, 405, 410, 420})).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443", "direction": "to originator"}
    assert len(places(found.statements)["a.pcap"][0]) == 5
    assert "4 of 100" in english(found.title)


def test_what_was_lost_before_is_counted() -> None:
    (found,) = Run().capture("a.pcap", talk(700, {3, 400, 405, 410, 420})).found(RULE)
    assert any("with 1 retransmission" in english(s.text) for s in found.statements)


def test_two_or_scattered_or_none_is_no_episode() -> None:
    for lost in (set(), {300, 301}, {100, 300, 500}):
        run = Run().capture("a.pcap", talk(700, lost))
        assert run.found(RULE) == []
        assert places(run.excluded(RULE))


def test_a_short_conversation_is_silent() -> None:
    assert Run().capture("a.pcap", talk(50, {1, 2, 3, 4})).found(RULE) == []


def test_not_evaluable_without_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect
