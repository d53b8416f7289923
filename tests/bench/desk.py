"""Run list, search and desk over many runs of 20 findings each, as one member of their teams sees them.

    python -m tests.bench.desk [RUNS]
    python -m tests.postgres python -m tests.bench.desk [RUNS]

The findings' sentences are those of recorded bundles; names, addresses, dates and who works on what are drawn at random.
"""

import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.peers import say
from tests.bench.portal import HEADING, measured, portal, uploaded

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from runs.models import Comment, Run, RunFinding, SearchEntry, Team

BUNDLES = Path(__file__).resolve().parents[1] / "bundles"
FINDINGS, FILES = 20, 6
KNOWN_FAULTS = 2_000  # so many different faults come again and again
BATCH = 500
ASKED = 60
SITES = ("tokyo", "osaka", "nagoya", "sendai", "fukuoka", "sapporo")
KINDS = ("stall", "tunnel", "dns", "vpn", "upload", "login")
LINES = ("session <*> opened for user <*>", "upstream <*> timed out after <*> ms", "lease of <*> renewed", "再送 <*> 回で切断")


def main(runs: int) -> None:
    """Fill, then measure."""
    with portal():
        client, run = uploaded(BUNDLES / "20261120Tnetdiag3")
        started = time.monotonic()
        fill(run, runs)
        say(f"{runs:,} runs of {FINDINGS} findings, filled in {time.monotonic() - started:.0f} s; milliseconds a page\n")
        say(HEADING)
        for name, addresses in pages(run):
            measured(name, addresses, lambda path: _got(client.get(path), path))


def _got(response: Any, path: str) -> None:
    assert response.status_code == 200, (path, response.status_code)


def pages(run: "Run") -> Iterator[tuple[str, list[str]]]:
    """What people open: each with its addresses, so many that a 95th percentile says something."""
    from runs.models import Run

    rng = random.Random(7)
    keys = list(Run.objects.order_by("-created_at", "-pk").values_list("created_at", "pk"))
    places = [f"{round(at.timestamp() * 1_000_000)}-{pk}" for at, pk in rng.choices(keys, k=ASKED)]
    words = [f"{rng.choice(SITES)}-{rng.choice(KINDS)}" for _n in range(ASKED)]
    some = [f"10.{rng.randrange(200)}.{rng.randrange(250)}.{rng.randrange(1, 250)}" for _n in range(ASKED)]
    yield "run list", ["/"] * ASKED
    yield "run list, a later page", [f"/?before={place}" for place in places]
    yield "run list, one outcome", [f"/?outcome={name}" for name in ("fail", "pass", "failed", "busy") * 15]
    yield "run list, a word", [f"/?q={word}" for word in words]
    yield "run list, a word nobody wrote", ["/?q=zzzyyyxxx"] * 20
    yield "search: a word of few", [f"/search/?q=host{rng.randrange(4000)}" for _n in range(ASKED)]
    yield "search: a word of very many", ["/search/?q=tokyo", "/search/?q=connection", "/search/?q=upstream"] * 20
    yield "search: two words", [f"/search/?q={word.replace('-', '+')}" for word in words]
    yield "search: Japanese", ["/search/?q=応答", "/search/?q=再送", "/search/?q=切断"] * 20
    yield "search: an address", [f"/search/?q={address}" for address in some]
    yield "search: a port", [f"/search/?q=:{port}" for port in (443, 9080, 53) * 20]
    yield "search: of one kind", [f"/search/?q={word}&kind=finding" for word in ("connection", "host7", "9080") * 20]
    yield "search: nothing", ["/search/?q=zzzyyyxxx"] * 20
    for tab in ("assigned", "unclaimed", "back", "due", "mentions", "closed"):
        yield f"my desk: {tab}", [f"/desk/?tab={tab}"] * 30
    yield "my desk, filtered", [f"/desk/?tab=unclaimed&q={word}&severity=high" for word in KINDS * 5]
    yield "activity", ["/activity/"] * 30
    yield "a run", [f"/runs/{run.key}/"] * 30


def fill(sample: "Run", runs: int) -> None:
    """Make the runs, like the sample."""
    from django.contrib.auth.models import User
    from django.db import connection

    from runs.models import Membership, Role, Team
    from runs.services.sweep import refresh_statistics

    people = [User.objects.get(username="bench"), *(User.objects.create_user(f"colleague{n}") for n in range(8))]
    teams = [sample.team, Team.objects.create(name="Second", slug="second")]
    for team in teams:
        for person in people:
            Membership.objects.get_or_create(team=team, user=person, defaults={"role": Role.REVIEWER})
    rng = random.Random(1)
    findings = list(sample.findings.order_by("place"))
    for begin in range(0, runs, BATCH):
        _fill(sample, findings, range(begin, min(begin + BATCH, runs)), teams, people, rng)
    refresh_statistics()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _fill(
    sample: "Run", likes: "list[RunFinding]", numbers: Iterable[int], teams: "list[Team]", people: "list[User]", rng: random.Random
) -> None:
    from runs.models import Comment, EvidenceFile, FindingReview, HistoryEntry, Mention, Run, RunFinding, SearchEntry, Task

    made = [_run(sample, number, teams, people, rng) for number in numbers]
    created = {run.label: run.created_at for run in made}
    made = Run.objects.bulk_create(made)
    for run in made:
        run.created_at = created[run.label]
    Run.objects.bulk_update(made, ["created_at"])
    blob = sample.files.exclude(blob=None).values_list("blob_id", flat=True)[0]
    files = EvidenceFile.objects.bulk_create(file for run in made for file in _files(run, blob))
    found = RunFinding.objects.bulk_create(finding for run in made for finding in _findings(run, likes, rng))
    FindingReview.objects.bulk_create(_review(finding, people, rng) for finding in found)
    Task.objects.bulk_create(task for run in made for task in _tasks(run, people, rng))
    HistoryEntry.objects.bulk_create(entry for run in made for entry in _history(run, people, rng))
    said = Comment.objects.bulk_create(_comment(finding, people, rng) for finding in rng.sample(found, len(made)))
    Mention.objects.bulk_create(Mention(comment=comment, user=rng.choice(people)) for comment in rng.sample(said, len(said) // 2))
    SearchEntry.objects.bulk_create(_entries(made, files, found, rng))


def _run(sample: "Run", number: int, teams: "list[Team]", people: "list[User]", rng: random.Random) -> "Run":
    from runs.models import Run, RunState

    outcome = rng.choice(("fail", "fail", "pass", "not_evaluable"))
    at = sample.created_at - timedelta(minutes=number * 13 + rng.randrange(13))
    return Run(
        team=rng.choice(teams),
        label=f"{at:%Y%m%d}T{rng.choice(SITES)}-{rng.choice(KINDS)}-{number}",
        title=f"{rng.choice(KINDS)} at {rng.choice(SITES)}, host{rng.randrange(4000)}",
        created_at=at,
        created_by=rng.choice(people),
        state=RunState.FAILED if rng.random() < 0.01 else RunState.CONCLUDED,
        input_revision=1,
        requested_revision=1,
        concluded_revision=1,
        concluded_at=at,
        verdict_outcome=outcome,
        verdict_severity="high" if outcome == "fail" else "info",
        verdict=sample.verdict,
        finding_count=FINDINGS,
        file_count=FILES,
        frame_count=rng.randrange(100_000),
        services=[f"10.{rng.randrange(200)}.0.1:443"],
    )


def _files(run: "Run", blob: str) -> "Iterator[Any]":
    from runs.models import EvidenceFile, FileState

    names = ("README.md", "client.pcap", "curl.log", "pf_rules.txt", "docker.log", "ping.txt")
    for name in names[:FILES]:
        yield EvidenceFile(run=run, blob_id=blob, path=f"{run.label}/{name}", size_bytes=4096, state=FileState.PARSED, kind="text")


def _findings(run: "Run", likes: "list[RunFinding]", rng: random.Random) -> "Iterator[RunFinding]":
    from runs.models import Change, RunFinding

    for place, like, known in zip(range(FINDINGS), cycle(likes), rng.sample(range(KNOWN_FAULTS), FINDINGS), strict=False):
        yield RunFinding(
            run=run,
            team_id=run.team_id,
            fingerprint=f"{known:032x}",
            rule=like.rule,
            domain=like.domain,
            subject=like.subject,
            subject_words=f"10.{known % 200}.0.1 443",
            outcome="fail" if place < FINDINGS * 2 // 3 else "info",
            severity=like.severity,
            severity_rank=like.severity_rank,
            confidence=like.confidence,
            title=like.title,
            number=f"F{place + 1}",
            place=place,
            change=Change.BACK if rng.random() < 0.002 else Change.NEW,
            changed_revision=1,
            changed_at=run.created_at,
            first_seen_revision=1,
            last_seen_revision=1,
            first_seen_at=run.created_at,
            last_seen_at=run.created_at,
        )


def _review(finding: "RunFinding", people: "list[User]", rng: random.Random) -> Any:
    from runs.models import FindingReview, Status

    drawn = rng.random()
    at = finding.first_seen_at
    if drawn < 0.5:
        return FindingReview(finding=finding)
    if drawn < 0.52:
        due = (at + timedelta(days=rng.randrange(60))).date()
        return FindingReview(finding=finding, status=Status.IN_PROGRESS, assignee=rng.choice(people), due_date=due, status_at=at)
    if drawn < 0.57:
        until = (at + timedelta(days=rng.randrange(90))).date()
        return FindingReview(
            finding=finding, status=Status.ACCEPTED, accepted_until=until, status_by=rng.choice(people), status_at=at
        )
    return FindingReview(
        finding=finding, status=Status.RESOLVED, status_by=rng.choice(people), status_at=at, assignee=rng.choice(people)
    )


def _tasks(run: "Run", people: "list[User]", rng: random.Random) -> Iterator[Any]:
    from runs.models import Task, TaskSource

    for place in range(2):
        owner = rng.choice(people) if rng.random() < 0.2 else None
        yield Task(run=run, source=TaskSource.PERSON, written="ask the carrier", place=place, owner=owner)


def _history(run: "Run", people: "list[User]", rng: random.Random) -> Iterator[Any]:
    from runs.models import Event, HistoryEntry

    movement = {"revision": 1, "first": True, "findings": FINDINGS, "new": FINDINGS, "changed": 0, "gone": 0, "back": 0}
    yield HistoryEntry(team_id=run.team_id, run=run, event=Event.RUN_ANALYSED, after={**movement, "new_faults": 13})
    actor = rng.choice(people)
    yield HistoryEntry(
        team_id=run.team_id, run=run, event=Event.RUN_RENAMED, actor=actor, actor_name=actor.username, before="x", after=run.label
    )


def _comment(finding: "RunFinding", people: "list[User]", rng: random.Random) -> "Comment":
    from runs.models import Comment

    return Comment(run_id=finding.run_id, finding=finding, author=rng.choice(people), text=f"seen at {rng.choice(SITES)} as well")


def _entries(runs: "list[Run]", files: "list[Any]", found: "list[RunFinding]", rng: random.Random) -> "Iterator[SearchEntry]":
    """As the analysis writes them: the run, its findings and files, addresses, names and log lines."""
    from runs.analysis.messages import render
    from runs.models import EntryKind
    from runs.services.search_index import Words, entry_of

    by_pk = {run.pk: run for run in runs}
    for run in runs:
        words: list[Words] = [Words(EntryKind.RUN, f"{run.label} · {run.title} · {render(run.verdict) if run.verdict else ''}")]
        for _n in range(8):
            address = f"10.{rng.randrange(200)}.{rng.randrange(250)}.{rng.randrange(1, 250)}"
            words.append(Words(EntryKind.ADDRESS, f"{address} port {rng.choice((443, 53, 9080, 22))}"))
        words += [Words(EntryKind.NAME, f"host{rng.randrange(4000)}.example.org port 443") for _n in range(2)]
        words += [Words(EntryKind.TEMPLATE, f"{line} on host{rng.randrange(4000)}") for line in LINES]
        yield from (entry_of(run, each, None, None) for each in words)
    for file in files:
        yield entry_of(by_pk[file.run_id], Words(EntryKind.FILE, f"{file.path} · text"), None, file.pk)
    for finding in found:
        titles = f"{render(finding.title, 'en')} / {render(finding.title, 'ja')}" if finding.title else ""
        text = f"{titles} · {finding.rule} · {finding.subject_words} host{rng.randrange(4000)}"
        yield entry_of(by_pk[finding.run_id], Words(EntryKind.FINDING, text), finding.pk, None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
