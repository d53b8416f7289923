"""What the evidence of one file says of a statement: supported, contradicted, or nothing that would decide it."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from runs.analysis.domain.claim_subject import Subject
from runs.analysis.domain.frames import cite, cite_many, error_places, rows_of
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.facts.claims import ClaimVerdict
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import PfRuleset
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.log import ERROR_LEVEL, LEVELS, Log
from runs.analysis.facts.process import ProcessIds
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import Text, message, plain
from runs.analysis.packets.schema import KEEP_ALIVE

MOST_PLACES = 12
NEAR_SHARE, NEAR_NS = 0.02, SECOND_NS  # durations are told rounded
NEAR_INTERVAL = 0.1

COUNT = message("claims.count", en="{n:count}", ja="{n:count}")
WAITED = message("claims.waited", en="{waited:duration}", ja="{waited:duration}")
BYTES = message("claims.bytes", en="{sizes:list} bytes", ja="{sizes:list} byte")
ANSWERED = message("claims.answered", en="an answer came", ja="応答がある")
NOT_REFUSED = message("claims.not_refused", en="nothing was refused", ja="拒否は記録されていない")
NO_HANDSHAKE = message("claims.no_handshake", en="no handshake was completed", ja="握手は成立していない")
ERRORS = message("claims.errors", en="{n:count} error {n:plural:line|lines}", ja="エラー {n:count} 行")
RULES = message("claims.rules", en="{n:count} {n:plural:rule|rules}", ja="規則 {n:count} 件")
RESENT = message("claims.resent", en="{n:count} {n:plural:retransmission|retransmissions}", ja="再送 {n:count} 件")
ICMP_IS = message("claims.icmp_is", en="type {kind} code {code}", ja="タイプ {kind}、コード {code}")


class Answer(NamedTuple):
    """What the evidence says."""

    verdict: ClaimVerdict
    citations: tuple[Citation, ...] = ()
    found: Text | None = None


UNKNOWN = Answer("cannot_be_checked")


def check(kind: str, numbers: Sequence[float], subject: Subject) -> Answer | None:
    """The answer; None where the statement, of this subject, is none that can be held against anything."""
    return CHECKS[kind](numbers, subject)


def _judged(is_so: bool, places: Sequence[Citation], found: Text | None = None) -> Answer:
    kept = tuple(p for p in places if p.frames or p.lines or p.file)
    return Answer("supported" if is_so else "contradicted", kept, None if is_so else found)


def _statistics(name: str, line: str) -> Callable[[Sequence[float], Subject], Answer | None]:
    def checked(numbers: Sequence[float], subject: Subject) -> Answer | None:
        for fact in subject.all(CaptureStatistics):
            value = getattr(fact, name)
            if value is not None:
                return _judged(value == numbers[0], [Citation(fact.file, lines=(getattr(fact, line),))], COUNT(n=value))
        captures = [c for c in subject.all(Capture) if not c.is_text] if name == "captured" and subject.path else []
        if captures:
            return _judged(captures[0].frame_count == numbers[0], [Citation(subject.path)], COUNT(n=captures[0].frame_count))
        return UNKNOWN if subject.path else None

    return checked


def _asked(subject: Subject) -> list[Conversation]:
    return [c for c in subject.all(Conversation) if c.protocol == "tcp" and c.payload_bytes[0] and c.completeness & 7 == 7]


def _silent(_: Sequence[float], subject: Subject) -> Answer | None:
    curls = [c for c in subject.all(CurlAttempt) if c.request_line]
    if curls and subject.path:
        heard = [c for c in curls if c.status is not None]
        if heard and len(heard) < len(curls):
            return None
        lines = tuple(c.status_line if c.status is not None else c.error_line or c.last_line for c in curls)
        return _judged(not heard, [Citation(subject.path, lines=lines[:MOST_PLACES])], ANSWERED())
    asked = _asked(subject) if subject.path else []
    answered = [c for c in asked if c.payload_bytes[1]]
    if not asked or (answered and len(answered) < len(asked)):
        return None
    places = [cite(subject.case, c, c.first_data_frames[0], c.first_data_frames[1] or c.close_frame or c.last_frame) for c in asked]
    return _judged(not answered, places[:MOST_PLACES], ANSWERED())


def _waited(numbers: Sequence[float], subject: Subject) -> Answer | None:
    """Supported by any transfer that waited so long; contradicted where the file's transfers all waited another time."""
    stated = int(numbers[0] * SECOND_NS)
    waits: list[tuple[int, Citation]] = []
    for curl in subject.all(CurlAttempt):
        real = curl.timeout_ms * 1_000_000 if curl.timeout_ms else curl.elapsed_ns if curl.exit_code == 28 else None
        if real:
            waits.append((real, Citation(curl.file, lines=(curl.error_line or curl.last_line,))))
    near = [place for real, place in waits if abs(real - stated) <= max(NEAR_NS, int(real * NEAR_SHARE))]
    if near:
        return _judged(True, near[:MOST_PLACES])
    if not waits or not subject.path:
        return None
    real, place = min(waits, key=lambda wait: abs(wait[0] - stated))
    return _judged(False, [place], WAITED(waited=real))


def _timed_out(_: Sequence[float], subject: Subject) -> Answer | None:
    curls = subject.all(CurlAttempt)
    late = [c for c in curls if c.exit_code == 28 or c.timeout_ms]
    if late:
        return _judged(True, [Citation(c.file, lines=(c.error_line or c.last_line,)) for c in late[:MOST_PLACES]])
    if not subject.path or not curls or any(c.status is None for c in curls):
        return None
    return _judged(False, [Citation(c.file, lines=(c.status_line,)) for c in curls[:MOST_PLACES]], ANSWERED())


def _interval(numbers: Sequence[float], subject: Subject) -> Answer | None:
    gaps: list[int] = []
    places: list[Citation] = []
    for c in subject.all(Conversation) if subject.path else ():
        packets = subject.case.table(c, "packets")
        if packets is None or not c.tcp.keep_alive:
            continue
        rows = rows_of(subject.case, c)
        for side in (0, 1):
            alive = rows[(packets["direction"][rows] == side) & ((packets["remarks"][rows] & KEEP_ALIVE) != 0)]
            if len(alive) > 2:
                gaps += [int(b) - int(a) for a, b in zip(packets["ts_ns"][alive], packets["ts_ns"][alive[1:]], strict=False)]
                places.append(cite_many(subject.case, c, (int(r) + 1 for r in alive[:MOST_PLACES])))
    if not gaps:
        return None
    real = int(median(gaps))
    return _judged(abs(real - numbers[0] * SECOND_NS) <= NEAR_INTERVAL * real, places, WAITED(waited=real))


def _request_bytes(numbers: Sequence[float], subject: Subject) -> Answer | None:
    asked = _asked(subject)
    same = [c for c in asked if c.payload_bytes[0] == numbers[0]]
    if same:
        return _judged(True, [cite(subject.case, c, c.first_data_frames[0]) for c in same[:MOST_PLACES]])
    if not asked or not subject.path:
        return None
    sizes = sorted({c.payload_bytes[0] for c in asked})
    return _judged(
        False,
        [cite(subject.case, c, c.first_data_frames[0]) for c in asked[:MOST_PLACES]],
        BYTES(sizes=[str(n) for n in sizes[:5]]),
    )


def _handshake(_: Sequence[float], subject: Subject) -> Answer | None:
    opened = [c for c in subject.all(Conversation) if c.protocol == "tcp" and c.completeness & 1] if subject.path else []
    done = [c for c in opened if c.handshake_complete]
    if done:
        return _judged(
            True, [cite(subject.case, c, c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame) for c in done[:MOST_PLACES]]
        )
    return _judged(False, [cite(subject.case, c, c.syn_frame) for c in opened[:MOST_PLACES]], NO_HANDSHAKE()) if opened else None


def _refused(_: Sequence[float], subject: Subject) -> Answer | None:
    if not subject.path:
        return None
    tries = subject.tries()
    found = subject.all(Conversation)
    lines = tuple(t.result_line for t in tries if t.error and "refused" in t.error.lower())
    if lines:
        return _judged(True, [Citation(subject.path, lines=lines[:MOST_PLACES])])
    rejected = [one for one in found if one.conn_state == "REJ"]
    if rejected:
        return _judged(True, [cite(subject.case, one, one.syn_frame, one.rst_frame) for one in rejected[:MOST_PLACES]])
    return _judged(False, [Citation(subject.path)], NOT_REFUSED()) if tries or any(one.protocol == "tcp" for one in found) else None


def _status(numbers: Sequence[float], subject: Subject) -> Answer | None:
    """Supported by any transfer with this status; contradicted where the file's transfers all have another."""
    heard = [c for c in subject.all(CurlAttempt) if c.status is not None]
    same = [c for c in heard if c.status == numbers[0]]
    if same:
        return _judged(True, [Citation(c.file, lines=(c.status_line,)) for c in same[:MOST_PLACES]])
    if not heard or not subject.path:
        return None
    place = Citation(heard[0].file, lines=tuple(c.status_line for c in heard[:MOST_PLACES]))
    return _judged(False, [place], plain(", ".join(dict.fromkeys(str(c.status) for c in heard[:5]))))


def _pid(numbers: Sequence[float], subject: Subject) -> Answer | None:
    for fact in subject.all(ProcessIds) if subject.path else ():
        return _judged(
            int(numbers[0]) in fact.pids, [Citation(fact.file, lines=fact.lines[:1])], plain(", ".join(map(str, fact.pids[:5])))
        )
    return None


def _no_errors(_: Sequence[float], subject: Subject) -> Answer | None:
    for log in subject.all(Log) if subject.path else ():
        if not log.levels_stated:
            return UNKNOWN
        count = sum(n for level, n in log.levels.items() if LEVELS.index(level) >= ERROR_LEVEL)
        lines = tuple(line for t in log.templates if LEVELS.index(t.level) >= ERROR_LEVEL for line in t.lines)
        return _judged(
            not count, [Citation(log.file, lines=lines[:MOST_PLACES] or (log.first_line, log.last_line))], ERRORS(n=count)
        )
    return None


def _no_match(_: Sequence[float], subject: Subject) -> Answer | None:
    for rules in subject.all(PfRuleset) if subject.path else ():
        place = Citation(rules.file, lines=(rules.no_match_line or rules.command_line or 1,))
        if rules.grep_flawed:
            return Answer("cannot_be_checked", (place,))
        matching = [r for r in rules.rules if r.action in ("pass", "block", "rdr", "nat")]
        return _judged(not matching, [place], RULES(n=len(matching))) if rules.grepped else None
    return None


def _loss(numbers: Sequence[float], subject: Subject) -> Answer | None:
    for ping in subject.all(Ping) if subject.path else ():
        if ping.transmitted and ping.received is not None:
            real = 100 * (ping.transmitted - ping.received) / ping.transmitted
            return _judged(abs(real - numbers[0]) < 1, [Citation(ping.file, lines=(ping.statistics_line,))], plain(f"{real:.3g} %"))
    return None


def _icmp(numbers: Sequence[float], subject: Subject) -> Answer | None:
    return _icmp_named(int(numbers[0]), int(numbers[1]), subject)


def _icmp_turned(numbers: Sequence[float], subject: Subject) -> Answer | None:
    return _icmp_named(int(numbers[1]), int(numbers[0]), subject)


def _icmp_named(kind: int, code: int, subject: Subject) -> Answer | None:
    """Contradicted only by errors whose type and code are the stated ones turned round: other errors may be beside the point."""
    errors = subject.all(IcmpError)
    same = [e for e in errors if (e.icmp_type, e.icmp_code) == (kind, code)]
    turned = [e for e in errors if (e.icmp_type, e.icmp_code) == (code, kind)]
    for found, is_so in ((same, True), (turned, False)):
        if found:
            places = list(error_places(found, MOST_PLACES))
            return _judged(is_so, places, ICMP_IS(kind=code, code=kind))
    return UNKNOWN if not errors else None


def _no_retransmission(_: Sequence[float], subject: Subject) -> Answer | None:
    found = [c for c in subject.all(Conversation) if c.protocol == "tcp"]
    count = sum(c.tcp.retransmission + c.tcp.fast_retransmission + c.tcp.spurious_retransmission for c in found)
    if not found:
        return None
    files = list(dict.fromkeys(c.file for c in found))
    return _judged(not count, [Citation(file) for file in files[:MOST_PLACES]], RESENT(n=count))


CHECKS: dict[str, Callable[[Sequence[float], Subject], Answer | None]] = {
    "captured": _statistics("captured", "captured_line"),
    "received": _statistics("received_by_filter", "received_line"),
    "dropped": _statistics("dropped_by_kernel", "dropped_line"),
    "silent": _silent,
    "waited": _waited,
    "timed_out": _timed_out,
    "interval": _interval,
    "request_bytes": _request_bytes,
    "handshake": _handshake,
    "refused": _refused,
    "status": _status,
    "pid": _pid,
    "no_errors": _no_errors,
    "no_match": _no_match,
    "loss": _loss,
    "icmp": _icmp,
    "icmp_turned": _icmp_turned,
    "no_retransmission": _no_retransmission,
}
