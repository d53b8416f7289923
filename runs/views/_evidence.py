"""What the pages of one file share: the file with its part of the report, and the places a link asks for."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.http import Http404

from runs.access import visible_run
from runs.analysis import registry
from runs.analysis.report import FileReport, Finding, Report
from runs.analysis.source import Source
from runs.models import EvidenceFile
from runs.services import storage
from runs.views._run_page import run_context

if TYPE_CHECKING:
    from runs.models.team import AnyUser

MAX_RANGES = 100
MAX_NUMBER = 2**48

Ranges = tuple[tuple[int, int], ...]


def file_context(user: "AnyUser", key: str, file_id: int) -> dict[str, Any]:
    """Context of a file's pages: that of the run, and `file`, `file_report`. Raises Http404 for strangers and unknown files."""
    context = run_context(user, visible_run(user, key), "file")
    file = next((f for f in context["evidence"].values() if f.pk == file_id), None)
    if file is None:
        raise Http404
    return context | {"file": file, "file_report": report_of(context["report"], file.path)}


def facts_context(context: dict[str, Any]) -> dict[str, Any]:
    """Context of `runs/_file_facts.html` and of the head, for the context of `file_context`."""
    file: EvidenceFile = context["file"]
    result = storage.load_result(file.artefact)
    return {
        "has_frames": bool(file.counts.get("frames")),
        "counts": [(name, n) for name, n in file.counts.items() if isinstance(n, int) and n],
        "kind_reason": result.reason if result else None,
        "kinds": sorted(registry.parsers()),
        "cited_by": list(citing(context["report"], file.path)),
    }


def report_of(report: Report | None, path: str) -> FileReport | None:
    """The row of a file in the run's report; None before the first conclusion, or for a file that came after it."""
    return next((f for f in report.files if f.path == path), None) if report else None


def source_of(file: EvidenceFile) -> Source:
    """The file's bytes. Raises Http404 where they are not kept (refused) or not there any more."""
    try:
        return Source(storage.blob_path(file.blob_id or ""), file.path)
    except FileNotFoundError:
        raise Http404 from None


def parse_ranges(text: str) -> Ranges:
    """'10-13,20' as ((10, 13), (20, 20)), in order; what is no range is passed over."""
    made = []
    for part in text[:2000].replace("–", "-").split(",")[:MAX_RANGES]:
        first, _, last = part.strip().partition("-")
        if first.isascii() and first.isdigit() and (not last or (last.isascii() and last.isdigit())):
            low, high = int(first), int(last or first)
            if 1 <= low <= high <= MAX_NUMBER:
                made.append((low, high))
    return tuple(sorted(made))


def within(ranges: Ranges, number: int) -> bool:
    """Whether a number lies in one of the ranges."""
    return any(low <= number <= high for low, high in ranges)


def number_asked(text: str | None) -> int | None:
    """A positive number from the address, or None."""
    if text and text.isascii() and text.isdigit() and len(text) < 16:
        return max(1, int(text))
    return None


def citing(report: Report | None, path: str) -> Iterator[tuple[Finding, Any]]:
    """The findings that cite a file, each with the citation of it."""
    for finding in report.findings if report else ():
        for citation in finding.citations:
            if citation.file == path:
                yield finding, citation


def by_number(cited: Iterable[tuple[Finding, Iterable[int]]], shown: range) -> dict[int, list[Finding]]:
    """Which findings cite which of the shown frames or lines."""
    made: dict[int, list[Finding]] = {}
    for finding, numbers in cited:
        for number in numbers:
            if number in shown:
                made.setdefault(number, []).append(finding)
    return made
