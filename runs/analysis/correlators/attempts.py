"""Attempts: each way that was tried, from the clients' logs and the captures, joined where both tell of the same one.

A conversation that no client's log tells of is an attempt too; of many equal ones (same responder, same state) one row stands
for all, so that a capture of fifty thousand connections still has a matrix that one can read. What only probes is no attempt
(domain/scans.py).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

from runs.analysis.case import Case
from runs.analysis.domain.frames import frame_ns
from runs.analysis.domain.pairing import Try, attempt_id, pair, tries
from runs.analysis.domain.phases import conversation_phases, curl_phases, merged_phases, waiting_ns
from runs.analysis.domain.scans import is_hop_probe, scanned
from runs.analysis.domain.sightings import once_each
from runs.analysis.facts.attempt import MOST_ATTEMPTS, Attempt
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import Collection, Forwarder
from runs.analysis.messages import Text, message, plain
from runs.analysis.registry import correlator

FAMILY = message("attempt.family", en="{family} {end}", ja="{family} {end}")
VIA = message("attempt.via", en="via {program} {end}", ja="{program} 経由 {end}")
MANY = message("attempt.many", en="{label} × {n:count}", ja="{label} × {n:count}")
AT = message("attempt.at", en="{at:time} · {what}", ja="{at:time} · {what}")
SEEN = message("attempt.seen", en="seen in the capture", ja="キャプチャのみ")
OUTSIDE = {
    "after": message("attempt.after", en="{what}, after the capture", ja="{what}、キャプチャ終了後"),
    "before": message("attempt.before", en="{what}, before the capture", ja="{what}、キャプチャ開始前"),
    "filter": message("attempt.filter", en="{what}, not captured", ja="{what}、キャプチャ対象外"),
    "no_capture": message("attempt.no_capture", en="{what}, no capture", ja="{what}、キャプチャなし"),
}
Outside = Literal["before", "after", "filter", "no_capture"]
FALLBACK_NS = 2 * SECOND_NS
_OPTIONS = re.compile(
    r"(?:^|\s)(-[46]|--max-time(?:\s+|=)\S+|-m\s+\S+|--connect-timeout(?:\s+|=)\S+|-x\s+\S+|--http[\d.]+)(?=\s|$)"
)


@correlator(gives=Attempt, uses=[CurlAttempt, Conversation, Collection, Forwarder, Capture, Clock])
def attempts(case: Case) -> Iterator[Attempt]:
    """Attempts in the order of time, those without a time last."""
    clocks = {c.file: c for c in case.all(Clock)}
    curls = case.all(CurlAttempt)
    starts = {id(c): clocks[c.file].of(c.started) for c in curls if c.started is not None and c.file in clocks}
    all_tries = tries(curls, case.all(Collection), starts)
    found = [c for c in case.all(Conversation) if not c.continues]
    paired = pair(all_tries, found, lambda c: frame_ns(case, c, c.close_frame))
    made = [_of_try(case, one, paired.get(index)) for index, one in enumerate(all_tries)]
    taken = {(c.file, c.id) for c in paired.values()}
    tcp = [c for c in found if c.protocol == "tcp"]
    probes = {(c.file, c.id) for targets in scanned(tcp).values() for vain in targets.values() for c in vain}
    known = taken | probes
    left = [c for c in once_each(case, tcp) if (c.file, c.id) not in known and not is_hop_probe(case, c)]
    made += _of_conversations(case, left, _reached(tcp))
    kept = sorted(made, key=lambda a: (a.stopped_at in (None, "close") or a.superseded, a.client is None))[:MOST_ATTEMPTS]
    yield from sorted(kept, key=lambda a: (a.at_ns is None, a.at_ns or 0, a.id))


def _label(case: Case, end: Endpoint) -> tuple[Text, Endpoint | None]:
    family = "IPv6" if ":" in end.address else "IPv4"
    for forwarder in case.all(Forwarder):
        if forwarder.listen.port == end.port and forwarder.listen.address in ("*", end.address, "localhost"):
            return VIA(program=forwarder.program, end=str(end)), forwarder.listen
    return FAMILY(family=family, end=str(end)), None


def _of_try(case: Case, one: Try, conversation: Conversation | None) -> Attempt:
    curl, tried = one.curl, one.tried
    label, via = _label(case, tried.endpoint)
    said = curl_phases(curl, tried)
    phases = merged_phases(conversation_phases(case, conversation), said) if conversation else said
    collection = next((c for c in case.all(Collection) if c.file == curl.file), None)
    options = " ".join(m[1] for m in _OPTIONS.finditer(collection.command or "")) if collection else ""
    at = conversation.start_ns if conversation else one.start_ns
    outside = None if conversation else _outside(case, one)
    what: Text = plain(f"curl {options}".strip())
    if outside:
        what = OUTSIDE[outside](what=what)
    later = curl.tries[curl.tries.index(tried) + 1 :]
    return Attempt(
        file=curl.file,
        host=curl.host,
        id=attempt_id(curl, tried),
        label=label,
        note=AT(at=at, what=what) if at is not None else what,
        target=tried.endpoint,
        name=curl.host_name,
        client="curl",
        via=via,
        conversation=conversation.id if conversation else None,
        outside=outside,
        at_ns=at,
        at_stated=conversation is None and one.start_ns is not None,
        phases=phases,
        superseded=not tried.connected and any(t.connected for t in later),
        request_bytes=conversation.payload_bytes[0] if conversation else curl.request_bytes or 0,
        response_bytes=conversation.payload_bytes[1] if conversation else curl.received_bytes or 0,
        waited_ns=waiting_ns(case, conversation) if conversation and not conversation.payload_bytes[1] else None,
        initial_rtt_ns=conversation.initial_rtt_ns if conversation else None,
        options=options or None,
    )


def _outside(case: Case, one: Try) -> Outside | None:
    """Why no capture has this attempt, where that can be said."""
    captures = case.all(Capture)
    if not captures:
        return "no_capture"
    port = one.tried.endpoint.port
    of_port = {c.file for c in case.all(Conversation) if c.responder.port == port}
    told = {c.file: c for c in case.all(Collection)}
    mentioned = {f for f, c in told.items() if c.command and re.search(rf"\bport\s+{port}\b", c.command)}
    relevant = [c for c in captures if c.file in of_port | mentioned and not c.is_text and c.first_ns is not None]
    if not relevant:
        return "filter"
    if one.start_ns is None:
        return None
    ends = []
    for capture in relevant:
        collection = told.get(capture.file)
        first, last = capture.first_ns or 0, capture.last_ns or 0
        if collection and collection.start_ns and collection.end_ns:
            first, last = min(first, collection.start_ns), max(last, collection.end_ns)
        if one.start_ns - one.earlier_ns < last and one.start_ns + one.later_ns > first:
            return None
        ends.append((first, last))
    return "after" if one.start_ns >= max(last for _, last in ends) else "before"


Reached = dict[tuple[str, int | None, bool], list[int]]


def _of_conversations(case: Case, conversations: Sequence[Conversation], reached: Reached) -> list[Attempt]:
    groups: dict[tuple[str, Endpoint, str, bool, bool, bool], list[Conversation]] = {}
    for c in conversations:
        if c.completeness & 3 or sum(c.payload_bytes):
            stood_in = c.conn_state == "REJ" and _fell_back(c, reached)
            key = (c.file, c.responder, c.conn_state, bool(c.payload_bytes[0]), bool(c.payload_bytes[1]), stood_in)
            groups.setdefault(key, []).append(c)
    # what got an answer comes last: it is left out first where there are very many
    ordered = sorted(groups.items(), key=lambda group: (group[0][4], group[0][5]))
    return [_of_group(case, group, stood_in) for (*_, stood_in), group in ordered[:MOST_ATTEMPTS]]


def _of_group(case: Case, group: list[Conversation], stood_in: bool) -> Attempt:
    c = group[0]
    label, via = _label(case, c.responder)
    return Attempt(
        id=c.id,
        host=c.host,
        label=label if len(group) == 1 else MANY(label=label, n=len(group)),
        note=AT(at=c.start_ns, what=SEEN()),
        target=c.responder,
        via=via,
        conversation=c.id,
        at_ns=c.start_ns,
        phases=conversation_phases(case, c),
        superseded=stood_in,
        request_bytes=c.payload_bytes[0],
        response_bytes=c.payload_bytes[1],
        waited_ns=waiting_ns(case, c) if c.payload_bytes[0] and not c.payload_bytes[1] else None,
        initial_rtt_ns=c.initial_rtt_ns,
        count=len(group),
    )


def _reached(conversations: Sequence[Conversation]) -> Reached:
    """When a port was reached: start times in order, by capture, port and whether over IPv6."""
    reached: Reached = {}
    for c in conversations:
        if c.handshake_complete:
            reached.setdefault((c.file, c.responder.port, ":" in c.responder.address), []).append(c.start_ns)
    for starts in reached.values():
        starts.sort()
    return reached


def _fell_back(refused: Conversation, reached: Reached) -> bool:
    """Whether the same port answered over the other address family at once: what a client does that has two addresses."""
    end = refused.responder
    starts = reached.get((refused.file, end.port, ":" not in end.address), [])
    at = bisect_left(starts, refused.start_ns)
    return at < len(starts) and starts[at] - refused.start_ns <= FALLBACK_NS
