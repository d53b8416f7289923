"""Pings out of captures: which echo requests were answered, by sequence number.

A request in the last seconds of a capture may be answered behind its end, and is not counted. An answer that stands twice with the
same IP identification, or within a moment (IPv6 has none), is a frame captured twice, no second answer.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.frames import capture_end_ns, cite_many, rows_of
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp_echo import CapturedPing
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import ICMP, column
from runs.analysis.registry import correlator

ANSWER_NS = 3 * SECOND_NS  # what comes later than this after its request is rare; ping itself waits for 1 to 10 s
COPY_NS = SECOND_NS // 20  # two frames of one answer, captured at two interfaces, lie nearer
MOST_PINGS = 2_000
MOST_CITED = 20
TYPES = {"icmp": (8, 0), "icmpv6": (128, 129)}


class Echo(NamedTuple):
    """Rows of one conversation's requests and answers, in file order."""

    requests: Array
    answers: Array


@correlator(gives=CapturedPing, needs=[Conversation])
def echoes(case: Case) -> Iterator[CapturedPing]:
    """One fact for each sender, target and identifier; broadcasts and multicasts have no one answer, and give none."""
    two_way = {c.file for c in case.all(Conversation) if all(c.frames)}
    pings = [c for c in case.all(Conversation) if c.protocol in TYPES][:MOST_PINGS]
    for c in pings:
        packets, addresses = case.table(c, "packets"), case.table(c, "addresses")
        if packets is None or addresses is None:
            continue
        found = _echo(packets, rows_of(case, c))
        if len(found.requests):
            made = _ping(case, c, packets, addresses, found, c.file in two_way)
            if made is not None:
                yield made


def _echo(packets: Table, rows: Array) -> Echo:
    kinds = column(packets, "icmp_type")[rows]
    asks, tells = TYPES["icmp"] if len(rows) and int(packets["protocol"][rows[0]]) == ICMP else TYPES["icmpv6"]
    return Echo(rows[kinds == asks], rows[kinds == tells])


def _ping(case: Case, c: Conversation, packets: Table, addresses: Table, echo: Echo, is_two_way: bool) -> CapturedPing | None:
    first = int(echo.requests[0])
    source, target = (int(packets[name][first]) for name in ("source", "destination"))
    texts = address_texts(addresses, np.array(sorted({source, target})))
    if _is_to_many(texts[target]):
        return None
    end = capture_end_ns(case, c)
    times = packets["ts_ns"] + c.clock_offset_ns
    first_asked: dict[int, int] = {}
    for row in echo.requests.tolist():
        first_asked.setdefault(int(packets["sequence"][row]), row)
    answered, duplicates = _answers(packets, echo.answers)
    due = {n: row for n, row in first_asked.items() if n in answered or int(times[row]) + ANSWER_NS <= end}
    lost = [row for n, row in due.items() if n not in answered]
    if not due:
        return None
    order = list(due)
    return CapturedPing(
        file=c.file,
        segment=c.segment,
        conversation=c.id,
        source=texts[source],
        target=texts[target],
        sent=len(due),
        answered=len(due) - len(lost),
        lost=_cite(case, c, lost),
        answers=_cite(case, c, list(answered.values())),
        duplicates=_cite(case, c, duplicates),
        duplicate_count=len(duplicates),
        is_at_an_end=len(lost) == 1 and lost[0] in (due[order[0]], due[order[-1]]),
        is_two_way=is_two_way or bool(len(echo.answers)),
        first_ns=int(times[first]),
        last_ns=int(times[echo.requests[-1]]),
    )


def _answers(packets: Table, rows: Array) -> tuple[dict[int, int], list[int]]:
    """The first answer to each sequence number, and further ones."""
    answered: dict[int, int] = {}
    duplicates: list[int] = []
    identifications = column(packets, "ip_id")
    for row in rows.tolist():
        number = int(packets["sequence"][row])
        known = answered.setdefault(number, row)
        apart = int(packets["ts_ns"][row]) - int(packets["ts_ns"][known])
        same_packet = int(identifications[row]) == int(identifications[known]) and apart < COPY_NS
        if known != row and not same_packet and apart < 60 * SECOND_NS:
            duplicates.append(row)
    return answered, duplicates


def _cite(case: Case, c: Conversation, rows: list[int]) -> Citation:
    return cite_many(case, c, (row + 1 for row in rows[:MOST_CITED]))


def _is_to_many(address: str) -> bool:
    if ":" in address:
        return address.lower().startswith("ff")
    head, last = address.partition(".")[0], address.rpartition(".")[2]
    return last == "255" or (head.isdecimal() and 224 <= int(head) <= 239)
