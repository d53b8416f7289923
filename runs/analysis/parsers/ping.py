"""ping of Linux, macOS and Windows, IPv4 and IPv6, whole or cut, several runs with prompts in one file.

    $ ping -c 3 192.0.2.7
    PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.
    64 bytes from 192.0.2.7: icmp_seq=1 ttl=61 time=12.3 ms
    From 192.0.2.1 icmp_seq=2 Destination Host Unreachable
    3 packets transmitted, 1 received, +1 errors, 66.6667% packet loss, time 2024ms

Yields a Ping for each run. Refuses texts in which no line is ping's.
"""

import re
from typing import Any

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import Section, program, sections
from runs.analysis.facts.base import SECOND_NS, Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import Ping, PingReply
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("ping.title", en="ping", ja="ping")
MAX_RUNS = 2_000
MAX_REPLIES = 200
_HEAD = re.compile(
    r"PING6?\s?(?:\([\d ]+.*? bytes\) )?(?P<name>[^\s()]+)\s?(?:\((?P<address>[^()\s]+)\))?(?:\s?from (?P<from>\S+)\s?(?:\S+)?\s?:)?[ :]"
    r".*?(?P<payload>\d+)(?:\(\d+\))?(?: data)? bytes|PING6\(\S+ bytes\) (?P<from6>\S+) --> (?P<to6>\S+)"
    r"|Pinging (?P<wname>\S+)(?: \[(?P<waddress>[^\]]+)\])? with (?P<wpayload>\d+) bytes"
)
_REPLY = re.compile(
    r"(?:\[(?P<epoch>\d{9,10})\.(?P<part>\d{1,9})\] |\d\d:\d\d:\d\d\.\d+ )?\d+ bytes from (?P<source>[^\s,:]+(?::[^\s,]+)*?)(?: \([^)]*\))?[:,] "
    r"(?:icmp_)?seq=(?P<seq>\d+)(?: (?:ttl|hlim)=(?P<ttl>\d+))?(?: time[=<](?P<time>[\d.]+) ?ms)?.*?(?P<dup>\(DUP!\))?\s*$"
)
_WINDOWS = re.compile(
    r"Reply from (?P<source>[^\s]+?): (?:bytes=\d+ )?(?:time[=<](?P<time>\d+)ms ?)?(?:TTL=(?P<ttl>\d+))?"
    r"(?P<error>[A-Z][a-z].*)?$"
)
_ERROR = re.compile(r"(?:\[\d+\.\d+\] )?From (?P<source>\S+?)(?: \([^)]*\))?:? icmp_seq=(?P<seq>\d+) (?P<error>.+)")
_SILENT = re.compile(
    r"(?:\[(?P<epoch>\d{9,10})\.(?P<part>\d{1,9})\] )?(?:no answer yet for icmp_seq=(?P<seq>\d+)"
    r"|Request timeout for icmp_seq (?P<mac>\d+)|Request timed out\.)"
)
_STATISTICS = re.compile(
    r"\s*(?:Packets: Sent = )?(?P<sent>\d+)(?: packets transmitted)?, (?:Received = )?(?P<received>\d+)(?: packets)?(?: received)?"
    r"(?:, \+(?P<dups>\d+) duplicates)?(?:, \+(?P<errors>\d+) errors)?(?:, Lost = \d+ \(|, )(?P<loss>[\d.]+)% (?:packet )?loss"
)
_RTT = re.compile(r"(?:rtt|round-trip) min/avg/max(?:/(?:mdev|stddev|std-dev))? = ([\d.]+)/([\d.]+)/([\d.]+)")
_FAILURE = re.compile(
    r"(?:ping6?|PING6?): (?P<text>(?:connect|sendto|sendmsg|unknown host|cannot resolve|[\w.:%-]+: (?:Name|Temporary|No address|Address)).*)"
)
_ANY = re.compile(
    r"PING6? ?[\w(]|Pinging \S+ .*with \d+ bytes|(?:\[\d+\.\d+\] )?\d+ bytes from \S+.*seq=\d+"
    r"|ping6?: (?:connect|sendto|sendmsg|unknown|cannot|\S+: )"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by ping's first line, a reply or its failure."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _ANY)
    if not found:
        return None
    return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)


class _Run:
    """One run while it is read."""

    def __init__(self, command: str | None, host: str | None, line: int) -> None:
        self.said: dict[str, Any] = {"command": command, "host": host, "target": None}
        self.replies: list[PingReply] = []
        self.first_line, self.last_line = line, line
        self.touched = False

    def read(self, line: Line) -> bool:
        """Whether the line was ping's."""
        text = line.text
        if (head := _HEAD.match(text)) is not None:
            address = head["address"] or head["waddress"] or head["to6"]
            name = head["name"] or head["wname"]
            payload = head["payload"] or head["wpayload"]
            self.said |= {"target": address or name, "name": name if address and name != address else None}
            self.said |= {"source": head["from"] or head["from6"], "payload_bytes": int(payload[:9]) if payload else None}
        elif (reply := _REPLY.match(text) or _ERROR.match(text) or _SILENT.match(text) or _WINDOWS.match(text)) is not None:
            self._reply(reply, line.number)
        elif (sums := _STATISTICS.match(text)) is not None:
            self.said |= {
                "transmitted": int(sums["sent"][:12]),
                "received": int(sums["received"][:12]),
                "statistics_line": line.number,
            }
            self.said |= {"errors": int((sums["errors"] or "0")[:12]), "duplicates": int((sums["dups"] or "0")[:12])}
            self.said["loss_percent"] = _float(sums["loss"])
        elif (rtt := _RTT.match(text)) is not None:
            for name, value in zip(("rtt_min_ns", "rtt_avg_ns", "rtt_max_ns"), rtt.groups(), strict=True):
                self.said[name] = _ms(value)
        elif (failed := _FAILURE.match(text)) is not None:
            self.said |= {"failure": failed["text"].strip()[:300], "failure_line": line.number}
        else:
            return text.startswith("---") or not text.strip()
        self.touched, self.last_line = True, line.number
        return True

    def _reply(self, match: re.Match[str], line: int) -> None:
        part = match.groupdict()
        error = (part.get("error") or "").strip() or None
        silent = match.re is _SILENT
        result = "error" if error else "no_answer" if silent else "duplicate" if part.get("dup") else "reply"
        number = part.get("seq") or part.get("mac")
        epoch = part.get("epoch")
        if len(self.replies) < MAX_REPLIES:
            self.replies.append(
                PingReply(
                    line=line,
                    sequence=int(number[:9]) if number else None,
                    result=result,  # type: ignore[arg-type]
                    source=part.get("source"),
                    ttl=int(part["ttl"][:3]) if part.get("ttl") else None,
                    rtt_ns=_ms(part["time"]) if part.get("time") else None,
                    error=error,
                    wall_ns=int(epoch) * SECOND_NS + int(part["part"].ljust(9, "0")) if epoch else None,
                )
            )

    def finish(self) -> Ping:
        """The fact; a target that no head names is the command's last word."""
        if self.said["target"] is None and self.said["command"]:
            words = [word for word in self.said["command"].split() if not word.startswith("-")]
            self.said["target"] = words[-1] if len(words) > 1 else None
        return Ping(replies=tuple(self.replies), first_line=self.first_line, last_line=self.last_line, **self.said)


def parse(source: Source) -> Parsed:
    """A Ping for each run: a run begins with a prompt or with ping's first line."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_RUNS:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if len(runs) < MAX_RUNS:
            runs += _runs(section)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], counts={"runs": len(runs)})


def _runs(section: Section) -> list[Ping]:
    command = section.command if section.command and program(section.command).startswith("ping") else None
    found: list[Ping] = []
    run: _Run | None = None
    for line in section.lines:
        if run is None or (run.touched and run.said["target"] and _HEAD.match(line.text)):
            if run is not None and run.touched:
                found.append(run.finish())
            run = _Run(command, section.host, line.number)
        run.read(line)
    if run is not None and run.touched:
        found.append(run.finish())
    return found


def _ms(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole[:9] or 0) * 1_000_000 + int((part.replace(".", "")[:6]).ljust(6, "0") or 0)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
