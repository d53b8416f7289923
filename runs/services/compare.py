"""Comparisons of stored runs: the sides loaded, compared, and kept in memory while their reports stand; baselines of services."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from runs.analysis.comparison.divergence import Divergence, divergence
from runs.analysis.comparison.logs import LogRow, log_rows
from runs.analysis.comparison.pairs import Pair, paired
from runs.analysis.comparison.sides import Side, parts_of
from runs.analysis.domain.config_statements import Drifts
from runs.analysis.domain.config_statements import compare as compare_configuration
from runs.analysis.facts.base import Fact
from runs.analysis.report import Finding, Report
from runs.models import Event, Run
from runs.services import storage
from runs.services.frames import Kept
from runs.services.history import record
from runs.services.reports import StoredTables, load_report

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT_COMPARISONS = 16


class FindingRows(NamedTuple):
    """Findings only here, only there, in both (those of the first side)."""

    only_first: list[Finding]
    only_second: list[Finding]
    both: list[Finding]


class Comparison(NamedTuple):
    """Two sides; the bad one is the one whose attempts or verdict failed, `first` is the one shown above."""

    first: Side
    second: Side
    bad_is_first: bool
    pairs: list[Pair]  # the first side on the left
    divergence: Divergence
    findings: FindingRows
    drifts: Drifts  # the first side on the left
    logs: list[LogRow]  # appears: on the bad side

    @property
    def bad(self) -> Side:
        """The side that failed."""
        return self.first if self.bad_is_first else self.second

    @property
    def good(self) -> Side:
        """The other one."""
        return self.second if self.bad_is_first else self.first


Key = tuple[str, int, str]
_comparisons: Kept[tuple[Key, Key], Comparison | None] = Kept(KEPT_COMPARISONS)


def compare_runs(first: Run, second: Run, first_part: str = "", second_part: str = "") -> Comparison | None:
    """The comparison of two runs, or of two folders; None before both have a report, or where a folder holds nothing."""
    keys = tuple((run.key, run.concluded_revision, part) for run, part in ((first, first_part), (second, second_part)))
    return _comparisons.get((keys[0], keys[1]), lambda: _compare(first, second, first_part, second_part), lambda _: 1)


def _compare(first: Run, second: Run, first_part: str, second_part: str) -> Comparison | None:
    sides = [_side(run, part, first.pk == second.pk) for run, part in ((first, first_part), (second, second_part))]
    if sides[0] is None or sides[1] is None:
        return None
    one, other = sides[0], sides[1]
    bad_is_first = _badness(one) >= _badness(other)
    bad, good = (one, other) if bad_is_first else (other, one)
    pairs = paired(one.attempts, other.attempts)
    turned = pairs if bad_is_first else [Pair(p.right, p.left) for p in pairs]
    facts = [[fact for found in side.facts.values() for fact in found if side.has(fact.file)] for side in (one, other)]
    return Comparison(
        one, other, bad_is_first, pairs, divergence(bad, good, turned), _findings(one, other),
        compare_configuration(facts[0], facts[1]), log_rows(bad, good),
    )  # fmt: skip


def _side(run: Run, part: str, is_same_run: bool) -> Side | None:
    report = load_report(run)
    if report is None:
        return None
    files = list(run.files.all())
    facts: dict[str, Sequence[Fact]] = {}
    for file in files:
        result = storage.load_result(file.artefact) if file.artefact else None
        facts[file.path] = result.located(file.path) if result else ()
    side = Side(part if is_same_run and part else run.label, report, StoredTables(files), facts, part)
    return side if side.files else None


def _badness(side: Side) -> tuple[int, int]:
    """How much failed: attempts that stopped early, then findings of a fault."""
    return sum(a.fault for a in side.attempts), sum(f.outcome == "fail" for f in side.findings)


def _findings(one: Side, other: Side) -> FindingRows:
    ours, theirs = {f.fingerprint for f in one.findings}, {f.fingerprint for f in other.findings}
    return FindingRows(
        [f for f in one.findings if f.fingerprint not in theirs],
        [f for f in other.findings if f.fingerprint not in ours],
        [f for f in one.findings if f.fingerprint in theirs],
    )


def parts(report: Report) -> list[tuple[str, str]]:
    """Pairs of folders of one run that can be compared."""
    return parts_of(report)


def services_of(report: Report) -> list[str]:
    """What a run's attempts asked for: 'name:port' where a name was asked for, and 'address:port'; each once, at most 20."""
    found = [f"{host}:{a.port or ''}" for a in report.attempts for host in (a.name, a.address) if host]
    return list(dict.fromkeys(found))[:20]


@transaction.atomic
def set_baseline(run: Run, is_baseline: bool, by: "User | None") -> None:
    """Mark a run as the good example of its services, or no longer."""
    if Run.objects.filter(pk=run.pk).exclude(is_baseline=is_baseline).update(is_baseline=is_baseline):
        record(run, Event.RUN_BASELINE_SET if is_baseline else Event.RUN_BASELINE_ENDED, by)
    run.is_baseline = is_baseline


def baselines_for(run: Run, report: Report) -> list[Run]:
    """Baselines of the team that asked for one of the same services, newest first."""
    wanted = set(services_of(report))
    others = Run.objects.filter(team_id=run.team_id, is_baseline=True).exclude(pk=run.pk)[:200]
    return [other for other in others if wanted & set(other.services)]
