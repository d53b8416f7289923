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
from runs.analysis.local import conversations
from runs.analysis.pipeline import BundleFile, conclude, parse
from runs.analysis.report import Report
from runs.analysis.report_json import to_json
from runs.analysis.source import Source

BUNDLES = Path(__file__).parent.parent / "bundles"
NAMES = sorted(p.name for p in BUNDLES.iterdir() if p.is_dir())
BROKEN, HEALTHY = NAMES[0], NAMES[1]
Part = tuple[BundleFile, dict[str, Table]]
_SHIFTED = {"ts_ns", "start_ns", "end_ns", "wall_ns", "first_ns", "last_ns", "first_wall_ns", "last_wall_ns"}


def parsed_bytes(path: str, data: bytes) -> Part:
    """One file, from bytes."""
    result, tables = parse(Source(None, path, data=data))
    return BundleFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), result=result), tables


@cache
def parsed(name: str) -> tuple[Part, ...]:
    """All files of a bundle."""
    folder = BUNDLES / name
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
    facts = [_fact(fact, by_ns) for fact in file.result.located("")]
    raw = tuple(msgspec.Raw(encode_facts([fact])[1:-1]) for fact in facts)
    result = msgspec.structs.replace(file.result, facts=raw)
    return msgspec.structs.replace(file, result=result), {name: _table(table, by_ns) for name, table in tables.items()}


def _fact(fact: Fact, by_ns: int) -> Fact:
    changed: dict[str, Any] = {}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, Stamp) and value.has_date:
            changed[name] = msgspec.structs.replace(value, wall_ns=value.wall_ns + by_ns)
        elif name in _SHIFTED and value is not None and getattr(fact, "has_date", True):
            changed[name] = value + by_ns
    return msgspec.structs.replace(fact, **changed)


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
