"""Which conversation of a capture is the one that a client's log speaks of.

Endpoints must agree. Then size of the request, duration (until the client leaves), time and outcome each speak for or against; a
contradiction in size or duration is never outvoted. Pairs are made best first, each conversation and each try once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import ConnectTry, CurlAttempt
from runs.analysis.facts.joined import Collection

CLOCK_GRAIN_NS = 3 * SECOND_NS // 2  # a table that writes seconds, and a person who rounds


ANY_TIME_NS = 86_400 * SECOND_NS


class Try(NamedTuple):
    """One address that one curl tried."""

    curl: CurlAttempt
    tried: ConnectTry
    start_ns: int | None  # UTC, as stated
    end_ns: int | None
    earlier_ns: int = 0  # by how much the true start may lie before the stated one
    later_ns: int = SECOND_NS  # … and behind it


def tries(curls: Sequence[CurlAttempt], collections: Sequence[Collection], starts: dict[int, int]) -> list[Try]:
    """All tries of all curls with the time the README's table gives; `starts`: UTC by id() of a curl that writes its own time."""
    told = {c.file: c for c in collections}
    transfers = Counter(curl.file for curl in curls)
    made = []
    for curl in curls:
        collection = told.get(curl.file, Collection())
        own = starts.get(id(curl))
        start, end = own or collection.start_ns, collection.end_ns
        earlier, later = (0, SECOND_NS) if own else (collection.earlier_ns, collection.later_ns)
        if not own and transfers[curl.file] > 1:  # the stated time is the log's: its transfers come one after the other
            later = max(later, end - start if start is not None and end is not None else ANY_TIME_NS)
        made += [Try(curl, tried, start, end, earlier, later) for tried in curl.tries]
    return made


def attempt_id(curl: CurlAttempt, tried: ConnectTry) -> str:
    """The id of the attempt that is made of a try: its log, and the line."""
    return f"{curl.file}:{tried.line}"


def curls_by_attempt(curls: Iterable[CurlAttempt]) -> dict[str, CurlAttempt]:
    """{id of an attempt: the transfer it belongs to}; a log may hold several transfers."""
    return {attempt_id(curl, tried): curl for curl in curls for tried in curl.tries}


def pair(
    all_tries: Sequence[Try], conversations: Sequence[Conversation], closed_ns: Callable[[Conversation], int | None]
) -> dict[int, Conversation]:
    """{index of a try: its conversation}; `closed_ns`: when a conversation was closed first, None where it was not."""
    by_end: dict[tuple[str, int | None], list[Conversation]] = {}
    for c in conversations:
        if c.protocol == "tcp":
            by_end.setdefault((c.responder.address, c.responder.port), []).append(c)
    scored = []
    for index, one in enumerate(all_tries):
        end = one.tried.endpoint
        for c in by_end.get((end.address, end.port), ()):
            lasted = _lasted(c, closed_ns)
            points = agreement(one, c, lasted)
            if points is not None:
                off = abs(lasted - one.curl.timeout_ms * 1_000_000) if one.curl.timeout_ms else 0
                scored.append((-points, off, c.start_ns, index, c.file, c))
    scored.sort(key=lambda s: s[:5])
    paired: dict[int, Conversation] = {}
    taken: set[tuple[str, str]] = set()
    for *_, index, _, c in scored:
        if index not in paired and (c.file, c.id) not in taken:
            paired[index] = c
            taken.add((c.file, c.id))
    return paired


def _lasted(c: Conversation, closed_ns: Callable[[Conversation], int | None]) -> int:
    """How long the client stayed: a server may linger long after."""
    until = closed_ns(c) if c.closed_by == "originator" else None
    return c.duration_ns if until is None else until - c.start_ns


def agreement(one: Try, c: Conversation, lasted: int) -> int | None:
    """How well a try and a conversation agree, in points; None where they cannot be the same."""
    curl, tried = one.curl, one.tried
    points = 0
    time = _time_agreement(one, c)
    if time is not None and time < 0:
        return None
    points += 2 * (time or 0)
    if not tried.connected:
        if c.handshake_complete or (tried.error and "refused" in tried.error.lower() and c.conn_state != "REJ"):
            return None
        return points + 1
    if not c.handshake_complete and c.completeness & 1:
        return None
    has_body = (curl.method or "GET") not in ("GET", "HEAD", "OPTIONS", "DELETE", "TRACE")
    unseen = c.tcp.ack_lost_segment and not c.payload_bytes[0]  # the capture lost the request
    if curl.request_bytes and curl.scheme != "https" and not has_body and not unseen:
        if curl.request_bytes != c.payload_bytes[0]:
            return None
        points += 2
    cut = c.close is None and not c.payload_bytes[1]  # the capture ends before the answer could come
    in_time = bool(c.payload_bytes[1]) and not _came_after_the_close(c)
    if bool(curl.status) != in_time and curl.scheme != "https" and not cut:
        return None
    duration = _duration_agreement(curl, c, lasted)
    if duration is not None and duration < 0:
        return None
    return points + 2 * (duration or 0)


def _came_after_the_close(c: Conversation) -> bool:
    """Whether the first byte of the answer came when the originator had closed already."""
    return c.closed_by == "originator" and 0 < c.close_frame < c.first_data_frames[1]


def _time_agreement(one: Try, c: Conversation) -> int | None:
    if one.start_ns is None:
        return None
    end = max(one.end_ns if one.end_ns is not None else one.start_ns + 60 * SECOND_NS, one.start_ns + one.later_ns)
    inside = one.start_ns - one.earlier_ns - CLOCK_GRAIN_NS <= c.start_ns <= end + CLOCK_GRAIN_NS
    return 1 if inside else -1


def _duration_agreement(curl: CurlAttempt, c: Conversation, lasted: int) -> int | None:
    """Only a time-out says how long curl waited: then the conversation lasts as long, unless the capture ended before."""
    if not curl.timeout_ms or curl.status:
        return None
    waited = curl.timeout_ms * 1_000_000
    near = max(SECOND_NS // 2, waited // 50)
    if abs(lasted - waited) <= near:
        return 1
    return None if c.close is None and c.duration_ns < waited else -1
