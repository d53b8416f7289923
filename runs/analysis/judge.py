"""Judgement: ask every rule, join equal answers, order them into chains, and put the report together."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from runs.analysis import registry
from runs.analysis.case import Case, CaseFile
from runs.analysis.chains import chain_order, join, once, resolve
from runs.analysis.domain.conversations import MOST_JUDGED
from runs.analysis.domain.port_owners import with_processes
from runs.analysis.domain.translated_sides import both_sides
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.claims import CheckedClaim
from runs.analysis.facts.clock import Clock, RunZone
from runs.analysis.facts.joined import Collection, SameTraffic
from runs.analysis.facts.notes import DocumentHeader, Note
from runs.analysis.folding import LEFT_OUT, MOST_ALIKE, fold
from runs.analysis.hypotheses import hypotheses
from runs.analysis.messages import Text, message
from runs.analysis.next_capture import next_capture
from runs.analysis.registry import Problem, Rule
from runs.analysis.report import (
    AttemptRow,
    Check,
    ClaimRow,
    ClockInfo,
    Excluded,
    FileReport,
    Finding,
    Found,
    NotEvaluable,
    PlannedAction,
    Report,
    StatedMoment,
    Statement,
    Window,
    merge_citations,
)
from runs.analysis.verdict import conclude_verdict

FINGERPRINT_VERSION = "k1"
DEFAULT_ZONE = "Asia/Tokyo"

RULE_CRASHED = message("judge.rule_crashed", en="the rule failed: {error}", ja="規則が異常終了した: {error}")
CORRELATOR_CRASHED = message(
    "judge.correlator_crashed",
    en="joining the files failed in {name}: {error}",
    ja="ファイル間の照合 {name} が異常終了した: {error}",
)
NOT_JUDGED = message(
    "judge.not_judged",
    en="Of {n:count} conversations the rules look at the first {most:count}; all of them are listed.",
    ja="会話 {n:count} 件のうち、規則が判定するのは先頭の {most:count} 件（一覧には全件を載せる）。",
)
ONE_OF = message("judge.one_of", en="one of: {names:list}", ja="次のいずれか: {names:list}")


def build_report(case: Case, crashes: Mapping[str, str]) -> Report:
    """The whole report of a case whose facts are correlated; `crashes`: correlators that failed, with their errors."""
    answers = {rule.id: ask(rule, case) for rule in registry.rules().values()}
    findings = with_processes(case, make_findings(answers))
    checks = [check for id, outcomes in answers.items() for check in make_checks(id, outcomes)]
    checks += [
        Check(rule=name, outcome="crashed", missing=(CORRELATOR_CRASHED(name=name, error=e),)) for name, e in crashes.items()
    ]
    header = next(iter(case.all(DocumentHeader)), None)
    zone = next(iter(case.all(RunZone)), RunZone(zone=DEFAULT_ZONE, source="assumed"))
    told, clocks = {c.file: c for c in case.all(Collection)}, {c.file: c for c in case.all(Clock)}
    files = tuple(file_report(case, file, told.get(file.path), clocks.get(file.path)) for file in case.files)
    attempts = tuple(attempt_row(a) for a in case.all(Attempt))
    verdict = conclude_verdict(case, findings, checks)
    return Report(
        run_id=(header.run_id if header else None) or case.name,
        title=header.title if header else None,
        purpose=header.purpose if header else None,
        purpose_at=Citation(header.file, lines=(header.purpose_line,)) if header and header.purpose_line else None,
        timezone=zone.zone,
        timezone_source=zone.source,
        window=_union(f.window for f in files),
        verdict=verdict,
        files=files,
        attempts=attempts,
        findings=tuple(findings),
        checks=tuple(checks),
        claims=tuple(
            ClaimRow(file=c.file, line=c.line, text=c.text, verdict=c.verdict, citations=c.citations, stated=c.stated)
            for c in case.all(CheckedClaim)
        ),
        actions=tuple(PlannedAction(n.file, a.line, a.text) for n in case.all(Note) for a in n.actions),
        stated_moments=tuple(_stated_moments(case, clocks)),
        translations=tuple(both_sides(case)),
        same_traffic=tuple((s.file, s.capture) for s in case.all(SameTraffic)),
        hypotheses=hypotheses(case, findings, checks),
        next_capture=next_capture(case, verdict, checks),
    )


def _stated_moments(case: Case, clocks: Mapping[str, Clock]) -> Iterator[StatedMoment]:
    """The times that notes name, where their day is known; a line's first one stands for the line."""
    for note in case.all(Note):
        clock = clocks.get(note.file)
        told: set[int] = set()
        for time in note.times:
            stamp = time.stamp
            if clock is None or stamp is None or time.line in told or not (stamp.has_date or clock.day_known):
                continue
            told.add(time.line)
            about = stamp.approximate or time.relative_ns is not None
            yield StatedMoment(note.file, time.line, clock.of(stamp), stamp.precision_ns, about)


Answer = Found | Excluded | NotEvaluable | Text


def ask(rule: Rule, case: Case) -> list[Answer]:
    """A rule's answers. Missing needs are answered for it; a crash becomes a Text."""
    missing = [need for need in rule.needs if not _met(need, case)]
    if missing:
        return [NotEvaluable(missing=tuple(_name(n) for n in missing), collect=rule.collect or None)]
    declared = [t for need in rule.needs for t in (need if isinstance(need, tuple) else (need,))]
    try:
        return list(rule.judge(case.declaring((*declared, *rule.uses))))
    except Exception as error:  # noqa: BLE001  # one rule's bug must not stop the others
        return [RULE_CRASHED(error=f"{type(error).__name__}: {error}"[:300])]


def _met(need: type[Fact] | tuple[type[Fact], ...], case: Case) -> bool:
    return any(case.has(t) for t in need) if isinstance(need, tuple) else case.has(need)


def _name(need: type[Fact] | tuple[type[Fact], ...]) -> Text:
    if isinstance(need, tuple):
        return ONE_OF(names=[t.evidence_name() for t in need])
    return need.evidence_name()


def fingerprint(rule: str, subject: Mapping[str, str]) -> str:
    """The same problem in another run: a hash of the rule and what it is about."""
    text = json.dumps([FINGERPRINT_VERSION, rule, sorted(subject.items())], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_findings(answers: Mapping[str, Sequence[Answer]]) -> list[Finding]:
    """Findings of all rules: equal subjects joined, causes resolved, worst first and consequences under their cause."""
    alike: dict[str, tuple[str, list[Found]]] = {}
    for id, outcomes in answers.items():
        for found in outcomes:
            if isinstance(found, Found):
                alike.setdefault(fingerprint(id, found.subject), (id, []))[1].append(found)
    joined = {key: (id, join(all_found)) for key, (id, all_found) in alike.items()}
    rules = registry.rules()
    joined, causes = fold(joined, resolve(joined), {id: rule.title for id, rule in rules.items()}, fingerprint)
    order = chain_order(joined, causes)
    ids = {key: f"F{n}" for n, key in enumerate(order, 1)}
    return [
        Finding(
            id=ids[key],
            rule=rule_id,
            domain=rules[rule_id].domain,
            outcome=f.outcome,
            severity=f.severity,
            confidence=f.confidence,
            title=f.title,
            statements=f.statements,
            subject=f.subject,
            fingerprint=key,
            endpoints=f.endpoints,
            because=tuple(sorted((ids[c] for c in causes[key]), key=lambda i: int(i[1:]))),
            refuted_by=f.refuted_by,
            next_actions=f.next_actions,
            topics=f.topics or rules[rule_id].topics,
        )
        for key in order
        for rule_id, f in [joined[key]]
    ]


def make_checks(rule_id: str, outcomes: Sequence[Answer]) -> list[Check]:
    """The rows of the coverage table for one rule: one for each kind of outcome it gave."""
    rows: list[Check] = []
    crashed = [o for o in outcomes if isinstance(o, Text)]
    if crashed:
        rows.append(Check(rule=rule_id, outcome="crashed", missing=tuple(crashed)))
    for outcome in ("fail", "info"):
        found = [o for o in outcomes if isinstance(o, Found) and o.outcome == outcome]
        if found:
            statements = [
                Statement(f.title, merge_citations(c for s in f.statements for c in s.citations)) for f in found[:MOST_ALIKE]
            ]
            rows.append(_check(rule_id, outcome, statements, len(found) - MOST_ALIKE))
    excluded = [s for o in outcomes if isinstance(o, Excluded) for s in o.statements]
    if excluded:
        told = once(excluded)
        rows.append(_check(rule_id, "pass", told[:MOST_ALIKE], len(told) - MOST_ALIKE))
    unknown = [o for o in outcomes if isinstance(o, NotEvaluable)]
    if unknown:
        rows.append(
            Check(
                rule=rule_id,
                outcome="not_evaluable",
                missing=tuple(once(t for o in unknown for t in o.missing)),
                collect=next((o.collect for o in unknown if o.collect), None),
                citations=merge_citations(c for o in unknown for c in o.citations),
            )
        )
    return rows


def _check(rule_id: str, outcome: str, statements: Sequence[Statement], more: int) -> Check:
    citations = merge_citations(c for s in statements for c in s.citations)
    told = (*statements, Statement(LEFT_OUT(n=more))) if more > 0 else tuple(statements)
    return Check(rule=rule_id, outcome=outcome, statements=told, citations=citations)  # type: ignore[arg-type]


def file_report(case: Case, file: CaseFile, collection: Collection | None, clock: Clock | None) -> FileReport:
    """The row of one file: its own facts, what the README says of it, and the machine's line."""
    facts = case.of_file(file.path)
    return FileReport(
        path=file.path,
        kind=shown_kind(file),
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        state=file.state,  # type: ignore[arg-type]  # the pipeline sets no other
        encoding=file.encoding,
        window=_window(facts, clock),
        clock=ClockInfo(clock.zone, clock.source, clock.offset_ns or None, clock.day) if clock else None,
        summary=_summary(case, file, facts),
        noted=collection.noted if collection else None,
        noted_at=collection.noted_at if collection else None,
        noted_time=collection.time_text if collection else None,
        command=collection.command if collection else None,
        counts=file.counts,
        segments=file.segments,
        problems=(*file.problems, *_not_judged(file)),
    )


def shown_kind(file: CaseFile) -> str:
    """The kind of a file; of one that only holds others (a terminal with several commands) the kind that it holds most of."""
    parser = registry.parsers().get(file.kind)
    known = [s.kind for s in file.segments if s.kind in registry.parsers()]
    if not getattr(parser, "IS_CONTAINER", False) or not known:
        return file.kind
    return max(known, key=lambda kind: (known.count(kind), -known.index(kind)))


def _not_judged(file: CaseFile) -> tuple[Problem, ...]:
    count = file.counts.get("conversations", 0)
    return (Problem(NOT_JUDGED(n=count, most=MOST_JUDGED)),) if count > MOST_JUDGED else ()


def _window(facts: Sequence[Fact], clock: Clock | None) -> Window | None:
    walls = [w for w in (fact.wall_window() for fact in facts) if w is not None]
    if clock is None or not walls or (not clock.day_known and not all(w.has_date for w in walls)):
        return None
    return Window(min(clock.utc_ns(w.first_ns, w.has_date) for w in walls), max(clock.utc_ns(w.last_ns, w.has_date) for w in walls))


def _summary(case: Case, file: CaseFile, facts: list[Fact]) -> tuple[Statement, ...]:
    module = registry.summaries().get(file.kind)
    if module is None or not facts:
        return ()
    try:
        return tuple(module.summary(file, facts, case))
    except Exception as error:  # noqa: BLE001  # a bug in a summary must not take the report away
        return (Statement(RULE_CRASHED(error=f"{type(error).__name__}: {error}"[:300])),)


def attempt_row(attempt: Attempt) -> AttemptRow:
    """The matrix' row of an attempt."""
    return AttemptRow(
        id=attempt.id,
        label=attempt.label,
        note=attempt.note,
        address=attempt.target.address,
        port=attempt.target.port,
        name=attempt.name,
        phases=attempt.phases,
        conversations=(attempt.conversation,) if attempt.conversation else (),
        at_ns=attempt.at_ns,
        fault=attempt.stopped_at not in (None, "close") and not attempt.superseded,
    )


def _union(windows: Iterable[Window | None]) -> Window | None:
    known = [w for w in windows if w is not None]
    return Window(min(w.start_ns for w in known), max(w.end_ns for w in known)) if known else None
