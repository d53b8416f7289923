"""Read a capture: from a file's bytes to the tables of packets, conversations and addresses, and what the file says of itself."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.facts.capture import Capture
from runs.analysis.packets.addresses import Addresses
from runs.analysis.packets.flows import follow_all
from runs.analysis.packets.headers import decode
from runs.analysis.packets.jit import Engine
from runs.analysis.packets.link import LINKTYPE_NAMES
from runs.analysis.packets.pairs import Pairs, pair_frames
from runs.analysis.packets.pcap import PcapReader, is_pcap, read_header
from runs.analysis.packets.pcapng import PcapngReader
from runs.analysis.packets.problems import (
    BAD_COMPRESSION,
    BAD_TIME,
    CUT_RECORD,
    MALFORMED,
    OUT_OF_ORDER_TIMES,
    TOO_MANY_CONVERSATIONS,
    TOO_MANY_FRAMES,
    TRAILING_ARCHIVE,
    UNKNOWN_LINKTYPE,
    Notes,
    make_notes,
    problems_of,
)  # fmt: skip
from runs.analysis.packets.schema import CONVERSATION_DTYPE, IS_MALFORMED, PACKETS
from runs.analysis.packets.states import connection_states
from runs.analysis.packets.store import Store
from runs.analysis.packets.stream import ByteSource, open_bytes
from runs.analysis.registry import Problem

STEP_NS = 1_000_000_000  # interfaces and processors hand their frames over slightly out of order: not worth a word
YEAR_NS = 365 * 86_400 * 1_000_000_000
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"


@dataclass(frozen=True)
class Budget:
    """How much of a capture is read: memory is about 150 bytes a frame and 400 a conversation."""

    frames: int = 10_000_000
    conversations: int = 1_000_000


@dataclass(frozen=True)
class CaptureRead:
    """A capture, read. Tables: schema.py."""

    capture: Capture
    packets: Table
    conversations: Table
    addresses: Table
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by the names under which they are kept."""
        return {"packets": self.packets, "conversations": self.conversations, "addresses": self.addresses}


def is_capture(head: bytes) -> bool:
    """Whether (decompressed) bytes begin a pcap or pcapng file."""
    return is_pcap(head) or head.startswith(PCAPNG_MAGIC)


def headless_pcapng(head: bytes) -> bool:
    """Whether bytes begin with a pcapng interface description whose section header is missing."""
    for order in ("<", ">"):
        if len(head) >= 20:
            kind, length = struct.unpack_from(order + "II", head)
            if kind == 1 and 20 <= length <= len(head) and length % 4 == 0:
                return bool(struct.unpack_from(order + "I", head, length - 4)[0] == length)
    return False


def read_capture(origin: Path | bytes, budget: Budget | None = None) -> CaptureRead:
    """Read a pcap or pcapng file, or its bytes, compressed or not. What is damaged is told in `problems`, each with its offset.

    Raises ValueError where the file does not begin like a capture, OSError where it cannot be read.
    """
    budget = budget or Budget()
    size_bytes = len(origin) if isinstance(origin, bytes) else origin.stat().st_size
    with open_bytes(origin) as source:
        engine = Engine(size_bytes * (1 if source.compression is None else 8))
        notes = make_notes()
        reader = _reader(source, engine, notes)
        if isinstance(reader, Problem):
            return _without_header(source, reader)
        addresses, pairs = Addresses(), Pairs(budget.conversations, engine.records)
        store = _read_frames(reader, engine, addresses, pairs, budget, source)
        problems = [*reader.problems, *problems_of(notes)]
        if source.damage is not None:
            problems.append(Problem(BAD_COMPRESSION(compression=source.compression), offset=source.damage, lost=True))
        if len(pairs) >= budget.conversations:
            problems.append(Problem(TOO_MANY_CONVERSATIONS(most=budget.conversations), lost=True))
        unknown = sorted({i.linktype for i in reader.interfaces if i.linktype not in LINKTYPE_NAMES})
        problems += [Problem(UNKNOWN_LINKTYPE(linktype=linktype)) for linktype in unknown]
        columns = store.finish()
        packets, conversations = tables_of(columns, pairs, engine)
        first_ns, last_ns, time_problems = _times(packets["ts_ns"])
        truncated = int(np.count_nonzero(packets["captured_length"] < packets["original_length"]))
        malformed = np.flatnonzero(packets["flags"] & IS_MALFORMED) if "flags" in packets else np.empty(0, np.int64)
        if len(malformed):
            problems.append(Problem(MALFORMED(n=len(malformed)), frame=int(malformed[0]) + 1))
        capture = Capture(
            format=reader.format, byte_order=reader.byte_order, compression=source.compression,
            resolution_ns=reader.resolution_ns, interfaces=tuple(reader.interfaces), frame_count=len(packets),
            truncated_count=truncated, first_ns=first_ns, last_ns=last_ns,
            in_order=bool((np.diff(packets["ts_ns"]) >= 0).all()), comments=reader.comments, names=reader.names,
        )  # fmt: skip
    counts = {"frames": len(packets), "truncated_frames": truncated, "conversations": len(conversations)}
    if len(malformed):
        counts["malformed_frames"] = len(malformed)
    return CaptureRead(capture, packets, conversations, addresses.table(), tuple(problems + time_problems), counts)


def _reader(source: ByteSource, engine: Engine, notes: Notes) -> PcapReader | PcapngReader | Problem:
    head = source.window(0, 64).data[:64].tobytes()
    if is_pcap(head):
        header = read_header(head)
        return (
            Problem(CUT_RECORD(n=len(head)), offset=0, lost=True) if header is None else PcapReader(source, header, engine, notes)
        )
    if head.startswith(PCAPNG_MAGIC):
        return PcapngReader(source, engine, notes)
    raise ValueError("not a capture")


def _without_header(source: ByteSource, problem: Problem) -> CaptureRead:
    """A capture that ends inside its file header."""
    packets, conversations = tables_of(Store().finish(), Pairs(0, lambda rows: rows), Engine(0))
    capture = Capture(format="pcap", compression=source.compression)
    return CaptureRead(capture, packets, conversations, Addresses().table(), (problem,), {"frames": 0, "truncated_frames": 0})


def _read_frames(
    reader: PcapReader | PcapngReader, engine: Engine, addresses: Addresses, pairs: Pairs, budget: Budget, source: ByteSource
) -> Store:
    """Walk, decode and pair all frames, a batch at a time."""
    store = Store((source.size or 1 << 20) // 24 + 1)
    walk_headers, find_pairs = engine(decode), engine(pair_frames)
    while not reader.is_done:
        columns, start, stop = store.room()
        rows = reader.fill(columns, start, stop, store.rows)
        if rows:
            addresses.make_room(4 * rows)
            pairs.make_room(3 * rows)
            linktypes = np.array([i.linktype for i in reader.interfaces], np.int64)
            window = reader.window
            walk_headers(engine.view(window.data), window.base, columns, start, start + rows, linktypes, addresses.book)
            find_pairs(columns, start, start + rows, pairs.book)
            store.take(rows)
        if store.rows >= budget.frames and not reader.is_done:
            reader.problems.append(Problem(TOO_MANY_FRAMES(most=budget.frames), frame=store.rows, lost=True))
            break
    if reader.problems and _is_zip_behind(reader.problems[-1], source):
        reader.problems[-1] = Problem(TRAILING_ARCHIVE(), offset=reader.problems[-1].offset)
    return store


def _is_zip_behind(problem: Problem, source: ByteSource) -> bool:
    """Whether a zip archive begins where the records end."""
    if problem.offset is None:
        return False
    window = source.window(problem.offset, 4)
    return window.data[problem.offset - window.base :][:4].tobytes() == b"PK\x03\x04"


def tables_of(columns: dict[str, Array], pairs: Pairs, engine: Engine) -> tuple[Table, Table]:
    """The `packets` and `conversations` tables of columns whose frames have their pairs."""
    added, flows = follow_all(columns, pairs, engine)
    columns = {**columns, **added}
    kept = {
        name: columns[name] for name, about in PACKETS.items() if not about.optional or _is_needed(columns[name], about.default)
    }
    states = connection_states(flows)
    conversations = {name: np.ascontiguousarray(flows[name]) for name in CONVERSATION_DTYPE.names or ()}
    return Table(kept), Table({**conversations, "state": states})


def _is_needed(column: Array, default: int) -> bool:
    return bool((column != default).any())


def _times(ts_ns: Array) -> tuple[int | None, int | None, list[Problem]]:
    """(first, last, problems): the earliest and latest time, without those that lie years from the others."""
    if not len(ts_ns):
        return None, None, []
    problems, times = [], ts_ns
    if int(ts_ns.max()) - int(ts_ns.min()) > YEAR_NS:
        far = np.abs(ts_ns - int(np.median(ts_ns[ts_ns > 0])) if (ts_ns > 0).any() else ts_ns) > YEAR_NS
        if far.any() and not far.all():
            problems.append(Problem(BAD_TIME(n=int(far.sum())), frame=int(np.flatnonzero(far)[0]) + 1))
            times = ts_ns[~far]
    back = np.flatnonzero(np.diff(ts_ns) < -STEP_NS)
    if len(back):
        problems.append(Problem(OUT_OF_ORDER_TIMES(n=len(back)), frame=int(back[0]) + 2))
    return int(times.min()), int(times.max()), problems
