"""Requests that a service holds open on purpose (long poll, event stream): by their path, by the time they ask for, by their cadence.

A path alone is a weak sign. A wait that equals a time-out named in the query, or answers without content that come again and again after
the same round period, are how a held request ends when nothing has happened. A gateway's own time-out (5xx) looks alike and is none.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import HttpExchange

HOLDING = frozenset(
    [
        "events",
        "watch",
        "wait",
        "subscribe",
        "subscriptions",
        "notifications",
        "changes",
        "comet",
        "stream",
        "sse",
        "hub",
        "signalr",
    ]
)
PERIOD_NS = 5 * SECOND_NS  # time-outs that people choose are multiples of it
LEAST_PERIOD_NS = 10 * SECOND_NS
LEAST_TIMES = 3
MOST_EMPTY_BYTES = 600  # a response's head, with a body that says 'nothing new'
_ASKED = re.compile(r"[?&;](?:timeout|wait|hold|maxwait|poll_?timeout|longpoll\w*)=(\d{1,6})(ms|s)?(?=[&;#]|$)", re.IGNORECASE)


class Waited(NamedTuple):
    """A conversation whose answer came late."""

    conversation: Conversation
    waited_ns: int


def exchange_of(case: Case, c: Conversation) -> HttpExchange | None:
    """The first request and response of a conversation."""
    own = (x for x in case.all(HttpExchange) if (x.file, x.segment, x.conversation_row) == (c.file, c.segment, c.row))
    return next(own, None)


def held_target(exchange: HttpExchange | None, waited_ns: int) -> str | None:
    """The target of a request that asks to be held: its path says so, or its query names the time that it waited."""
    target = (exchange.target or "") if exchange is not None else ""
    path = target.partition("?")[0].lower()
    if set(re.split(r"[^a-z]+", path)) & HOLDING or "poll" in path or asked_ns(target, waited_ns):
        return path[:80]
    return None


def asked_ns(target: str, waited_ns: int) -> int | None:
    """The time that a query asks to wait, where it is the time waited (in its own unit, else seconds or milliseconds)."""
    for number, unit in _ASKED.findall(target[:4000]):
        for size in {"s": (SECOND_NS,), "ms": (1_000_000,)}.get(unit.lower(), (SECOND_NS, 1_000_000)):
            if int(number) and near(waited_ns, int(number) * size):
                return int(number) * size
    return None


def near(waited_ns: int, period_ns: int) -> bool:
    """Whether a wait is a period, give or take what a scheduler and a round trip take."""
    return abs(waited_ns - period_ns) <= max(SECOND_NS // 2, period_ns // 50)


def cadence_ns(case: Case, waits: Sequence[Waited]) -> int | None:
    """The round period after which all of several requests were answered with nothing; None where there is none."""
    if len(waits) < LEAST_TIMES:
        return None
    ordered = sorted(w.waited_ns for w in waits)
    period = round(ordered[len(ordered) // 2] / PERIOD_NS) * PERIOD_NS
    if period < LEAST_PERIOD_NS or not all(near(w, period) for w in ordered):
        return None
    for w in waits:
        exchange = exchange_of(case, w.conversation)
        empty = w.conversation.payload_bytes[1] <= MOST_EMPTY_BYTES
        if not empty or exchange is None or exchange.status is None or not 200 <= exchange.status < 400:
            return None
    return period
