"""Repetitions found for a whole capture at once are those that are found conversation by conversation."""

import random

import pytest

from runs.analysis.domain.frames import rows_of
from runs.analysis.domain.repeated_segments import repeating_sides
from runs.analysis.facts.conversation import Conversation
from runs.analysis.rules.retransmission_stall import LEAST_NS, LEAST_SENDINGS, stalls
from tests.kit import Run
from tests.rules.wire import wire


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_agree(seed: int) -> None:
    rng = random.Random(seed)
    talks = []
    for n in range(12):
        talk = wire(client_port=40_000 + n, at_s=n / 10).opens()
        for _ in range(rng.randrange(1, 9)):
            client = rng.random() < 0.5
            talk.data(client, rng.choice((1, 400, 1448)), ip_id=rng.choice((None, 7)))
            for _ in range(rng.randrange(0, 5)):
                talk.goes(rng.choice((0.01, 5, 200, 700))).again(client, 400)
            if rng.random() < 0.3:
                talk.ack(not client)
        talks.append(talk.copies() if rng.random() < 0.3 else talk)
    case = Run().capture("a.pcap", *talks).case()
    conversations = case.all(Conversation)
    packets = case.table(conversations[0], "packets")
    assert packets is not None
    one_by_one = {(c.row, s.side) for c in conversations for s in stalls(packets, rows_of(case, c), 0)}
    assert repeating_sides(packets, LEAST_SENDINGS, LEAST_NS) == one_by_one
