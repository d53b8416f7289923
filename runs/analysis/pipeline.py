"""The way of the evidence: parse each file by itself, then join the facts of all files, then judge.

`parse` and `conclude` are all that the service and the command line call. Neither raises for what the evidence holds.
"""

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from runs.analysis import registry
from runs.analysis.case import Case, CaseFile, MemoryTables, Overrides, Tables, table_name
from runs.analysis.columns import Table
from runs.analysis.domain.secret_lines import exposed_secrets
from runs.analysis.facts import Fact, decode_facts, encode_facts
from runs.analysis.facts.base import as_prescribed
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.judge import build_report
from runs.analysis.messages import Text, message
from runs.analysis.registry import Parsed, Problem, Reason, SegmentInfo
from runs.analysis.report import FileState, Report
from runs.analysis.source import Source, count_lines
from runs.analysis.text import public_name

__all__ = ["BundleFile", "FileResult", "MemoryTables", "Overrides", "conclude", "concluded", "parse", "version_key"]

UNRECOGNISED = "unrecognised"
TOLD_BY_MAGIC = ("capture",)
"""Kinds that are asked first: their first bytes are those of no text."""
MAX_SEGMENT_DEPTH = 3
MAX_PROBLEMS = 200
MAX_SEGMENTS = 2_000

CRASHED = message(
    "parse.crashed",
    en="the {kind} parser failed here: {error}",
    ja="{kind} の解析処理が異常終了した: {error}",
)
BINARY = message(
    "parse.binary", en="no text, and no binary format that is known", ja="テキストではなく、既知のバイナリ形式でもない"
)
UNKNOWN = message("parse.unknown", en="a text of no known kind", ja="種別の分からないテキスト")
EMPTY = message("parse.empty", en="0 bytes", ja="0 byte")
TOO_MANY = message("parse.too_many_problems", en="{n:count} more problems are not listed", ja="ほか {n:count} 件の問題は省略")
TIE = message("parse.tie", en="{because}; {other} claims it as strongly", ja="{because}。{other} も同じ強さで該当する")
CHOSEN = message("parse.chosen", en="set by a person", ja="人が指定した")


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """What parsing one file gave. Kept by content: nothing of a run is in it, so facts name no file yet."""

    kind: str
    state: FileState
    encoding: str | None
    reason: Reason | None
    facts: tuple[msgspec.Raw, ...] = ()
    segments: tuple[SegmentInfo, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = {}
    versions: dict[str, int] = {}  # of every parser that had a part in it

    def encode(self) -> bytes:
        """As JSON, for the artefact store."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "FileResult":
        """The result of `encode`; raises msgspec.ValidationError for anything else."""
        return msgspec.json.decode(data, type=cls)

    @property
    def is_current(self) -> bool:
        """Whether every parser that had a part in it still has the version it had."""
        known = registry.parsers()
        return all(kind in known and version == known[kind].VERSION for kind, version in self.versions.items())

    def located(self, path: str) -> list[Fact]:
        """The facts, with the file they are in."""
        facts = decode_facts(b"[" + b",".join(bytes(raw) for raw in self.facts) + b"]")
        return [msgspec.structs.replace(fact, file=path) for fact in facts]


class BundleFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a run, on its way into the judgement: parsed, or refused with the reason."""

    path: str
    size_bytes: int
    sha256: str
    result: FileResult | None = None
    refused: Text | None = None


def version_key(kind: str) -> str:
    """Under which name results of this kind are kept: changes with the parser's version."""
    parser = registry.parsers().get(kind)
    return f"{kind}-v{parser.VERSION}" if parser else f"{kind}-v1"


def detect(source: Source) -> tuple[tuple[str, Reason] | None, list[Problem]]:
    """The kind of a file and why: the parser with the strongest reason; of equals the first by name, and the tie is told.

    A parser whose detection crashes does not take the file from the others; it is told as a problem.
    """
    claims: list[tuple[int, str, Reason]] = []
    crashes: list[Problem] = []
    for kind in sorted(registry.parsers(), key=lambda kind: (kind not in TOLD_BY_MAGIC, kind)):
        try:
            reason = registry.parsers()[kind].detect(source, source.name)
        except Exception as error:  # noqa: BLE001  # whatever one parser's bug raises, the others are still asked
            crashes.append(Problem(CRASHED(kind=kind, error=_where(error))))
            continue
        if reason is not None:
            claims.append((-reason.strength, kind, reason))
            if kind in TOLD_BY_MAGIC and reason.strength == registry.CERTAIN:
                break  # nobody can claim it as strongly, and the others need not even be imported
    if not claims:
        return None, crashes
    claims.sort(key=lambda claim: claim[:2])
    (strength, kind, reason), rest = claims[0], claims[1:]
    if rest and rest[0][0] == strength:
        reason = msgspec.structs.replace(reason, because=TIE(because=reason.because, other=rest[0][1]))
    return (kind, reason), crashes


def parse(source: Source, kind: str | None = None, depth: int = 0) -> tuple[FileResult, dict[str, Table]]:
    """Parse a file, as the given kind or as the one it is recognised as. Never raises: a crash is a result of state 'failed'.

    `depth`: how many segments it lies within; a file lies in none.
    """
    encoding = None if source.is_binary else public_name(source.codec)
    if source.size == 0 and kind is None:
        return _nothing(EMPTY(), encoding, {"lines": 0}), {}
    crashes: list[Problem] = []
    if kind is not None and kind in registry.parsers():
        reason = Reason(registry.CERTAIN, CHOSEN())
    else:
        found, crashes = detect(source)
        if found is None:
            counts = {} if source.is_binary else {"lines": count_lines(source)}
            nothing = _nothing(BINARY() if source.is_binary else UNKNOWN(), encoding, counts)
            return msgspec.structs.replace(nothing, problems=tuple(crashes)), {}
        kind, reason = found
    parser = registry.parsers()[kind]
    try:
        parsed: Parsed = parser.parse(source)
        return _finish(source, kind, reason, encoding, replace(parsed, problems=[*crashes, *parsed.problems]), depth)
    except Exception as error:  # noqa: BLE001  # whatever a parser's bug raises, the other files go on
        problem = Problem(CRASHED(kind=kind, error=_where(error)), lost=True)
        failed = FileResult(
            kind=kind, state="failed", encoding=encoding, reason=reason, problems=(problem,), versions={kind: parser.VERSION}
        )
        return failed, {}


def _nothing(because: Text, encoding: str | None, counts: dict[str, int], state: FileState = "unrecognised") -> FileResult:
    return FileResult(
        kind=UNRECOGNISED, state=state, encoding=encoding, reason=Reason(registry.LAST_RESORT, because), counts=counts
    )


def _where(error: Exception) -> str:
    """An exception in a line, with the place in our code and without a path of the machine."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}"[:300] + place


def _finish(
    source: Source, kind: str, reason: Reason, encoding: str | None, parsed: Parsed, depth: int
) -> tuple[FileResult, dict[str, Table]]:
    """The parser's result with its segments parsed too, problems bounded and lines counted."""
    facts, tables = list(parsed.facts), dict(parsed.tables)
    if not source.is_binary and source.path is not None:  # segments are searched with the file they stand in
        facts.append(exposed_secrets(source))
    problems, counts = list(parsed.problems), dict(parsed.counts)
    versions = {kind: registry.parsers()[kind].VERSION}
    segments: list[SegmentInfo] = []
    for info, result, own_tables, typed in _segments(parsed, depth + 1):
        segments.append(info)
        if result is None:
            continue
        versions |= result.versions
        problems += result.problems
        own = decode_facts(b"[" + b",".join(bytes(raw) for raw in result.facts) + b"]")
        first = info.lines[0]
        own = [msgspec.structs.replace(f, segment=f.segment or first, host=f.host or info.host) for f in own]
        facts += [as_prescribed(f) for f in own] if typed else own
        tables |= {name if "@" in name else table_name(name, first): table for name, table in own_tables.items()}
    if not source.is_binary and "lines" not in counts:
        counts["lines"] = count_lines(source)
    state: FileState = "partial" if any(p.lost for p in problems) else "parsed"
    if len(problems) > MAX_PROBLEMS:
        problems = [*problems[:MAX_PROBLEMS], Problem(TOO_MANY(n=len(problems) - MAX_PROBLEMS))]
    result = FileResult(
        kind=kind,
        state=state,
        encoding=encoding,
        reason=reason,
        facts=tuple(msgspec.Raw(part) for part in _encoded(facts)),
        segments=tuple(segments),
        problems=tuple(problems),
        counts=counts,
        versions=versions,
    )
    return result, tables


def _encoded(facts: Sequence[Fact]) -> Iterator[bytes]:
    for fact in facts:
        yield encode_facts([fact])[1:-1]


def _segments(parsed: Parsed, depth: int) -> Iterator[tuple[SegmentInfo, FileResult | None, dict[str, Table], bool]]:
    """Each segment, detected and parsed like a file of its own; unknown ones are listed without a result."""
    for segment in parsed.segments[:MAX_SEGMENTS]:
        source = Source.of_text(segment.text, "", segment.first_line)
        lines = (segment.first_line, segment.last_line)
        if depth > MAX_SEGMENT_DEPTH:
            yield SegmentInfo(UNRECOGNISED, lines, segment.host, segment.command), None, {}, False
            continue
        result, tables = parse(source, depth=depth)
        known = result.kind != UNRECOGNISED and result.state != "failed"
        yield SegmentInfo(result.kind, lines, segment.host, segment.command), result if known else None, tables, segment.is_typed


def conclude(
    name: str,
    files: Sequence[BundleFile],
    tables: Tables,
    overrides: Overrides | None = None,
    problems: tuple[Text, ...] = (),
) -> Report:
    """Join the facts of all files and judge them. `name`: the folder's or archive's, where the evidence names no RUN_ID.

    `problems`: what the reading of the bundle as a whole has to say. The order of the files does not matter. Never raises for what
    the evidence holds: a rule that crashes is told as crashed.
    """
    return concluded(name, files, tables, overrides, problems)[0]


def concluded(
    name: str,
    files: Sequence[BundleFile],
    tables: Tables,
    overrides: Overrides | None = None,
    problems: tuple[Text, ...] = (),
) -> tuple[Report, Case]:
    """The report of `conclude`, with the case it was made from."""
    ordered = sorted(files, key=lambda f: f.path)
    case_files = [_case_file(f) for f in ordered]
    facts: list[Fact] = []
    for file in ordered:
        if file.result is not None:
            facts += file.result.located(file.path)
    case = Case(name, case_files, facts, tables, overrides)
    crashes = correlate(case)
    return msgspec.structs.replace(build_report(case, crashes), problems=problems), case


def _case_file(file: BundleFile) -> CaseFile:
    common: dict[str, Any] = {"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256}
    if file.result is None:
        problems = (Problem(file.refused, lost=True),) if file.refused else ()
        return CaseFile(**common, kind=UNRECOGNISED, state="refused", problems=problems)
    r = file.result
    return CaseFile(
        **common, kind=r.kind, state=r.state, encoding=r.encoding, counts=r.counts, problems=r.problems, segments=r.segments
    )


def correlate(case: Case) -> dict[str, str]:
    """Run all correlators in the order of their needs; what crashes gives nothing and is told: {name: error}."""
    crashes: dict[str, str] = {}
    for one in registry.correlators():
        if not all(case.has(kind) for kind in one.needs):
            continue
        try:
            case.add(list(one.run(case.declaring((*one.needs, *one.uses)))))
            if one.gives is SameTraffic:
                case.without_repeated_packets((s.file, s.segment) for s in case.all(SameTraffic))
        except Exception as error:  # noqa: BLE001  # one bug must not spoil the whole judgement
            crashes[one.name] = _where(error)
    return crashes
