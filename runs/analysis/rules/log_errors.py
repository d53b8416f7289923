"""Error-level lines of a daemon in the window of the failure, grouped by template with counts.

Claim: the daemon itself logged errors while the attempts failed. A level counts when the log states it; of a log without levels
only phrases that begin a message with an error word count, never words such as 'error=0' inside it. `pass`: the log covers the
window and holds none. A log that begins after the failure or ends before it proves nothing: not evaluable.

Window: from 60 s before the first failed attempt to 60 s after the last; without a failure, the captures' window.

Refuted by: the same lines, as often, while all is well.

Source: RFC 5424 §6.2.1 (severities).
"""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.joined import Collection
from runs.analysis.facts.log import ERROR_LEVEL, NO_TIME, Log, LogTemplate
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Window

MARGIN_NS = 60 * SECOND_NS
MOST_TEMPLATES = 10

TITLE = message(
    "log_errors", en="A daemon logs errors in the window of the failure", ja="障害の時間帯にデーモンがエラーを記録している"
)
ERRORS = message(
    "log_errors.title",
    en="{program} logs {n:count} error {n:plural:line|lines} in the window of the failure.",
    ja="障害の時間帯に {program} がエラーを {n:count} 行記録している。",
)
ERRORS_ALONE = message(
    "log_errors.title_alone",
    en="{program} logs {n:count} error {n:plural:line|lines}.",
    ja="{program} がエラーを {n:count} 行記録している。",
)
TEMPLATE = message("log_errors.template", en="{n:count} × {text}", ja="{n:count} 件：{text}")
NONE = message(
    "log_errors.none",
    en="{entries:count} entries from {start:time} to {end:time}, no error among them.",
    ja="{start:time}〜{end:time} の {entries:count} 件にエラーはない。",
)
NONE_INSIDE = message(
    "log_errors.none_inside",
    en="{entries:count} entries from {start:time} to {end:time}; {errors:count} {errors:plural:error|errors}, none near the failure.",
    ja="{start:time}〜{end:time} の {entries:count} 件のうちエラー {errors:count} 件、障害の時間帯にはない。",
)
BEGINS_LATE = message(
    "log_errors.begins_late",
    en="{file} begins at {start:time}, after the first failure at {failure:time} ({entries:count} entries, {errors:count} errors)",
    ja="{file} は {start:time} に始まり、最初の失敗 {failure:time} を含まない（{entries:count} 件、うちエラー {errors:count} 件）",
)
ENDS_EARLY = message(
    "log_errors.ends_early",
    en="{file} ends at {end:time}, before the failure at {failure:time} ({entries:count} entries, {errors:count} errors)",
    ja="{file} は {end:time} に終わり、失敗 {failure:time} を含まない（{entries:count} 件、うちエラー {errors:count} 件）",
)
NO_TIMES = message("log_errors.no_times", en="{file} has no times to compare", ja="{file} には比較できる時刻がない")
REFUTE = message(
    "log_errors.refute",
    en="The same lines, as often, in the log of a healthy run.",
    ja="正常時のログにも同じ行が同じ頻度で現れれば覆る。",
)
READ = message("log_errors.read", en="Read the log around the first of them.", ja="最初の行の前後を読む。")


@rule(
    title=TITLE,
    domain="application",
    topics=["logs"],
    needs=[Log],
    uses=[Attempt, Capture, Clock, Collection],
    collect="journalctl -o short-iso-precise --since '10 minutes ago' > daemon.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each log."""
    clocks = {c.file: c for c in case.all(Clock)}
    failure = failure_window(case)
    for log in case.all(Log):
        clock, wall = clocks.get(log.file), log.wall_window()
        undated = clock is None or wall is None or (not wall.has_date and not clock.day_known)
        if failure is None and wall is not None:  # nothing to compare with: the log stands for itself
            start, end = (clock.utc_ns(t, wall.has_date) if clock else t for t in (wall.first_ns, wall.last_ns))
            yield from _judge_log(case, log, clock, Window(start, end), None)
            continue
        if undated or clock is None or wall is None:
            yield NotEvaluable(missing=(NO_TIMES(file=log.file),), citations=(Citation(log.file),))
            continue
        covered = Window(clock.utc_ns(wall.first_ns, wall.has_date), clock.utc_ns(wall.last_ns, wall.has_date))
        yield from _judge_log(case, log, clock, covered, failure)


def failure_window(case: Case) -> Window | None:
    """From the first failed attempt's start to the last one's end; without a failure the captures' window."""
    times: list[int] = []
    for a in case.all(Attempt):
        if a.stopped_at and a.stopped_at != "close" and not a.superseded and a.at_ns is not None:
            times += [a.at_ns, a.at_ns + (a.waited_ns or 0)]
    if not times:
        captures = [c for c in case.all(Capture) if c.first_ns is not None and not c.is_text]
        times = [t for c in captures for t in (c.first_ns, c.last_ns) if t is not None]
    return Window(min(times), max(times)) if times else None


def _judge_log(case: Case, log: Log, clock: Clock | None, covered: Window, failure: Window | None) -> Iterator[Outcome]:
    errors = _errors(case, log, clock, failure)
    if errors:
        yield _found(log, errors, failure is None)
        return
    counted = sum(n for level, n in log.levels.items() if level in ("error", "critical"))
    if failure is not None and covered.start_ns > failure.start_ns:
        missing = BEGINS_LATE(file=log.file, start=covered.start_ns, failure=failure.start_ns, entries=log.entries, errors=counted)
        yield NotEvaluable(
            missing=(missing,), collect=_collect(case, log), citations=(Citation(log.file, lines=(log.first_line,)),)
        )
    elif failure is not None and covered.end_ns < failure.start_ns:
        missing = ENDS_EARLY(file=log.file, end=covered.end_ns, failure=failure.start_ns, entries=log.entries, errors=counted)
        yield NotEvaluable(missing=(missing,), collect=_collect(case, log), citations=(Citation(log.file, lines=(log.last_line,)),))
    else:
        span = {"entries": log.entries, "start": covered.start_ns, "end": covered.end_ns}
        told = statement(NONE_INSIDE(errors=counted, **span) if counted else NONE(**span), _span(log))
        yield Excluded(statements=(told,))


def _span(log: Log) -> Citation:
    return Citation(log.file, lines=(log.first_line, log.last_line))


def _errors(case: Case, log: Log, clock: Clock | None, failure: Window | None) -> list[tuple[LogTemplate, list[int]]]:
    """Templates of error lines in the window, with their lines, most frequent first."""
    events = case.table(log, "events")
    if events is None or not len(events):
        return []
    wall = events["wall_ns"]
    bad = events["level"] >= ERROR_LEVEL
    if failure is not None and clock is not None:
        has_date = bool(events.meta.get("has_date", True))
        timed = wall != NO_TIME
        shift = clock.utc_ns(int(wall[timed][0]), has_date) - int(wall[timed][0]) if timed.any() else 0
        utc = wall + shift
        bad = bad & timed & (utc >= failure.start_ns - MARGIN_NS) & (utc <= failure.end_ns + MARGIN_NS)
    groups: dict[int, list[int]] = {}
    for code, line in zip(events["template"][bad].tolist(), events["line"][bad].tolist(), strict=True):
        groups.setdefault(code, []).append(line)
    known = [(log.templates[code], lines) for code, lines in groups.items() if code < len(log.templates)]
    return sorted(known, key=lambda g: -len(g[1]))


def _found(log: Log, errors: Sequence[tuple[LogTemplate, list[int]]], is_alone: bool) -> Found:
    program = log.program or log.file
    critical = any(t.level == "critical" for t, _ in errors)
    return Found(
        outcome="fail",
        severity="high" if critical else "medium",
        confidence="firm" if log.levels_stated else "tentative",
        title=(ERRORS_ALONE if is_alone else ERRORS)(program=program, n=sum(len(lines) for _, lines in errors)),
        statements=tuple(
            statement(TEMPLATE(n=len(lines), text=t.text[:200]), Citation(log.file, lines=tuple(lines[:20])))
            for t, lines in errors[:MOST_TEMPLATES]
        ),
        subject={"program": program if log.program else "log", "template": errors[0][0].text[:200]},
        endpoints=(RoleEndpoint("host", Endpoint(log.host)),) if log.host else (),
        refuted_by=REFUTE(),
        next_actions=(Action(READ()),),
    )


def _collect(case: Case, log: Log) -> str | None:
    """The command that collected the log, for the whole window."""
    collection = next((c for c in case.all(Collection) if c.file == log.file), None)
    command = (collection.command or "") if collection else ""
    if command.startswith("log show"):
        return f"log show --style syslog --last 1h --predicate 'process == \"{log.program or 'PROCESS'}\"'"
    if "docker" in command and "logs" in command:
        return "docker logs --timestamps --since 1h CONTAINER"
    return "journalctl -o short-iso-precise --since '1 hour ago'"
