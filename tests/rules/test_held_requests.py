"""`response_slow` and requests that are held on purpose: by the time they ask for, by their cadence; a gateway's time-out is none."""

from runs.analysis.facts.http import HttpExchange
from tests.kit import Run, Talk, english

RULE = "response_slow"


def waits(*seconds: float, target: str = "/v2/state", status: int = 204, size: int = 120) -> Run:
    talks = [
        Talk(client_port=41_000 + n, at_s=100 * n).opens().request().acked().waits(s).answer(size).closes()
        for n, s in enumerate(seconds)
    ]
    exchanges = [HttpExchange(conversation_row=n, conversation_stream=n, target=target, status=status) for n in range(len(seconds))]
    return Run().capture("a.pcap", *talks).add("a.pcap", *exchanges)


def told(run: Run) -> tuple[str, str, str]:
    (found,) = run.found(RULE)
    return found.outcome, found.severity, found.confidence


def test_empty_answers_at_a_round_period_are_held_on_purpose() -> None:
    made = waits(30.02, 29.98, 30.1, 30.0)
    assert told(made) == ("info", "info", "tentative")
    assert "All 4 such requests are answered after 30 s" in " ".join(english(s.text) for s in made.found(RULE)[0].statements)


def test_a_query_that_names_the_time_waited_asks_for_it() -> None:
    assert told(waits(25.03, target="/v2/state?timeout=25"))[0] == "info"
    assert told(waits(25.03, target="/v2/state?wait=25000ms&x=1"))[0] == "info"


def test_look_alikes_stay_faults() -> None:
    for made in (
        waits(30.0, 30.0),  # too few to be a cadence
        waits(30.0, 30.0, 30.0, status=504),  # a gateway's time-out
        waits(30.0, 30.0, 30.0, size=9_000),  # an answer with content
        waits(30.0, 24.0, 30.0),  # no cadence
        waits(3.0, 3.0, 3.0),  # no round period
        waits(25.0, target="/v2/state?timeout=60"),  # asks for another time
    ):
        assert told(made)[0] == "fail"
