"""`workaround_refuted`: advice that the run's own attempts show to fail, and advice that they do not."""

import pytest

from runs.analysis.facts.notes import Note, NoteLine
from tests.kit import Run, Talk, places
from tests.rules.test_forwarder_no_bypass import FRONT, forwarded

LISTEN = 7000
"""The port on which the tests' forwarder listens."""


def advised(text: str, talk: Talk | None) -> Run:
    run = forwarded().add("memo.md", Note(statements=(NoteLine(7, text),)))
    return run.capture("via.pcap", talk) if talk is not None else run


def through() -> Talk:
    return Talk(FRONT, LISTEN)


ADVICE = f"恒久対策までは socat TCP-LISTEN:{LISTEN} 経由のアクセスを必須とする"


@pytest.mark.parametrize("text", [ADVICE, f"Until it is fixed, use port {LISTEN} instead", f"当面は {LISTEN} 番ポートを利用する"])
def test_advice_that_the_runs_own_attempt_refutes_fires(text: str) -> None:
    (found,) = advised(text, through().opens().request().acked().waits(60).fin()).found("workaround_refuted")
    assert (found.outcome, found.severity) == ("fail", "medium")
    assert places(found.statements)["memo.md"] == ((), (7,))
    assert places(found.statements)["via.pcap"][0]


@pytest.mark.parametrize(
    "text",
    [
        "socat では回避できないため必須としない",
        "socat を起動した",
        "helper コンテナ経由でアクセスする",
        "for now, socat does not help",
    ],
)
def test_what_is_no_advice_or_says_so_itself_is_silent(text: str) -> None:
    assert advised(text, through().opens().request().acked().waits(60).fin()).ask("workaround_refuted") == []


def test_advice_that_works_is_excluded() -> None:
    run = advised(ADVICE, through().opens().request().answer().closes())
    assert run.found("workaround_refuted") == []
    assert run.excluded("workaround_refuted")


def test_advice_that_nobody_tried_is_not_evaluable() -> None:
    (unknown,) = advised(ADVICE, None).unknown("workaround_refuted")
    assert unknown.collect
    assert str(LISTEN) in unknown.collect
