"""The clocks of the run's files do not agree, or what they are is assumed.

Claim: an event that two sources saw exactly once (packets in two captures, a text and its capture, curl's 'Trying' and its SYN) has times
that differ by more than the measurement's error: the offset is told with its error and was applied to the timeline (`low`, from one
second on `medium`: conclusions from the order of lines of different files change). A difference of whole quarter hours in a file
that writes no zone is `info`: it has another zone than was assumed. So is a zone or a date that nothing states, and logs that state
different zones: they look hours apart and are not.

Threshold: the error itself. Between two captures it is half the round trip between the two points; for curl its printed digits and 20 ms.

Not said: an offset from a single one-way packet, or from an endpoint that was tried more than once. A clock that is measured and agrees
excludes it for that file.

Refuted by: chronyc or timedatectl of both hosts at that time.

Source: RFC 5905 section 8 (offset and its bounds from two directions).
"""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock, ClockOffset
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.facts.log import Log
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, Statement

QUARTER_NS = 900 * SECOND_NS
MOST_FILES = 12

TITLE = message("clock_unaligned", en="Clocks that do not agree", ja="時計の不一致")
OFF = message(
    "clock_unaligned.title",
    en="The clock of {file} is {by:duration} {way} that of {reference} (error {error:duration}); the timeline has it corrected.",
    ja="{file} の時計は {reference} より {by:duration} {way}（誤差 {error:duration}）。時系列では補正済み。",
)
AHEAD = message("clock_unaligned.ahead", en="ahead of", ja="進んでいる")
BEHIND = message("clock_unaligned.behind", en="behind", ja="遅れている")
OTHER_ZONE = message(
    "clock_unaligned.other_zone",
    en="{file} writes no zone and is not in the assumed {zone}: its packets show a difference of {by:duration}; the timeline has it corrected.",
    ja="{file} は時間帯を書いておらず、仮定した {zone} ではない。パケットとの差は {by:duration}。時系列では補正済み。",
)
SHARED = {
    "packets": message(
        "clock_unaligned.packets",
        en="{n:count} {n:plural:packet stands|packets stand} once in both captures, in both directions.",
        ja="両方のキャプチャに 1 回ずつ現れるパケットが、両方向合わせて {n:count} 個ある。",
    ),
    "connect": message(
        "clock_unaligned.connect",
        en="curl's connection attempt and its SYN: {n:count} {n:plural:event|events} that both saw.",
        ja="curl の接続試行とその SYN（共通の事象 {n:count} 件）。",
    ),
    "text": message(
        "clock_unaligned.text",
        en="{n:count} {n:plural:record of the text is a frame|records of the text are frames} of the capture.",
        ja="表示の {n:count} 件がキャプチャのフレームと一致する。",
    ),
}
ZONE_ASSUMED = message(
    "clock_unaligned.zone_assumed",
    en="No file states the zone of its times ({files:list}): {zone} is assumed.",
    ja="時刻の時間帯を示すファイルがない（{files:list}）。{zone} と仮定した。",
)
DATE_ASSUMED = message(
    "clock_unaligned.date_assumed",
    en="{files:list} write times without a date, and nothing in the bundle gives it: they stand on no timeline.",
    ja="{files:list} の時刻には日付がなく、他からも分からないため、時系列に置けない。",
)
ZONES = message(
    "clock_unaligned.zones",
    en="Logs state different zones ({zones:list}): their times look hours apart and are brought to one zone.",
    ja="ログの時間帯が異なる（{zones:list}）。見かけは数時間ずれるが、同じ時間帯に揃えて扱う。",
)
ZONE_OF = message("clock_unaligned.zone_of", en="{file}: {zone}", ja="{file}：{zone}")
AGREES = message(
    "clock_unaligned.agrees",
    en="{file} and {reference} agree within {error:duration}.",
    ja="{file} と {reference} の時計は {error:duration} の範囲で一致する。",
)
REFUTE = message(
    "clock_unaligned.refute",
    en="chronyc or timedatectl of both hosts at that time.",
    ja="当時の両ホストの chronyc や timedatectl の値で覆る。",
)
ASK = message("clock_unaligned.ask", en="Ask both hosts for their clocks.", ja="両ホストの時計を確認する。")
NO_EVENT = message("clock_unaligned.no_event", en="an event that two of the sources saw", ja="2 つの記録に共通する事象")
COLLECT = "date -Ins; chronyc tracking; curl -v --trace-time http://HOST:PORT/"


@rule(
    title=TITLE,
    domain="evidence",
    topics=["clocks"],
    needs=[Clock],
    uses=[ClockOffset, SameTraffic, Log, Capture],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each file whose clock was measured, and one for each thing that is assumed."""
    clocks = {c.file: c for c in case.all(Clock)}
    agreeing: list[Statement] = []
    for offset in case.all(ClockOffset):
        clock = clocks.get(offset.file)
        if clock is None:
            continue
        said = statement(SHARED[offset.event](n=offset.count), offset.reference_place, offset.place)
        if clock.deviation_ns:
            yield _off(clock, offset.reference, offset.error_ns, said)
        else:
            agrees = AGREES(file=offset.file, reference=offset.reference, error=offset.error_ns)
            agreeing.append(statement(agrees, offset.reference_place, offset.place))
    yield from _texts(case, clocks, agreeing)
    yield from _assumed(case, clocks)
    yield from _zones(case)
    if agreeing:
        yield Excluded(statements=once(agreeing))
    elif len(clocks) > 1 and not any(c.deviation_ns for c in clocks.values()):
        yield NotEvaluable(missing=(NO_EVENT(),), collect=COLLECT)


def _off(clock: Clock, reference: str, error_ns: int, said: Statement) -> Found:
    behind = clock.deviation_ns > 0
    by = abs(clock.deviation_ns)
    whole = by >= QUARTER_NS - error_ns and min(by % QUARTER_NS, -by % QUARTER_NS) <= max(error_ns, SECOND_NS)
    if whole and not clock.zone_written:
        title: Text = OTHER_ZONE(file=clock.file, zone=clock.zone, by=by)
        subject = {"what": "zone", "apart": str(round(clock.deviation_ns / QUARTER_NS))}
    else:
        title = OFF(file=clock.file, by=by, way=(BEHIND if behind else AHEAD)(), reference=reference, error=error_ns)
        subject = {"what": "offset", "host": clock.host or "", "way": "behind" if behind else "ahead"}
    zone = subject["what"] == "zone"
    return Found(
        outcome="info" if zone else "fail",
        severity="info" if zone else "medium" if by >= SECOND_NS else "low",
        confidence="firm",
        title=title,
        statements=(said,),
        subject=subject,
        refuted_by=REFUTE(),
        next_actions=(Action(ASK(), "date -Ins; chronyc tracking; timedatectl"),),
    )


def _texts(case: Case, clocks: dict[str, Clock], agreeing: list[Statement]) -> Iterator[Outcome]:
    """Texts whose packets are a capture's; one that counts from its first packet, or writes no date, is on no clock of its own."""
    captures = {(c.file, c.segment): c for c in case.all(Capture)}
    for same in case.all(SameTraffic):
        clock, text = clocks.get(same.file), captures.get((same.file, same.segment))
        if clock is None or text is None or same.segment or text.relative:
            continue
        place = Citation(same.capture, frames=(same.first_frame,))
        lines = case.table(text, "packets")
        own = Citation(same.file, lines=(int(lines["line"][0]),)) if lines is not None and "line" in lines else None
        if not clock.deviation_ns:
            grain = max(text.resolution_ns, SECOND_NS if clock.offset_ns else 0)
            agreeing.append(statement(AGREES(file=same.file, reference=same.capture, error=grain), place, own))
        elif text.has_date or min(clock.deviation_ns % QUARTER_NS, -clock.deviation_ns % QUARTER_NS) <= SECOND_NS:
            undated = not text.has_date and abs(clock.deviation_ns) % (96 * QUARTER_NS) <= SECOND_NS
            if not undated:  # whole days are the date that it does not write
                yield _off(clock, same.capture, text.resolution_ns, statement(SHARED["text"](n=same.matched), place, own))


def _assumed(case: Case, clocks: dict[str, Clock]) -> Iterator[Outcome]:
    assumed = [c for c in clocks.values() if c.source == "assumed" and not c.zone_written]
    undated = [c for c in clocks.values() if not c.day_known]
    if assumed and len(clocks) > 1:
        said = ZONE_ASSUMED(files=_named(assumed), zone=assumed[0].zone)
        yield _remark(said, {"what": "zone assumed", "zone": assumed[0].zone}, assumed)
    if undated and len(clocks) > 1:
        yield _remark(DATE_ASSUMED(files=_named(undated)), {"what": "date unknown"}, undated)


def _named(clocks: Sequence[Clock]) -> list[str]:
    return [c.file for c in clocks[:MOST_FILES]]


def _remark(said: Text, subject: dict[str, str], clocks: Sequence[Clock]) -> Found:
    places = tuple(Citation(c.file, lines=(1,)) for c in clocks[:MOST_FILES])
    return _info(said, subject, (Statement(said, places),))


def _zones(case: Case) -> Iterator[Outcome]:
    """Logs that state zones of their own, and not one."""
    stated = [log for log in case.all(Log) if log.zone and log.first_wall_ns is not None]
    zones = sorted({_shown(log.zone) for log in stated})
    if len(zones) > 1:
        told = [
            statement(ZONE_OF(file=log.file, zone=_shown(log.zone)), Citation(log.file, lines=(log.first_line,))) for log in stated
        ]
        yield _info(ZONES(zones=zones), {"what": "zones", "zones": " ".join(zones)}, once(told))


def _shown(zone: str | None) -> str:
    return "UTC" if zone in ("Z", "+00:00", "UTC") else zone or ""


def _info(title: Text, subject: dict[str, str], told: tuple[Statement, ...]) -> Found:
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=title,
        statements=told,
        subject=subject,
        refuted_by=REFUTE(),
        next_actions=(Action(ASK(), "date -Ins; timedatectl"),),
    )
