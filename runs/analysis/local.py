"""The whole analysis of a path on this machine: no database, no queue, no network."""

from pathlib import Path

import msgspec

from runs.analysis.bundle.limits import Limits
from runs.analysis.bundle.local import LocalBundle, local_files
from runs.analysis.case import MemoryTables
from runs.analysis.facts.conversation import Conversation
from runs.analysis.pipeline import BundleFile, conclude_and_list, parse
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
    report, conversations = conclude_and_list(bundle.name, files, tables, tuple(bundle.problems))
    return Analysis(report, conversations)
