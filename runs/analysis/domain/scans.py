"""Conversations that only probe: port scans and traceroutes over TCP. That they end in vain is no fault of the ends they ask."""

from collections.abc import Iterable

from runs.analysis.case import Case
from runs.analysis.domain.phases import is_refused
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation

MOST_ENDS = 20  # that one originator asks in vain before it is a scan; a host that is down has fewer services
COPIED_NS = 1_000_000  # a SYN that comes again sooner was captured twice
LEAST_TTL = 16  # no host sends with less, and no path is so long: a traceroute counts up from 1


def is_vain(c: Conversation) -> bool:
    """Whether a TCP conversation came no further than its SYN: refused, or not answered."""
    return c.protocol == "tcp" and bool(c.syn_frame) and (is_refused(c) or (c.completeness == 1 and not c.frames[1]))


def scanned(conversations: Iterable[Conversation]) -> dict[str, dict[Endpoint, list[Conversation]]]:
    """{originator that scans: {end: its vain conversations}}: more than MOST_ENDS ends, most of them asked once (a frame may be captured twice)."""
    asked: dict[str, dict[Endpoint, list[Conversation]]] = {}
    for c in conversations:
        if is_vain(c):
            asked.setdefault(c.originator.address, {}).setdefault(c.responder, []).append(c)
    return {originator: targets for originator, targets in asked.items() if _is_scan(targets)}


def _is_scan(targets: dict[Endpoint, list[Conversation]]) -> bool:
    once = sum(len(found) == 1 and (found[0].frames[0] == 1 or found[0].duration_ns < COPIED_NS) for found in targets.values())
    return len(targets) > MOST_ENDS and 2 * once > len(targets)


def is_hop_probe(case: Case, c: Conversation) -> bool:
    """Whether the SYN was sent with a TTL that only a traceroute uses; such a probe has nothing else to say."""
    if any(c.payload_bytes):
        return False
    packets = case.table(c, "packets")
    return (
        c.protocol == "tcp"
        and packets is not None
        and 0 < c.syn_frame <= len(packets)
        and 0 < packets["ttl"][c.syn_frame - 1] < LEAST_TTL
    )
