"""What a search can find of a run: its entries, made of the report and written in the report's transaction; secrets masked first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.log import Log
from runs.analysis.messages import Text, render
from runs.analysis.report import FileReport, Finding, Report
from runs.models import EntryKind, EvidenceFile, Run, RunFinding, SearchEntry
from runs.models.fields import storable
from runs.services import search_terms, storage
from runs.services.masking import shown_text
from runs.services.reports import load_report

TEXT_MAX_CHARS = 2_000
ENDPOINTS_MAX = 2_000  # of one file: a scan has more, and its page lists them
LANGUAGES = ("en", "ja")


@dataclass(frozen=True)
class Words:
    """One thing to be found. `text` is as evidence has it: it is masked when it becomes an entry."""

    kind: EntryKind
    text: str
    path: str = ""  # of its file
    fingerprint: str = ""


def gather(report: Report, files: Iterable[EvidenceFile]) -> list[Words]:
    """What the report and the facts of the files have to be found, without the run itself. Reads the storage: slow."""
    out = [Words(EntryKind.FINDING, _of_finding(one), fingerprint=one.fingerprint) for one in report.findings]
    by_path = {file.path: file for file in files}
    out += [Words(EntryKind.FILE, _of_file(one, by_path.get(one.path)), one.path) for one in report.files]
    seen: dict[tuple[EntryKind, str], Words] = {}
    for words in _of_attempts(report):
        seen.setdefault((words.kind, words.text), words)
    for file in by_path.values():
        for words in _of_facts(file):
            seen.setdefault((words.kind, words.text), words)
    return [*out, *seen.values()]


def _of_finding(finding: Finding) -> str:
    titles = " / ".join(dict.fromkeys(_in_languages(finding.title)))
    ends = " ".join(str(one.endpoint) for one in finding.endpoints)
    return f"{titles} · {finding.rule} · {' '.join(finding.subject.values())} {ends}"


def _in_languages(text: Text) -> Iterator[str]:
    for language in LANGUAGES:
        yield render(text, language, ZoneInfo(settings.TIME_ZONE))


def _of_file(report: FileReport, file: EvidenceFile | None) -> str:
    noted = report.noted or ""
    return f"{report.path} · {report.kind} {noted} {file.blob_id or '' if file else ''}"


def _of_attempts(report: Report) -> Iterator[Words]:
    for attempt in report.attempts:
        port = "" if attempt.port is None else f" port {attempt.port}"
        yield Words(EntryKind.ADDRESS, f"{attempt.address}{port}")
        if attempt.name:
            yield Words(EntryKind.NAME, f"{attempt.name}{port}")


def _of_facts(file: EvidenceFile) -> Iterator[Words]:
    """Endpoints of conversations and log templates. A client's port that serves one conversation says nothing and stays out."""
    result = storage.load_result(file.artefact)
    if result is None:
        return
    ends: dict[str, None] = {}
    for fact in result.located(file.path):
        if isinstance(fact, Conversation) and len(ends) < ENDPOINTS_MAX:
            ends[fact.originator.address] = None
            port = "" if fact.responder.port is None else f" port {fact.responder.port}"
            ends[f"{fact.responder.address}{port}"] = None
        elif isinstance(fact, Log):
            for template in fact.templates:
                yield Words(EntryKind.TEMPLATE, template.text, file.path)
    for end in ends:
        yield Words(EntryKind.ADDRESS, end, file.path)


def write(run: Run, words: Iterable[Words]) -> None:
    """Replace all entries of the run, within the caller's transaction; findings must have their rows."""
    SearchEntry.objects.filter(run=run).delete()
    found = dict(RunFinding.objects.filter(run=run).values_list("fingerprint", "pk"))
    files = dict(EvidenceFile.objects.filter(run=run).values_list("path", "pk"))
    rows = [entry_of(run, one, found.get(one.fingerprint), files.get(one.path)) for one in words]
    SearchEntry.objects.bulk_create([row for row in rows if row.terms], batch_size=500)
    write_run(run)


def write_run(run: Run) -> None:
    """Replace the entry of the run itself: after a report, and when it is renamed."""
    run = Run.objects.get(pk=run.pk)
    verdict = " / ".join(dict.fromkeys(_in_languages(run.verdict))) if run.verdict else ""
    text = " · ".join(
        filter(None, (run.label, run.bundle_name if run.bundle_name != run.label else "", run.title, run.purpose, verdict))
    )
    SearchEntry.objects.filter(run=run, kind=EntryKind.RUN).delete()
    row = entry_of(run, Words(EntryKind.RUN, text), None, None)
    if row.terms:
        row.save()


def entry_of(run: Run, words: Words, finding: int | None, file: int | None) -> SearchEntry:
    """One thing of the run as it is kept to be found, not saved yet; `finding`, `file`: the rows it leads to."""
    text = storable(shown_text(words.text))[:TEXT_MAX_CHARS]
    return SearchEntry(
        run=run,
        team_id=run.team_id,
        finding_id=finding,
        file_id=file,
        kind=words.kind,
        text=text,
        terms=" ".join(search_terms.terms_of(text)),
    )


def adopt(most: int) -> int:
    """Index concluded runs that have no entries yet: those from before there was a search; returns how many."""
    without = Run.objects.filter(~Exists(SearchEntry.objects.filter(run=OuterRef("pk"))), report__isnull=False)
    count = 0
    for run in without.order_by("-pk")[:most]:
        report = load_report(run)
        if report is None:
            continue
        words = gather(report, run.files.all())
        with transaction.atomic():
            write(Run.objects.select_for_update().get(pk=run.pk), words)
        count += 1
    return count
