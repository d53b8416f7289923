"""Golden documents: tests/fixtures/documents/<name>.txt, read as a file of a run is, pasted evidence included, and <name>.json.

They have the shapes of what people hand in: a work log, slides, an article. `python -m tests.parsers.documents` writes the JSON anew;
read the difference before you commit it.
"""

import json
from pathlib import Path
from typing import Any

from runs.analysis import pipeline
from runs.analysis.packets.schema import column
from runs.analysis.source import Source

DOCUMENTS = Path(__file__).parent.parent / "fixtures" / "documents"
PACKETS = (
    "line",
    "ts_ns",
    "source_port",
    "destination_port",
    "protocol",
    "tcp_flags",
    "sequence",
    "acknowledgment",
    "payload_length",
)


def documents() -> list[Path]:
    """All documents, by name."""
    return sorted(DOCUMENTS.glob("*.txt"))


def outcome(path: Path) -> dict[str, Any]:
    """What the whole reading makes of a document, as JSON values."""
    result, tables = pipeline.parse(Source(path, path.name))
    packets = {name: table for name, table in tables.items() if name.startswith("packets")}
    return {
        "kind": result.kind,
        "state": result.state,
        "problems": [problem.line for problem in result.problems],
        "segments": [[one.kind, *one.lines, one.host, one.command] for one in result.segments],
        "facts": [_without_defaults(json.loads(bytes(raw))) for raw in result.facts],
        "packets": {
            name: list(zip(*(column(table, c).tolist() for c in PACKETS), strict=True)) for name, table in sorted(packets.items())
        },
    }


def _without_defaults(fact: Any) -> Any:
    if isinstance(fact, dict):
        return {key: _without_defaults(value) for key, value in fact.items() if value not in (None, [], {}, "", False)}
    return [_without_defaults(one) for one in fact] if isinstance(fact, list) else fact


def written(path: Path) -> str:
    """The text of the JSON file."""
    return json.dumps(outcome(path), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    for document in documents():
        document.with_suffix(".json").write_text(written(document), "utf-8")
