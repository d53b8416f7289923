"""ping of Linux, BusyBox, BSD, macOS, Windows and routers, IPv4 and IPv6, whole or cut, several runs with prompts in one file.

    $ ping -c 3 192.0.2.7
    PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.
    64 bytes from 192.0.2.7: icmp_seq=1 ttl=61 time=12.3 ms
    From 192.0.2.1 icmp_seq=2 Destination Host Unreachable
    3 packets transmitted, 1 received, +1 errors, 66.6667% packet loss, time 2024ms

Japanese words of Linux, Windows and Yamaha are read like the English ones, Cisco's '!!!.!' as one probe each. Windows counts errors
of routers as received: they are taken off. Yields a Ping for each run. Refuses texts in which no line is ping's.
"""

from typing import Any

from runs.analysis.domain import ping_marks
from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_document, is_page, is_quoted, outside_fences
from runs.analysis.domain.ping_lines import PingLine, read_ping_line
from runs.analysis.domain.ping_target import asked_target
from runs.analysis.domain.shell import Section, program, sections
from runs.analysis.facts.base import SECOND_NS, Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import Ping, PingReply
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 10
TITLE = message("ping.title", en="ping", ja="ping")
MAX_RUNS = 2_000
MAX_REPLIES = 200


def detect(head: Source, name: str) -> Reason | None:
    """Certain by ping's first line, a reply, its statistics or its failure; typical among a person's sentences."""
    lines = outside_fences(head.head_lines)
    is_shifted = all(line.text.startswith("  ") for line in lines if line.text.strip())  # pasted into a block
    own = {
        line.number
        for line in lines
        if (is_shifted or not line.text[:1].isspace()) and _is_own(line.text.lstrip() if is_shifted else line.text)
    }
    own |= {line.number for line in lines if line.text.startswith("    ") and _is_own(line.text, "windows")}
    if not own or is_page(lines):
        return None
    others = [line for line in lines if line.number not in own and read_ping_line(line.text) is None]
    return because(TITLE, min(own), TYPICAL if is_quoted(others, min(own)) or is_document(name, others) else CERTAIN)


def _is_own(text: str, form: str = "") -> bool:
    line = read_ping_line(text)
    if line is None:
        return bool(not form and (ping_marks.ASKED.match(text) or ping_marks.SUCCESS.match(text)))
    return line.is_sure and (not form or line.form == form)


class _Run:
    """One run while it is read."""

    def __init__(self, command: str | None, host: str | None, line: int) -> None:
        self.said: dict[str, Any] = {"command": command, "host": host, "target": None}
        self.replies: list[PingReply] = []
        self.counted = {"error": 0, "duplicate": 0}
        self.first_line, self.last_line = line, line
        self.touched = self.is_ended = self.has_marks = False
        self.probes = 0  # told by one character each
        self.foreign = 0  # errors that somebody sent

    def read(self, line: Line, told: PingLine | None) -> None:
        """Takes what the line tells, if it is ping's."""
        if told is None:
            if not self._marks(line):
                return
        elif told.kind == "head":
            self._head(told)
        elif told.kind == "answer":
            if not (self.touched or told.is_sure or self.said["command"]):
                return
            self._reply(told.part, line.number)
        elif told.kind == "title":
            self.said["target"] = self.said["target"] or told.part["name"]
        elif told.kind == "sums":
            self._sums(told, line.number)
        elif told.kind == "times":
            self.said |= {f"rtt_{name}_ns": _ms(told.part[name] or "") for name in ("min", "avg", "max")}
        elif "failure" not in self.said:
            self.said |= {"failure": (told.part["text"] or "")[:300], "failure_line": line.number}
            self.said["target"] = self.said["target"] or told.part["name"]
        self.touched, self.last_line = True, line.number

    def begins_anew(self, text: str, told: PingLine | None) -> bool:
        """Whether a line belongs to the next run: a first line, or what stands behind the statistics of this one."""
        if not self.touched:
            return False
        if told is None:
            return bool(ping_marks.ASKED.match(text)) and bool(self.said["target"])
        if told.kind == "head":
            return bool(self.said["target"]) or self.is_ended
        return self.is_ended and told.kind in ("answer", "failure") and told.is_sure

    def _head(self, told: PingLine) -> None:
        address, name = told.part.get("address"), told.part.get("name")
        payload = told.part.get("payload")
        self.said |= {"target": address or name, "name": name if address and name != address else None}
        self.said |= {"source": told.part.get("source"), "payload_bytes": int(payload) if payload else None}
        self.said["first_sequence"] = 0 if told.form == "bsd" else 1

    def _marks(self, line: Line) -> bool:
        text = line.text[:2000].strip()
        if (asked := ping_marks.ASKED.match(text)) is not None:
            self.said["target"], self.has_marks = asked["address"], True
        elif (source := ping_marks.SOURCE.match(text)) is not None and self.has_marks:
            self.said["source"] = source["source"]
        elif (sums := ping_marks.SUCCESS.match(text)) is not None:
            self.said |= {"transmitted": int(sums["sent"]), "received": int(sums["received"]), "statistics_line": line.number}
            self.said["loss_percent"], self.is_ended = float(100 - int(sums["rate"])), True
            if sums["avg"]:
                self.said |= {f"rtt_{name}_ns": _ms(sums[name]) for name in ("min", "avg", "max")}
        elif (failed := ping_marks.UNKNOWN.match(text)) is not None and self.said["command"]:
            self.said |= {"failure": failed["text"].strip(), "failure_line": line.number}
        elif (self.has_marks or self.touched) and not self.is_ended and (marks := ping_marks.marks(text, self.has_marks)):
            for mark in marks:
                error = ping_marks.MEANING.get(mark)
                result = "error" if error else "reply" if mark == "!" else "no_answer"
                number = str(self.probes + self.said.get("first_sequence", 1))
                self._reply({"seq": number, "result": result, "error": error}, line.number)
                self.probes += 1
        else:
            return False
        return True

    def _sums(self, told: PingLine, line: int) -> None:
        part = told.part
        sent, received = int(part["sent"] or 0), int(part["received"] or 0)
        loss = _float(part["loss"]) if part["loss"] else None
        if told.form == "status" and self.said.get("transmitted"):
            return
        if told.form == "windows" and self.foreign:
            answers = sum(r.result == "reply" for r in self.replies)
            received = max(received - self.foreign, min(answers, received))
            loss = round(100 * (sent - received) / sent, 1) if sent else loss
        self.said |= {"transmitted": sent, "received": received, "loss_percent": loss, "statistics_line": line}
        self.said |= {"errors": int(part.get("errors") or 0), "duplicates": int(part.get("dups") or 0)}
        self.is_ended = told.form != "status"

    def _reply(self, part: dict[str, str | None], line: int) -> None:
        result = part["result"] or "reply"
        if result in self.counted:
            self.counted[result] += 1
        self.foreign += result == "error" and bool(part.get("who"))
        epoch, number, ttl, time = (part.get(name) for name in ("epoch", "seq", "ttl", "time"))
        if len(self.replies) < MAX_REPLIES:
            self.replies.append(
                PingReply(
                    line=line,
                    sequence=int(number) if number else None,
                    result=result,  # type: ignore[arg-type]  # the reader of lines names no other
                    source=part.get("who"),
                    ttl=int(ttl) if ttl else None,
                    rtt_ns=_ms(time) if time else None,
                    error=(part.get("error") or "").strip().rstrip(".。") or None,
                    wall_ns=int(epoch) * SECOND_NS + int((part["part"] or "").ljust(9, "0")) if epoch else None,
                )
            )

    def finish(self) -> Ping:
        """The fact; a target that no line names is the command's, else the one place that answers."""
        self.said["target"] = self.said["target"] or asked_target(self.said["command"] or "")
        if self.said["target"] is None:
            answering = {r.source for r in self.replies if r.result == "reply"}
            self.said["target"] = answering.pop() if len(answering) == 1 else None
        self.said["errors"] = self.said.get("errors") or self.counted["error"]
        self.said["duplicates"] = self.said.get("duplicates") or self.counted["duplicate"]
        return Ping(replies=tuple(self.replies), first_line=self.first_line, last_line=self.last_line, **self.said)


def parse(source: Source) -> Parsed:
    """A Ping for each run: a run begins with a prompt, with ping's first line, or behind statistics."""
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
        told = read_ping_line(line.text)
        if run is None or run.begins_anew(line.text, told):
            if run is not None and run.touched:
                found.append(run.finish())
            run = _Run(command, section.host, line.number)
        run.read(line, told)
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
