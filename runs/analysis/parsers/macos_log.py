"""macOS' unified log as `log show` prints it: `--style syslog`, `--style default` and `--style compact`.

    Timestamp                       (process)[PID]
    2026-03-01 08:15:02.114300+0900  studio proxyd[812]: (libnet.dylib) [com.example.proxy:ports] listener on 7443 ready
    2026-03-01 08:15:04.000211+0900  studio proxyd[812]: (libnet.dylib) [com.example.proxy:ports] <Error>: accept: too many open files
    2026-03-01 08:15:02.114300+0900 0x1f2e     Default     0x0                  812    0    proxyd: (libnet.dylib) ready
    2026-03-01 08:15:02.114 Df proxyd[812:1f2e] [com.example.proxy:ports] ready

Yields one Log and its `events`. The syslog style states no level unless it prints <Error> or <Fault>; words inside a message
('error=0', 'unsatisfied') make none. A line without time belongs to the record before it. Refuses other logs.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import CRITICAL, DEBUG, ERROR, INFO, UNKNOWN, label_level, worded_level
from runs.analysis.domain.log_events import Events
from runs.analysis.domain.times import clock_ns, day_ns, zone_text
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 2
TITLE = message("macos_log.title", en="macOS' unified log", ja="macOS 統合ログ")
NOT_A_RECORD = message("macos_log.not_a_record", en="this line stands before the first record", ja="最初のレコードより前の行")
NO_SUCH_TIME = message("macos_log.no_such_time", en="no calendar has this time: {text}", ja="存在しない時刻: {text}")
ZONES_DIFFER = message(
    "macos_log.zones_differ",
    en="the records state several zones; all are shown in the first, {zone}",
    ja="レコードの時差が混在。最初の {zone} に揃えて表示",
)
_TIME = r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,9})([+-]\d{4})?"
_SYSLOG = re.compile(_TIME + r"\s+(\S+) ([^\[\]]{1,255})\[(\d+)\](?:\s*<(\w+)>)?: (.*)")
_DEFAULT = re.compile(
    _TIME
    + r"\s+0x[0-9a-f]+\s+(Default|Info|Debug|Error|Fault|Activity|State\w*|\w+)\s+0x[0-9a-f]+\s+(\d+)\s+\d+\s+([^:]{1,255}): (.*)"
)
_COMPACT = re.compile(_TIME + r"\s+(Df|I|Db|E|F|A|S\w?)\s+([^\[\]]{1,255})\[(\d+):[0-9a-f]+\] (.*)")
_HEADER = re.compile(r"Timestamp\s+(?:\(process\)\[PID\]|Thread\s+Type|Ty\s+Process)")
_FILTER = re.compile(r"(?:Filtering the log data using|Skipping (?:info|debug) )")
_PREFIX = re.compile(r"(?:\([^()]{1,120}\) )?(?:\[[\w.-]+:[\w. -]*\] )?(?:<(\w+)>:? )?")
_LETTERS = {"Df": INFO, "I": INFO, "Db": DEBUG, "E": ERROR, "F": CRITICAL, "A": INFO}


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a record or the header."""
    lines = head.head_lines
    for form in (_SYSLOG, _DEFAULT, _COMPACT, _HEADER):
        found = matching(lines, form)
        if found:
            return because(TITLE, found[0], CERTAIN)
    return None


def parse(source: Source) -> Parsed:
    """One pass; a record's level is what it prints, or a plain phrase of failure at its start."""
    events = Events("macos_log")
    problems: list[Problem] = []
    programs: dict[str, None] = {}
    days: dict[str, int | None] = {}
    zone: str | None = None
    zone_shift: dict[str, int] = {}
    stated = False
    digits = 6
    for line in bounded_lines(source):
        text = line.text
        match = _SYSLOG.match(text) or _DEFAULT.match(text) or _COMPACT.match(text)
        if match is None:
            if len(events):
                if text.strip() and not _HEADER.match(text):
                    events.goes_on(line.number)
            elif text.strip() and not _HEADER.match(text) and not _FILTER.match(text) and len(problems) < 100:
                problems.append(Problem(NOT_A_RECORD(), line=line.number))
            continue
        date = text[:10]
        day = days.get(date)
        if day is None:
            day = day_ns(int(match[1]), int(match[2]), int(match[3]))
            if day is None:
                _no_such_time(problems, line)
                continue
            if len(days) < 10_000:
                days[date] = day
        clock = clock_ns(int(match[4]), int(match[5]), int(match[6]), match[7])
        if clock is None:
            _no_such_time(problems, line)
            continue
        digits = len(match[7])
        wall = day + clock
        if match[8]:
            if zone is None:
                zone = zone_text(match[8])
            shift = zone_shift.get(match[8])
            if shift is None:
                shift = zone_shift[match[8]] = _offset_ns(zone) - _offset_ns(zone_text(match[8])) if len(zone_shift) < 1000 else 0
                if shift:
                    problems.append(Problem(ZONES_DIFFER(zone=zone), line=line.number))
            wall += shift
        if match.re is _SYSLOG:
            program, label, words = match[10], match[12], match[13]
        elif match.re is _DEFAULT:
            label, program, words = match[9], match[11], match[12]
        else:
            label, program, words = match[9], match[10], match[12]
        prefix = _PREFIX.match(words)
        assert prefix is not None
        label = label or prefix[1]
        level = UNKNOWN
        if label:
            level = _LETTERS.get(label, UNKNOWN) if match.re is _COMPACT else label_level(label)
            stated = stated or level != UNKNOWN
        body = words[prefix.end() :]
        if level == UNKNOWN:
            level = worded_level(body)
        if len(programs) < 1000:
            programs.setdefault(program)
        events.add(line.number, line.offset, wall, level, body or words, program)
    program_name = next(iter(programs)) if len(programs) == 1 else None
    log, tables = events.finish(zone=zone, precision_ns=SECOND_NS // 10**digits, program=program_name, levels_stated=stated)
    facts = [log] if len(events) else []
    return Parsed(facts=facts, tables=tables if facts else {}, problems=problems, counts={"entries": len(events)})


def _no_such_time(problems: list[Problem], line: Line) -> None:
    if len(problems) < 100:
        problems.append(Problem(NO_SUCH_TIME(text=line.text[:31]), line=line.number, lost=True))


def _offset_ns(zone: str | None) -> int:
    """Seconds east of UTC of '+09:00', as ns."""
    if not zone or zone[0] not in "+-":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return (-minutes if zone[0] == "-" else minutes) * 60 * SECOND_NS
