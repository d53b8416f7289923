"""What the texts of tcpdump and of tshark have in common: times in order, commands, problems, dumps, and the Capture they make."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from runs.analysis.columns import Table
from runs.analysis.domain.shell import Prompt
from runs.analysis.domain.tcpdump_dumps import Dumped, read_dumps
from runs.analysis.domain.tcpdump_times import Clock
from runs.analysis.facts.base import Fact
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import Message
from runs.analysis.packets.dumps import Dumps
from runs.analysis.packets.rows import PacketRow, tables_from_rows
from runs.analysis.registry import Problem

MAX_PACKETS = 5_000_000
MAX_NOTED = 1_000


@dataclass
class PacketText:
    """Collected while a text is read; times are ns of the text's own clock face."""

    clock: Clock = field(default_factory=Clock)
    dumps: Dumps = field(default_factory=Dumps)
    commands: list[Fact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    host: str | None = None
    count: int = 0
    first: int | None = None
    last: int | None = None
    latest: int | None = None
    in_order: bool = True

    def time(self, ts_ns: int | None) -> int:
        """Take the time of the next packet over; without one it has that of the packet before."""
        if ts_ns is None:
            return self.latest or 0
        if self.first is None or self.last is None or self.latest is None:
            self.first = self.last = ts_ns
        elif ts_ns < self.latest:
            self.in_order = False
            self.first = min(self.first, ts_ns)
        elif ts_ns > self.last:
            self.last = ts_ns
        self.latest = ts_ns
        return ts_ns

    def typed(self, prompt: Prompt, line: int) -> None:
        """A prompt stands on this line."""
        self.host = self.host or prompt.host
        if prompt.command and len(self.commands) < MAX_NOTED:
            self.commands.append(ShellCommand(text=prompt.command, line=line, host=prompt.host))

    def not_read(self, said: Message, text: str, line: int, *, lost: bool) -> None:
        """This line looks like a packet and is none that we read."""
        if len(self.problems) < MAX_NOTED:
            self.problems.append(Problem(said(text=text[:100]), line=line, lost=lost))

    def tables(self, rows: Iterable[PacketRow]) -> tuple[dict[str, Table], Dumped | None]:
        """The tables of the rows, or of the bytes where every packet was dumped."""
        tables = dict(tables_from_rows(rows))
        dumped = read_dumps(self.dumps, tables)
        if isinstance(dumped, Problem):
            self.problems.append(dumped)
        return (dumped.tables, dumped) if isinstance(dumped, Dumped) else (tables, None)

    def on_lines(self, facts: Iterable[Fact], packets: Table) -> list[Fact]:
        """The facts of packets, with the lines of those that are cited by one."""
        lines = packets["line"]
        return [
            msgspec.structs.replace(
                fact,
                line=int(lines[fact.frame - 1]) if 1 <= fact.frame <= len(lines) else 0,
                quoted_line=int(lines[fact.quoted_frame - 1]) if 1 <= fact.quoted_frame <= len(lines) else 0,
            )
            if isinstance(fact, IcmpError)
            else fact
            for fact in facts
        ]

    def capture(self, format: str, dumped: Dumped | None) -> list[Fact]:
        """The Capture; none of a text without packets."""
        if not self.count:
            return []
        clock = self.clock
        capture = Capture(
            host=self.host,
            format=format,
            resolution_ns=clock.precision_ns,
            frame_count=self.count,
            first_ns=self.first,
            last_ns=self.last,
            in_order=self.in_order,
            zone=clock.zone,
            has_date=clock.has_date,
            relative=clock.relative,
            interfaces=(dumped.interface,) if dumped else (),
            truncated_count=dumped.truncated_count if dumped else 0,
        )
        return [capture]
