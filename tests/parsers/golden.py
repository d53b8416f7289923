"""Golden cases of the parsers: tests/fixtures/parsers/<kind>/<case>.txt, and <case>.json with what it must give.

`python -m tests.parsers.golden` writes the JSON files anew; read the difference before you commit it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from runs.analysis import registry
from runs.analysis.facts import encode_facts
from runs.analysis.messages import render
from runs.analysis.source import Source

FIXTURES = Path(__file__).parent.parent / "fixtures" / "parsers"
MOST_ROWS = 60
# A table of packets has some forty columns: these are what a parser of text decides itself.
SHOWN = {
    "packets": ("ts_ns", "line", "source", "destination", "source_port", "destination_port", "protocol", "tcp_flags", "sequence",
                "acknowledgment", "window", "payload_length", "ttl", "ip_id", "icmp_type", "icmp_code"),
    "conversations": ("protocol", "ports", "first_frame", "last_frame", "payload_bytes", "state", "completeness"),
}  # fmt: skip


class GoldenCase(NamedTuple):
    """A text and the file that says what it gives."""

    kind: str
    text: Path
    expected: Path

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.text.stem}"


def cases() -> Iterator[GoldenCase]:
    """All cases, by kind and name."""
    for text in sorted(FIXTURES.glob("*/*.txt")):
        yield GoldenCase(text.parent.name, text, text.with_suffix(".json"))


def outcome(case: GoldenCase) -> dict[str, Any]:
    """What the parsers make of a case, as JSON values."""
    source = Source(case.text, case.text.name)
    claims = {kind: reason for kind, parser in registry.parsers().items() if (reason := parser.detect(source, case.text.name))}
    best = max(claims.values(), key=lambda reason: reason.strength, default=None)
    winners = sorted(kind for kind, reason in claims.items() if best and reason.strength == best.strength)
    parsed = registry.parsers()[case.kind].parse(source)
    return {
        "encoding": source.codec,
        "taken_by": winners,
        "because_line": claims[case.kind].line if case.kind in claims else None,
        "counts": dict(parsed.counts),
        "problems": [{"line": p.line, "message": render(p.message), "lost": p.lost} for p in parsed.problems],
        "facts": [_without_defaults(fact) for fact in json.loads(encode_facts(parsed.facts))],
        "segments": [
            {"lines": [s.first_line, s.last_line], "host": s.host, "command": s.command, "text": s.text[:200]}
            for s in parsed.segments
        ],
        "tables": {name: _table(name, table) for name, table in sorted(parsed.tables.items())},
    }


def _without_defaults(fact: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fact.items() if value not in (None, [], {}, "", False)}


def _table(name: str, table: Any) -> dict[str, Any]:
    names = [column for column in SHOWN.get(name, tuple(table)) if column in table]
    shown: dict[str, Any] = {
        "rows": len(table),
        "meta": {k: v for k, v in dict(table.meta).items() if k in ("zone", "has_date", "lanes")},
    }
    if len(table) <= MOST_ROWS and name != "addresses":
        shown["columns"] = {column: table[column].tolist() for column in names}
    return shown


def write_all() -> int:
    """Write every expected file; returns how many."""
    count = 0
    for case in cases():
        text = json.dumps(outcome(case), ensure_ascii=False, indent=1, sort_keys=True)
        case.expected.write_text(text + "\n", "utf-8")
        count += 1
    return count


if __name__ == "__main__":
    print(f"{write_all()} cases written")  # noqa: T201
