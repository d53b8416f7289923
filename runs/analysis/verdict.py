"""The verdict: one sentence at the top, what it rests on, what was excluded, and what this bundle cannot decide."""

from collections.abc import Iterable, Sequence

from runs.analysis import registry
from runs.analysis.case import Case
from runs.analysis.domain.phases import PHASE_WORDS
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation
from runs.analysis.messages import message
from runs.analysis.report import SEVERITIES, Check, Finding, Statement, Verdict, merge_citations

# What a reader asks first after 'what is it': losses, filters, captures that lie. The others stand in the coverage table.
TOLD_EXCLUSIONS = ("capture_dropped_packets", "retransmission_stall", "retransmission_rate_high", "firewall_no_block", "log_errors")
NOT_OF_THE_RUN = ("evidence", "notes")  # that a file is sound says nothing of what it was taken of
MOST_STATEMENTS = 6
MOST_PLACES = 2
MOST_NUMBERS = 8

HEALTHY = message(
    "verdict.healthy",
    en="No fault found: {n:count} of {all:count} {all:plural:attempt|attempts} got an answer.",
    ja="異常なし。試行 {all:count} 件中 {n:count} 件で応答があった。",
)
UNEXPLAINED = message(
    "verdict.unexplained",
    en="{n:count} of {all:count} {all:plural:attempt|attempts} stopped before an answer, and no rule says why.",
    ja="試行 {all:count} 件中 {n:count} 件が応答前に止まったが、原因を示す規則はない。",
)
STOPS = message("verdict.stops", en="{label} stops at {phase}.", ja="{label} は「{phase}」で止まる。")
HEALTHY_NO_ATTEMPT = message(
    "verdict.healthy_no_attempt",
    en="No fault found in what could be checked ({n:count} {n:plural:rule|rules}).",
    ja="確認できた範囲に異常なし（規則 {n:count} 件）。",
)
UNDECIDABLE = message(
    "verdict.not_evaluable",
    en="This bundle does not hold what a verdict needs.",
    ja="この束には判定に必要な証跡がない。",
)
ALSO = message("verdict.also", en="Also: {title}", ja="ほかに：{title}")
SAME = message(
    "verdict.same",
    en="{ends:list} {n:plural:shows|show} the same.",
    ja="{ends:list} も同じ症状を示す。",
)
ANSWERED = message(
    "verdict.answered",
    en="{label}: {size:bytes} came back.",
    ja="{label}：{size:bytes} を受信。",
)


def conclude_verdict(case: Case, findings: Sequence[Finding], checks: Sequence[Check]) -> Verdict:
    """The verdict of a run from its findings and checks."""
    roots = [f for f in findings if f.outcome == "fail" and not f.because and f.severity != "info"]
    faults = [f for f in roots if f.domain not in ("evidence", "notes")]
    passed = [c for c in checks if c.outcome == "pass"]
    undecided = tuple(_undecided(findings, checks))
    if faults:
        return _failed(faults, roots, findings, passed, undecided)
    tried = [a for a in case.all(Attempt) if not a.superseded]
    answered = [a for a in tried if (first := a.phase("first_byte")) is not None and first.result == "ok"]
    stopped = [a for a in tried if a.stopped_at not in (None, "close") and a not in answered]
    if stopped:
        return _unexplained(stopped, len(tried), roots, passed, undecided)
    sound = [c for c in passed if c.citations and registry.rules()[c.rule].domain not in NOT_OF_THE_RUN]
    if not sound and not answered:
        return Verdict(
            outcome="not_evaluable",
            title=UNDECIDABLE(),
            severity="info",
            confidence="certain",
            domain=None,
            root=None,
            statements=_others(roots),
            undecided=undecided,
        )
    title = (
        HEALTHY(n=sum(a.count for a in answered), all=sum(a.count for a in tried)) if answered else HEALTHY_NO_ATTEMPT(n=len(sound))
    )
    told = tuple(
        Statement(ANSWERED(label=a.label, size=a.response_bytes), merge_citations(a.phase("first_byte").citations))  # type: ignore[union-attr]
        for a in answered[:MOST_STATEMENTS]
    )
    return Verdict(
        outcome="pass",
        title=title,
        severity="info",
        confidence="firm",
        domain=None,
        root=None,
        statements=told + _others(roots),
        excluded=_excluded(passed),
        undecided=undecided,
    )


def _unexplained(
    stopped: Sequence[Attempt], count: int, roots: Sequence[Finding], passed: Sequence[Check], undecided: tuple[Statement, ...]
) -> Verdict:
    """Attempts that failed, and no finding about them: neither a fault that can be named nor health."""
    ends = [(a, p) for a in stopped for p in a.phases if p.name == a.stopped_at]
    told = tuple(
        Statement(STOPS(label=a.label, phase=PHASE_WORDS[p.name]), merge_citations(p.citations)) for a, p in ends[:MOST_STATEMENTS]
    )
    return Verdict(
        outcome="not_evaluable",
        title=UNEXPLAINED(n=len(stopped), all=count),
        severity="info",
        confidence="certain",
        domain=None,
        root=None,
        statements=told + _others(roots),
        excluded=_excluded(passed),
        undecided=undecided,
    )


def _failed(
    faults: Sequence[Finding],
    roots: Sequence[Finding],
    findings: Sequence[Finding],
    passed: Sequence[Check],
    undecided: tuple[Statement, ...],
) -> Verdict:
    root = min(faults, key=lambda f: SEVERITIES.index(f.severity))
    weighty = [f for f in roots if f is not root and SEVERITIES.index(f.severity) <= SEVERITIES.index("medium")]
    alike = [f for f in weighty if f.rule == root.rule and not set(_responders(f)) & set(_responders(root))]
    others = [f for f in weighty if f not in alike]
    return Verdict(
        outcome="fail",
        title=root.title,
        severity=root.severity,
        confidence=root.confidence,
        domain=root.domain,
        root=root.id,
        statements=root.statements[:MOST_STATEMENTS] + _alike(alike) + _others(others),
        excluded=_excluded(passed),
        undecided=undecided,
    )


def _responders(finding: Finding) -> list[str]:
    return [str(e.endpoint) for e in finding.endpoints if e.role == "responder"]


def _alike(findings: Sequence[Finding]) -> tuple[Statement, ...]:
    """Other ends with the root's fault, in one sentence, each with the frames that its own finding begins and ends with."""
    ends = list(dict.fromkeys(end for f in findings for end in _responders(f)))
    places = merge_citations(_briefly(c) for f in findings for c in f.citations[:1])
    return (Statement(SAME(ends=ends, n=len(ends)), places),) if ends else ()


def _others(findings: Sequence[Finding]) -> tuple[Statement, ...]:
    return tuple(
        Statement(ALSO(title=f.title), tuple(_briefly(c) for c in f.citations[:MOST_PLACES])) for f in findings[:MOST_STATEMENTS]
    )


def _briefly(citation: Citation) -> Citation:
    """The first and the last place of a long citation: the finding itself has them all."""
    if len(citation.frames) + len(citation.lines) <= MOST_NUMBERS:
        return citation
    return Citation(citation.file, frames=_ends(citation.frames), lines=_ends(citation.lines))


def _ends(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*numbers[:1], *numbers[-1:]}))


def _excluded(passed: Sequence[Check]) -> tuple[Statement, ...]:
    by_rule = {c.rule: c for c in passed}
    return tuple(s for rule in TOLD_EXCLUSIONS if rule in by_rule for s in by_rule[rule].statements[:2])


def _undecided(findings: Sequence[Finding], checks: Sequence[Check]) -> Iterable[Statement]:
    """What is not decidable: the limits that rules name as findings of their own."""
    for finding in findings:
        if finding.rule in ("segment_not_captured", "capture_one_sided", "capture_filter_too_narrow"):
            yield Statement(finding.title, finding.citations)
