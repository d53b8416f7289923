"""The whole analysis of a path on this machine: no database, no queue, no network."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from runs.analysis.bundle.limits import Limits
from runs.analysis.bundle.local import LocalBundle, local_files
from runs.analysis.case import MemoryTables, Tables
from runs.analysis.domain.conversations import captured_conversations
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.pipeline import BundleFile, concluded, parse
from runs.analysis.report import Report
from runs.analysis.source import Source

INCOMPLETE = ("failed", "refused")


class Analysis(msgspec.Struct, frozen=True):
    """A report with what it was made from, as far as it is printed too."""

    report: Report
    conversations: list[Conversation]

    @property
    def is_complete(self) -> bool:
        """Whether every file could be taken and parsed."""
        return not self.report.problems and all(f.state not in INCOMPLETE for f in self.report.files)


def analyse(path: Path, limits: Limits | None = None) -> Analysis:
    """Analyse a folder, an archive or a single file. Raises BundleError where the path cannot be read or is no bundle."""
    with local_files(path, limits or Limits()) as bundle:
        return analyse_bundle(bundle)


def analyse_bundle(bundle: LocalBundle) -> Analysis:
    """Analyse files that lie on this machine."""
    tables = MemoryTables()
    files = []
    for file in bundle.files:
        result, own = parse(Source(file.local, file.path))
        tables.add(file.path, own)
        files.append(BundleFile(path=file.path, size_bytes=file.size_bytes, sha256=file.sha256, result=result))
    files += [BundleFile(path=r.path, size_bytes=0, sha256="", refused=r.message) for r in bundle.refused]
    report, case = concluded(bundle.name, files, tables, problems=tuple(bundle.problems))
    return Analysis(report, conversations(files, tables, report, case.all(Conversation)))


def conversations(
    files: Sequence[BundleFile], tables: Tables, report: Report, judged: Iterable[Conversation] = ()
) -> list[Conversation]:
    """The conversations of the bundle, each traffic once. `judged`: what the rules saw of them, the first of each capture."""
    told = {path for path, of in report.same_traffic}
    clocks = {f.path: f.clock for f in report.files}
    known: dict[tuple[str, int], list[Conversation]] = {}
    for one in judged:
        known.setdefault((one.file, one.segment), []).append(one)
    found: list[Conversation] = []
    for file in sorted(files, key=lambda f: f.path):
        captures = [f for f in file.result.located(file.path) if isinstance(f, Capture)] if file.result else []
        for capture in captures:
            if file.path not in told:
                seen = known.get((capture.file, capture.segment), []) if not capture.is_text else []
                info = clocks[file.path]
                clock = None
                if info:
                    offset_ns = info.offset_ns or 0
                    clock = Clock(file=file.path, zone=info.zone, source=info.source, day=info.day, offset_ns=offset_ns)
                found += seen
                found += captured_conversations(tables, capture, clock, first=len(seen))
    return found
