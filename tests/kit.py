"""Cases in few lines: conversations written step by step, facts with their defaults, and the real correlators and rules over them.

run = Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin())
found = run.found("response_missing")
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from runs.analysis import registry
from runs.analysis.case import Case, CaseFile, MemoryTables, Overrides
from runs.analysis.columns import Table
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.capture import Capture, CaptureInterface, CaptureStatistics
from runs.analysis.facts.http import ConnectTry, CurlAttempt
from runs.analysis.facts.log import LEVELS, Log, LogTemplate
from runs.analysis.judge import Answer, ask, build_report
from runs.analysis.messages import Text, render
from runs.analysis.packets.rows import PacketRow, tables_from_rows
from runs.analysis.packets.schema import ACK, APPLICATIONS, FIN, PSH, RST, SYN
from runs.analysis.pipeline import correlate
from runs.analysis.report import Excluded, Found, NotEvaluable, Report, Statement

MS, SECOND = 1_000_000, 1_000_000_000
T0 = 1_930_000_000 * SECOND  # 2031-02-27T23:06:40Z
CLIENT, SERVER = "192.0.2.77", "198.51.100.9"
CLIENT6, SERVER6 = "2001:db8:7::77", "2001:db8:9::9"
_CODES = {words: code for code, words in APPLICATIONS.items()}


class Talk:
    """A TCP conversation, step by step. Every step takes `rtt_ms` / 2; `waits` passes time."""

    def __init__(
        self,
        server: str = SERVER,
        port: int = 8443,
        *,
        client: str | None = None,
        client_port: int = 51515,
        at_s: float = 0,
        rtt_ms: float = 20,
        asks: str | None = "HTTP request",
    ) -> None:
        self.client, self.server = client or (CLIENT6 if ":" in server else CLIENT), server
        self.client_port, self.port, self.asks = client_port, port, asks
        self.now, self.half = T0 + int(at_s * SECOND), int(rtt_ms * MS) // 2
        self.rows: list[PacketRow] = []
        self.next = {True: 1_000_000_007, False: 3_500_000_011}  # sequence numbers, by 'from the client'

    def _send(self, client: bool, flags: int, length: int = 0, sequence: int | None = None) -> "Talk":
        self.now += self.half
        source, destination = (self.client, self.client_port), (self.server, self.port)
        if not client:
            source, destination = destination, source
        own = self.next[client] if sequence is None else sequence
        self.rows.append(
            PacketRow(
                ts_ns=self.now,
                source=source[0],
                destination=destination[0],
                source_port=source[1],
                destination_port=destination[1],
                protocol="tcp",
                tcp_flags=flags,
                sequence=own & 0xFFFFFFFF,
                acknowledgment=self.next[not client] & 0xFFFFFFFF if flags & ACK else None,
                window=64_240,
                window_scale=7 if flags & SYN else None,
                payload_length=length,
                ttl=57,
                ip_id=None,
                line=0,
            )
        )
        if sequence is None:
            self.next[client] += length + bool(flags & (SYN | FIN))
        return self

    def syn(self) -> "Talk":
        return self._send(True, SYN)

    def syn_again(self) -> "Talk":
        return self._send(True, SYN, sequence=self.next[True] - 1)

    def syn_ack(self) -> "Talk":
        return self._send(False, SYN | ACK)

    def ack(self, client: bool = True) -> "Talk":
        return self._send(client, ACK)

    def opens(self) -> "Talk":
        return self.syn().syn_ack().ack()

    def request(self, length: int = 120) -> "Talk":
        return self._send(True, PSH | ACK, length)

    def acked(self) -> "Talk":
        return self.ack(client=False)

    def answer(self, length: int = 300) -> "Talk":
        return self._send(False, PSH | ACK, length).ack()

    def keep_alive(self, client: bool = False, length: int = 0) -> "Talk":
        """A probe and its answer."""
        return self._send(client, ACK, length, self.next[client] - 1).ack(not client)

    def fin(self, client: bool = True) -> "Talk":
        return self._send(client, FIN | ACK)

    def rst(self, client: bool = False) -> "Talk":
        return self._send(client, RST | ACK)

    def closes(self) -> "Talk":
        """Both ends send FIN, the client first."""
        return self.fin().fin(client=False).ack()

    def waits(self, seconds: float) -> "Talk":
        self.now += int(seconds * SECOND)
        return self


class Run:
    """A run under construction: every method returns it; `ask`, `found`, `excluded`, `unknown` judge it."""

    def __init__(self, name: str = "run", timezone: str | None = "Z") -> None:
        self.name, self.overrides = name, Overrides(timezone=timezone)
        self.files: dict[str, CaseFile] = {}
        self.facts: list[Fact] = []
        self.tables = MemoryTables()

    def add(self, path: str, *facts: Fact, kind: str = "note") -> "Run":
        """A file with facts in it."""
        self.files.setdefault(path, CaseFile(path=path, size_bytes=1, sha256="0" * 64, kind=kind, state="parsed"))
        self.facts += [msgspec.structs.replace(fact, file=path) for fact in facts]
        return self

    def capture(self, path: str, *talks: Talk, text: bool = False, **fields: Any) -> "Run":
        """A capture of the talks, by time; as tcpdump's text its packet n stands in line 2n + 1."""
        rows = sorted((row for talk in talks for row in talk.rows), key=lambda row: row.ts_ns)
        tables = tables_from_rows(row._replace(line=2 * n + 1) for n, row in enumerate(rows, 1))
        if not text:
            packets = tables["packets"]
            tables["packets"] = Table({name: packets[name] for name in packets if name != "line"}, packets.meta)
            asks = {(t.client_port, t.port): _CODES[t.asks] for t in talks if t.asks}
            codes = [asks.get((int(a), int(b)), 0) for a, b in tables["conversations"]["ports"]]
            spoke = (tables["conversations"]["payload_bytes"] > 0).any(axis=1)
            columns: dict[str, Any] = {
                **tables["conversations"].columns,
                "application": np.where(spoke, np.array(codes, np.uint8), 0),
            }
            tables["conversations"] = Table(columns, tables["conversations"].meta)
        self.tables.add(path, tables)
        capture = Capture(
            format="tcpdump text" if text else "pcap",
            interfaces=() if text else (CaptureInterface(linktype=1, snaplen=262_144),),
            frame_count=len(rows),
            first_ns=rows[0].ts_ns if rows else None,
            last_ns=rows[-1].ts_ns if rows else None,
        )
        kind = "tcpdump_text" if text else "capture"
        return self.add(path, msgspec.structs.replace(capture, **fields), kind=kind)

    def curl(self, path: str, *tries: ConnectTry, **fields: Any) -> "Run":
        """A log of curl; see `tried`, and `timed_out` / `answered` for its end."""
        return self.add(path, CurlAttempt(tries=tries, **fields), kind="curl_log")

    def statistics(self, path: str, captured: int, received: int | None = None, dropped: int | None = 0, **more: Any) -> "Run":
        """tcpdump's last lines: captured in line 2, received in 3, dropped in 4."""
        said = CaptureStatistics(
            captured=captured,
            captured_line=2,
            received_by_filter=captured if received is None else received,
            received_line=3,
            dropped_by_kernel=dropped,
            dropped_line=4,
            **more,
        )
        return self.add(path, said, kind="tcpdump_statistics")

    def log(self, path: str, *entries: tuple[float, str, str], stated: bool = True, has_date: bool = True) -> "Run":
        """A daemon's log: (seconds after T0, level, text) a line."""
        texts = list(dict.fromkeys(text for _, _, text in entries))
        wall = [T0 + int(s * SECOND) for s, _, _ in entries]
        if not has_date:
            wall = [ns % (86_400 * SECOND) for ns in wall]
        templates = []
        for text in texts:
            lines = tuple(n for n, e in enumerate(entries, 1) if e[2] == text)
            level = max((e[1] for e in entries if e[2] == text), key=LEVELS.index)
            templates.append(LogTemplate(text=text, count=len(lines), level=level, lines=lines[:20]))
        events: dict[str, Any] = {
            "wall_ns": np.array(wall, np.int64),
            "line": np.arange(1, len(entries) + 1, dtype=np.uint32),
            "level": np.array([LEVELS.index(level) for _, level, _ in entries], np.uint8),
            "template": np.array([texts.index(text) for _, _, text in entries], np.uint32),
        }
        self.tables.add(path, {"events": Table(events, {"has_date": has_date})})
        levels = {level: sum(1 for e in entries if e[1] == level) for _, level, _ in entries}
        log = Log(
            program="daemon",
            entries=len(entries),
            levels=levels,
            templates=tuple(templates),
            last_line=max(1, len(entries)),
            first_wall_ns=wall[0] if wall else None,
            last_wall_ns=wall[-1] if wall else None,
            zone="Z",
            has_date=has_date,
            levels_stated=stated,
        )
        return self.add(path, log, kind="syslog")

    def case(self) -> Case:
        """The run with all facts joined; a correlator that crashes fails the test."""
        ordered = [self.files[path] for path in sorted(self.files)]
        facts = sorted(self.facts, key=lambda fact: fact.file)
        case = Case(self.name, ordered, facts, self.tables, self.overrides)
        assert correlate(case) == {}
        return case

    def ask(self, rule: str) -> list[Answer]:
        """A rule's answers; a crash fails the test."""
        answers = ask(registry.rules()[rule], self.case())
        assert not [a for a in answers if isinstance(a, Text)], answers
        return answers

    def found(self, rule: str) -> list[Found]:
        return [a for a in self.ask(rule) if isinstance(a, Found)]

    def excluded(self, rule: str) -> list[Statement]:
        return [s for a in self.ask(rule) if isinstance(a, Excluded) for s in a.statements]

    def unknown(self, rule: str) -> list[NotEvaluable]:
        return [a for a in self.ask(rule) if isinstance(a, NotEvaluable)]

    def report(self) -> Report:
        return build_report(self.case(), {})


def tried(address: str = SERVER, port: int = 8443, line: int = 3, *, error: str | None = None) -> ConnectTry:
    """One address that curl tried; its result stands in the next line."""
    return ConnectTry(endpoint=Endpoint(address, port), line=line, connected=error is None, result_line=line + 1, error=error)


def timed_out(seconds: float, line: int = 15, *, requested: int | None = 120, phase: str = "first_byte") -> dict[str, Any]:
    """curl's fields of an end by its own time-out, (28)."""
    ms = int(seconds * 1000)
    fields: dict[str, Any] = {"exit_code": 28, "error": f"Operation timed out after {ms} milliseconds", "error_line": line}
    fields |= {"timeout_ms": ms, "elapsed_ns": ms * MS, "received_bytes": 0, "phase": phase}
    return fields | ({"request_line": 7, "request_end_line": 11, "request_bytes": requested} if requested else {})


def answered(status: int = 200, line: int = 13, *, requested: int = 120, body: int = 180) -> dict[str, Any]:
    """curl's fields of a transfer that got its answer."""
    fields: dict[str, Any] = {"request_line": 7, "request_end_line": 11, "request_bytes": requested, "phase": "complete"}
    return fields | {"status": status, "status_line": line, "received_bytes": body, "exit_code": 0, "scheme": "http"}


def places(statements: Sequence[Statement]) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """All that statements cite: {file: (frames, lines)}."""
    gathered: dict[str, tuple[set[int], set[int]]] = {}
    for citation in (c for s in statements for c in s.citations):
        frames, lines = gathered.setdefault(citation.file, (set(), set()))
        frames.update(citation.frames)
        lines.update(citation.lines)
    return {file: (tuple(sorted(f)), tuple(sorted(n))) for file, (f, n) in gathered.items()}


def english(text: Text) -> str:
    """The words, no-break spaces as spaces."""
    return render(text).replace("\N{NO-BREAK SPACE}", " ")
