"""Reading what an analysis gave: the report of a run, and the tables behind it."""

from collections.abc import Iterable

import msgspec

from runs.analysis.columns import Table
from runs.analysis.report import Report
from runs.models import EvidenceFile, Run, RunReport
from runs.services import storage


class StoredTables:
    """The tables of a run's files, opened from the storage when asked for: see `runs.analysis.case.Tables`."""

    def __init__(self, files: Iterable[EvidenceFile]) -> None:
        self._artefacts = {file.path: file.artefact for file in files}
        self._open: dict[tuple[str, str], Table | None] = {}

    def table(self, path: str, name: str) -> Table | None:
        """The table of that name of the file, memory-mapped; None where there is none."""
        key = (path, name)
        if key not in self._open:
            self._open[key] = storage.open_table(self._artefacts.get(path, ""), name)
        return self._open[key]


def load_report(run: Run) -> Report | None:
    """The run's newest report under its present label; None before the first conclusion.

    After inputs changed it is the report of the inputs before, until the new one is there.
    """
    body = RunReport.objects.filter(run=run).values_list("body", flat=True).first()
    if body is None:
        return None
    return msgspec.structs.replace(msgspec.json.decode(bytes(body), type=Report), run_id=run.label)


def tables_of(run: Run) -> StoredTables:
    """The tables of all files of the run."""
    return StoredTables(run.files.only("path", "artefact"))


def files_by_path(run: Run) -> dict[str, EvidenceFile]:
    """The run's files by their path: what citations are linked with."""
    return {file.path: file for file in run.files.all()}


def file_of(run: Run, path: str) -> EvidenceFile | None:
    """The run's file of that path."""
    return run.files.filter(path=path).first()
