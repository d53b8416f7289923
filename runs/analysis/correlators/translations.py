"""Connections on two sides of a NAT: a line of connection tracking names both, or both bear the same initial sequence numbers.

A NAT leaves TCP's sequence numbers as they are: two conversations with other ends and the same two initial numbers (64 random bits) are one. Of a SYN
that nobody answers there is one number only; it counts within one capture, at the same moment, with one end that is the same. Translators that choose
numbers of their own, and proxies, are not found so.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Literal

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conntrack import ConntrackTable
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.translation import TranslatedPair
from runs.analysis.registry import correlator

SOON_NS = 100_000_000  # from one interface of the host to the other
MOST_PAIRS = 10_000
MOST_SIDES = 4  # captures that hold one side
PRIVATE = tuple(
    ip_network(n)
    for n in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "::1/128",
    )
)  # RFC 1918, 6598, 4193
Numbers = tuple[int, int | None]
Ends = tuple[str, Endpoint, Endpoint]


@correlator(gives=TranslatedPair, needs=[Conversation], uses=[ConntrackTable])
def translations(case: Case) -> Iterator[TranslatedPair]:
    """One for each two conversations, whatever shows it."""
    conversations = [c for c in case.all(Conversation) if c.outer is None and c.continues is None]
    found: dict[tuple[str, str], TranslatedPair] = {}
    for pair in (*_by_numbers(case, conversations), *_by_table(case, conversations)):
        known = found.get((pair.inner, pair.outer)) or found.get((pair.outer, pair.inner))
        if known is not None:
            by: tuple[Literal["numbers", "table"], ...] = (*known.by, *(b for b in pair.by if b not in known.by))
            places = known.places if by == known.by else (*known.places, *pair.places)
            pair = _replaced(known, by, places)
        if len(found) < MOST_PAIRS or known is not None:
            found[pair.inner, pair.outer] = pair
    yield from found.values()


def _replaced(pair: TranslatedPair, by: tuple[Literal["numbers", "table"], ...], places: tuple[Citation, ...]) -> TranslatedPair:
    return TranslatedPair(file=pair.file, inner=pair.inner, outer=pair.outer, translates=pair.translates, by=by, places=places)


def _by_numbers(case: Case, conversations: Sequence[Conversation]) -> Iterator[TranslatedPair]:
    alike: dict[Numbers, dict[Ends, list[Conversation]]] = {}
    for c in conversations:
        table = case.table(c, "conversations") if c.protocol == "tcp" and c.syn_frame else None
        if table is None or c.row >= len(table):
            continue
        own, answer = (int(n) for n in table["base_sequences"][c.row])
        ends = (c.protocol, c.originator, c.responder)
        alike.setdefault((own, answer if c.syn_ack_frame else None), {}).setdefault(ends, []).append(c)
    for (_, answer_number), by_ends in alike.items():
        if len(by_ends) != 2:  # one side, or a chain of translators whose order nobody knows
            continue
        first, second = by_ends.values()
        for one, other in product(first[:MOST_SIDES], second[:MOST_SIDES]):
            if answer_number is not None or _is_one_syn(one, other):
                inner, outer = _ordered(one, other)
                places = (
                    cite(case, inner, inner.syn_frame, inner.syn_ack_frame),
                    cite(case, outer, outer.syn_frame, outer.syn_ack_frame),
                )
                yield _pair(inner, outer, "numbers", places)


def _is_one_syn(a: Conversation, b: Conversation) -> bool:
    """Whether two unanswered SYNs with one number can be one: in one capture, at one moment, and one end the same."""
    same_end = (a.originator == b.originator) != (a.responder == b.responder)
    return (a.file, a.segment) == (b.file, b.segment) and abs(a.start_ns - b.start_ns) <= SOON_NS and same_end


def _by_table(case: Case, conversations: Sequence[Conversation]) -> Iterator[TranslatedPair]:
    known: dict[Ends, list[Conversation]] = {}
    if case.has(ConntrackTable):
        for c in conversations:
            known.setdefault((c.protocol, c.originator, c.responder), []).append(c)
    for table in case.all(ConntrackTable):
        for tracked in table.connections:
            original: Ends = (tracked.protocol, tracked.original.source, tracked.original.destination)
            translated: Ends = (tracked.protocol, tracked.reply.destination, tracked.reply.source)
            if original == translated:
                continue
            sides = known.get(original, []), known.get(translated, [])
            place = Citation(table.file, lines=(tracked.line,))
            for one, other in product(sides[0][:MOST_SIDES], sides[1][:MOST_SIDES]):
                # An end's port is used again sooner or later: of several only those that lie within each other's time are one.
                if len(sides[0]) == len(sides[1]) == 1 or _overlap(one, other):
                    inner, outer = _ordered(one, other)
                    yield _pair(inner, outer, "table", (place,))


def _overlap(a: Conversation, b: Conversation) -> bool:
    return a.file == b.file and a.start_ns <= b.end_ns + SOON_NS and b.start_ns <= a.end_ns + SOON_NS


def _pair(
    inner: Conversation, outer: Conversation, by: Literal["numbers", "table"], places: tuple[Citation, ...]
) -> TranslatedPair:
    kinds: tuple[tuple[Literal["source", "destination"], bool], ...] = (
        ("source", inner.originator != outer.originator),
        ("destination", inner.responder != outer.responder),
    )
    translates = tuple(kind for kind, differs in kinds if differs)
    return TranslatedPair(file=inner.file, inner=inner.id, outer=outer.id, translates=translates, by=(by,), places=places)


def _ordered(a: Conversation, b: Conversation) -> tuple[Conversation, Conversation]:
    """The inner one first: that with a private address where the other's is none, else that which came first, as far as one clock tells."""
    private = [_private_ends(c, other) for c, other in ((a, b), (b, a))]
    if private[0] != private[1]:
        return (a, b) if private[0] > private[1] else (b, a)
    if a.file == b.file:
        return (a, b) if a.start_ns <= b.start_ns else (b, a)
    return (a, b) if a.id <= b.id else (b, a)


def _private_ends(c: Conversation, other: Conversation) -> int:
    """How many of the ends that the other conversation does not have are private addresses."""
    differing = [
        mine for mine, its in ((c.originator, other.originator), (c.responder, other.responder)) if mine.address != its.address
    ]
    return sum(_is_private(end.address) for end in differing)


def _is_private(address: str) -> bool:
    try:
        own = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(own in network for network in PRIVATE)
