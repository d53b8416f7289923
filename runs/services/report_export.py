"""A stored run's report as the JSON object of docs/report-schema.md, secrets masked."""

from typing import Any

import msgspec

from runs.analysis.local import conversations
from runs.analysis.report_json import to_json
from runs.models import Run
from runs.services.conclude import bundle_file
from runs.services.masking import masker
from runs.services.reports import StoredTables, load_report


def report_json(run: Run, lang: str) -> bytes | None:
    """UTF-8; None before the first conclusion."""
    report = load_report(run)
    if report is None:
        return None
    files = list(run.files.all())
    listed = conversations([bundle_file(file) for file in files], StoredTables(files), report)
    made = msgspec.json.decode(to_json(report, listed, lang))
    return msgspec.json.format(msgspec.json.encode(_masked(made)), indent=1)


def _masked(value: Any) -> Any:
    """The value with every text in it masked; keys are ours."""
    if isinstance(value, str):
        return "\n".join(masker().mask_lines(value.split("\n")))
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
