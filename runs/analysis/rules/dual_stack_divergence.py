"""The same name and port behaves differently over IPv4 and IPv6.

Claim: one family gets further than the other. `info` where the worse family is refused at once and the client falls back to the
other (RFC 8305 makes that harmless); `fail` where one family is silent or stalls, since every client then waits.

Refuted by: the same attempt repeated over both families with the same end.

Source: RFC 8305 (Happy Eyeballs), RFC 6724 (address selection).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.phases import PHASE_WORDS, REFUSED_SAID
from runs.analysis.domain.wording import family, is_loopback, quoted, statement
from runs.analysis.facts.attempt import PHASES, Attempt
from runs.analysis.facts.base import Citation
from runs.analysis.messages import Text, message, plain
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, merge_citations

TITLE = message("dual_stack_divergence", en="IPv4 and IPv6 behave differently", ja="IPv4 と IPv6 で挙動が異なる")
DIFFER = message(
    "dual_stack_divergence.title",
    en="{name} stops at {worse_phase} over {worse}; over {better} it {better_end}.",
    ja="{name} は {worse} では「{worse_phase}」で止まり、{better} では{better_end}。",
)
COMPLETES = message("dual_stack_divergence.completes", en="gets an answer", ja="応答を得る")
STOPS = message("dual_stack_divergence.stops", en="comes as far as {phase}", ja="「{phase}」まで進む")
SIDE = message(
    "dual_stack_divergence.side",
    en="Over {family}, {end}: {how}.",
    ja="{family}（{end}）：{how}。",
)
STOPPED = message("dual_stack_divergence.stopped", en="stops at {phase}", ja="「{phase}」で止まる")
BOTH_FAMILIES = message(
    "dual_stack_divergence.both_families",
    en="one name and port tried to its end over both IPv4 and IPv6",
    ja="同じ名前・ポートへの IPv4・IPv6 両方の試行（結果まで分かるもの）",
)
ALIKE = message(
    "dual_stack_divergence.alike",
    en="{name}: both families end alike ({how}).",
    ja="{name}：両方の系統とも同じ結果（{how}）。",
)
REFUTE = message(
    "dual_stack_divergence.refute",
    en="Repeated over both families within a minute, both end alike.",
    ja="1 分以内に両系統で再試行し、同じ結果になれば覆る。",
)
BOTH = message("dual_stack_divergence.both", en="Repeat over both families.", ja="両系統で再試行する。")
END = len(PHASES)
COLLECT = "for f in 4 6; do curl -$f -v --max-time 20 http://HOST:PORT/ 2>&1 | tee curl_ipv$f.log; done"


@rule(
    title=TITLE,
    domain="network",
    topics=["dual-stack"],
    needs=[Attempt],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each name (or loopback) and port that was tried over both families."""
    groups: dict[tuple[str, int | None], dict[str, list[Attempt]]] = {}
    compared = False
    for attempt in case.all(Attempt):
        if not _is_conclusive(attempt):
            continue
        name = attempt.name or ("localhost" if is_loopback(attempt.target.address) else None)
        if name:
            groups.setdefault((name, attempt.target.port), {}).setdefault(family(attempt.target.address), []).append(attempt)
    for (name, port), sides in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1] or 0)):
        if len(sides) < 2:
            continue
        compared = True
        # a family's best attempt speaks for it: one bad try beside a good one is another rule's business
        best = {f: max(attempts, key=lambda a: (_reach(a), -len(a.id))) for f, attempts in sides.items()}
        worse, better = sorted(best, key=lambda f: _reach(best[f]))
        shown = f"{name}:{port}"
        if _reach(best[worse]) == _reach(best[better]):
            how = _how(best[better])
            told = statement(
                ALIKE(name=shown, how=how), *merge_citations([*best[worse].citations[-1:], *best[better].citations[-1:]])
            )
            yield Excluded(statements=(told,))
        else:
            yield _found(shown, worse, better, best[worse], best[better])
    if not compared:
        yield NotEvaluable(missing=(BOTH_FAMILIES(),), collect=COLLECT)


def _is_conclusive(attempt: Attempt) -> bool:
    """Whether its end is known: it failed somewhere, or an answer came; one that the evidence cuts short says nothing."""
    first = attempt.phase("first_byte")
    return attempt.stopped_at not in (None, "close") or (first is not None and first.result == "ok")


def _reach(attempt: Attempt) -> int:
    """How many phases it came; the close does not count, a peer may close as it likes once all is said."""
    stopped = attempt.stopped_at
    return END if stopped in (None, "close") else PHASES.index(stopped)


def _how(attempt: Attempt) -> Text:
    stopped = attempt.stopped_at
    return COMPLETES() if stopped in (None, "close") else STOPPED(phase=PHASE_WORDS[stopped])


def _found(name: str, worse: str, better: str, bad: Attempt, good: Attempt) -> Found:
    stopped = bad.stopped_at or "connect"
    better_end = COMPLETES() if _reach(good) == END else STOPS(phase=PHASE_WORDS[good.stopped_at or "connect"])
    harmless = stopped == "connect" and (bad.superseded or _refused(bad))
    sides = tuple(
        statement(SIDE(family=f, end=str(a.target), how=_how(a)), *merge_citations(_last(a)))
        for f, a in ((worse, bad), (better, good))
    )
    url = quoted(f"http://{name}/")
    return Found(
        outcome="info" if harmless else "fail",
        severity="info" if harmless else "medium",
        confidence="firm",
        title=DIFFER(name=name, worse=worse, better=better, worse_phase=PHASE_WORDS[stopped], better_end=better_end),
        statements=sides,
        subject={"name": name, "worse": worse, "phase": stopped},
        endpoints=(RoleEndpoint("responder", bad.target), RoleEndpoint("responder", good.target)),
        refuted_by=REFUTE(),
        next_actions=(
            Action(
                BOTH(),
                f"for f in 4 6; do curl -$f -v --max-time 20 {url} 2>&1 | tee curl_ipv$f.log; done",
            ),
        ),
    )


def _refused(attempt: Attempt) -> bool:
    phase = attempt.phase("connect")
    return phase is not None and phase.value is not None and phase.value in (plain("RST"), REFUSED_SAID())


def _last(attempt: Attempt) -> list[Citation]:
    """What the phase it stopped at cites, else its first byte."""
    phase = attempt.phase(attempt.stopped_at or "first_byte") or attempt.phase("connect")
    return list(phase.citations) if phase else []
