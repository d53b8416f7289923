"""The recorded bundles, parsed once, and ways to change what was parsed."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from runs.analysis.case import MemoryTables
from runs.analysis.columns import Table
from runs.analysis.facts import Fact, encode_facts
from runs.analysis.facts.base import Stamp
from runs.analysis.facts.capture import Capture
from runs.analysis.local import conversations
from runs.analysis.pipeline import BundleFile, conclude, parse
from runs.analysis.report import Report
from runs.analysis.report_json import to_json
from runs.analysis.source import Source

BUNDLES = Path(__file__).parent.parent / "bundles"
OTHERS = Path(__file__).parent.parent / "fixtures" / "bundles"
NAMES = sorted(p.name for p in BUNDLES.iterdir() if p.is_dir())
EVERY = {p.name: p for folder in (BUNDLES, OTHERS) for p in sorted(folder.iterdir()) if p.is_dir()}
BROKEN, HEALTHY = "20261120Tnetdiag3", "20261120Tnetdiag4"
Part = tuple[BundleFile, dict[str, Table]]
_SHIFTED = {"ts_ns", "start_ns", "end_ns", "wall_ns", "first_ns", "last_ns", "first_wall_ns", "last_wall_ns",
            "query_ns", "response_ns", "request_ns"}  # fmt: skip


def parsed_bytes(path: str, data: bytes) -> Part:
    """One file, from bytes."""
    result, tables = parse(Source(None, path, data=data))
    return BundleFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), result=result), tables


@cache
def parsed(name: str) -> tuple[Part, ...]:
    """All files of a bundle."""
    folder = EVERY[name]
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    assert files
    return tuple(parsed_bytes(str(p.relative_to(folder)), p.read_bytes()) for p in files)


def judged(name: str, parts: Iterable[Part]) -> tuple[Report, dict[str, Any]]:
    """The report of some files, and its JSON object in English."""
    files, tables = [], MemoryTables()
    for file, own in parts:
        files.append(file)
        tables.add(file.path, own)
    report = conclude(name, files, tables)
    return report, msgspec.json.decode(to_json(report, conversations(files, tables, report)))


def shifted(part: Part, by_ns: int) -> Part:
    """The same evidence, taken so much later: every time with a date moves."""
    file, tables = part
    assert file.result is not None
    located = file.result.located("")
    undated = {fact.segment for fact in located if isinstance(fact, Capture) and not fact.has_date}
    facts: list[Fact] = [_moved(fact, by_ns, fact.segment not in undated) for fact in located]
    raw = tuple(msgspec.Raw(encode_facts([fact])[1:-1]) for fact in facts)
    result = msgspec.structs.replace(file.result, facts=raw)
    return msgspec.structs.replace(file, result=result), {name: _table(table, by_ns) for name, table in tables.items()}


def _moved(value: Any, by_ns: int, dated: bool) -> Any:
    """A fact, or a part of it: every stamp with a date and every absolute time later by so much."""
    if isinstance(value, tuple):
        return tuple(_moved(one, by_ns, dated) for one in value)
    if isinstance(value, Stamp):
        return msgspec.structs.replace(value, wall_ns=value.wall_ns + by_ns) if value.has_date else value
    if not isinstance(value, msgspec.Struct):
        return value
    dated = dated and getattr(value, "has_date", True)
    changed: dict[str, Any] = {}
    for name in value.__struct_fields__:
        own = getattr(value, name)
        if name in _SHIFTED and own is not None:
            changed[name] = own + by_ns if dated else own
        else:
            changed[name] = _moved(own, by_ns, dated)
    return msgspec.structs.replace(value, **changed)


def _table(table: Table, by_ns: int) -> Table:
    if not table.meta.get("has_date", True):
        return table
    columns = {name: np.asarray(table[name]) + by_ns if name in _SHIFTED else table[name] for name in table}
    return Table(columns, table.meta)


def frames_end(capture: bytes, count: int) -> int:
    """Where the first `count` frames of a little-endian pcap file end, in bytes; of all where it holds fewer."""
    at = 24
    for _ in range(count):
        if at + 16 > len(capture):
            break
        at += 16 + int.from_bytes(capture[at + 8 : at + 12], "little")
    return min(at, len(capture))
