"""arping of iputils (in English and Japanese), of Thomas Habets and of BusyBox, with `-D`; several runs in one file.

    $ arping -c 2 -I eth3 192.0.2.7
    ARPING 192.0.2.7 from 192.0.2.1 eth3
    Unicast reply from 192.0.2.7 [02:00:00:00:00:07]  0.581ms
    60 bytes from 02:00:00:00:00:07 (192.0.2.7): index=0 time=1.100 msec
    Sent 2 probes (1 broadcast(s))
    Received 2 response(s)

Yields an Arping for each run. Refuses ping, whose replies name no MAC address.
"""

import re
from typing import Any

from runs.analysis.domain.ping_target import asked_target
from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.link_probe import Arping, ArpingReply
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 4
TITLE = message("arping.title", en="arping", ja="arping")
MAX_RUNS = 2_000
MAX_REPLIES = 500
MAX_MACS = 50
_MAC = r"(?:[0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}"
_HEAD = re.compile(
    r"ARPING (?:to )?(?P<target>[\w.:-]+)(?: (?:from|送信元) (?P<source>[\d.]+) (?:via )?(?P<interface>[\w.@-]+))?\s*$"
)
_REPLY = re.compile(
    rf"(?P<cast>Uni|Broad|ユニ|ブロード)(?:cast re(?:ply|quest) from|キャスト (?:応答|要求) 送信元) (?P<address>[\d.]+)(?: (?:for|送信先) [\d.]+)?"
    rf" \[(?P<mac>{_MAC})\](?: (?:for|送信先) \[{_MAC}\])?(?:\s+(?P<time>[\d.]{{1,12}}) ?(?:ms|ミリ秒))?"
)
_BYTES = re.compile(
    rf"\d+ bytes from (?:(?P<mac>{_MAC}) \((?P<address>[\d.]+)\): index=|(?P<pinged>[\d.]+) \((?P<station>{_MAC})\): icmp_seq=)\d+"
    r"(?: time=(?P<time>[\d.]{1,12}) (?P<unit>sec|msec|usec|ms))?"
)
_SENT = re.compile(r"Sent (?P<sent>\d{1,9}) probe(?:s|\(s\)) |(?P<ja>\d{1,9}) プローブを送信")
_RECEIVED = re.compile(r"Received (?P<received>\d{1,9}) (?:response|repl)|(?P<ja>\d{1,9}) 応答を受信")
_STATISTICS = re.compile(r"(?P<sent>\d{1,9}) packets transmitted, (?P<received>\d{1,9}) packets received,\s+\d+% unanswered")
_FAILURE = re.compile(
    r"arping: (?P<words>.+)|(?P<bare>デバイス [\w.@-]+ は使用不能です。|インタフェース \"[\w.@-]+\" (?:は停止|では).*"
    r"|(?:Device|Interface) \"?[\w.@-]+\"? (?:not available|is (?:not |down).*|does not exist).*)"
)
_SURE = re.compile(rf"{_HEAD.pattern}|{_REPLY.pattern.replace('?P<', '?P<r_')}|{_BYTES.pattern.replace('?P<', '?P<b_')}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by arping's first line or a reply."""
    return recognise(head, TITLE, _SURE, ("arping",))


class _Run:
    """One run while it is read."""

    def __init__(self, section: Section, line: int) -> None:
        command = section.command if section.command and program(section.command) == "arping" else None
        self.said: dict[str, Any] = {"target": None, "command": command, "host": section.host}
        self.replies: list[ArpingReply] = []
        self.macs: dict[str, None] = {}
        self.count = self.timeouts = 0
        self.first_line = self.last_line = line
        self.touched = False

    def read(self, line: Line) -> None:
        text, said = line.text[:1000], self.said
        if (head := _HEAD.match(text)) is not None:
            said |= {"target": head["target"], "source": head["source"], "interface": head["interface"]}
        elif (reply := _REPLY.match(text) or _BYTES.match(text)) is not None:
            self._reply(reply, line.number)
        elif (sums := _STATISTICS.match(text)) is not None:
            said |= {"sent": int(sums["sent"]), "received": int(sums["received"])}
            said |= {"sent_line": line.number, "received_line": line.number}
        elif (sent := _SENT.match(text)) is not None:
            said |= {"sent": int(sent["sent"] or sent["ja"]), "sent_line": line.number}
        elif (received := _RECEIVED.match(text)) is not None:
            said |= {"received": int(received["received"] or received["ja"]), "received_line": line.number}
        elif (failed := _FAILURE.match(text)) is not None:
            said |= {"failure": (failed["words"] or failed["bare"]).strip()[:300], "failure_line": line.number}
        elif text.strip() == "Timeout":
            self.timeouts += 1
        else:
            return
        self.touched, self.last_line = True, line.number

    def _reply(self, match: re.Match[str], line: int) -> None:
        part = match.groupdict()
        mac = ":".join(octet.rjust(2, "0") for octet in re.split("[:-]", (part["mac"] or part["station"]).lower()))
        self.count += 1
        if len(self.macs) < MAX_MACS:
            self.macs.setdefault(mac)
        if len(self.replies) < MAX_REPLIES:
            unit = {"sec": 10**9, "usec": 10**3}.get(part.get("unit") or "", 10**6)
            rtt = _scaled(match["time"], unit) if match["time"] else None
            broadcast = part.get("cast") in ("Broad", "ブロード")
            self.replies.append(
                ArpingReply(line=line, mac=mac, address=part["address"] or part["pinged"], rtt_ns=rtt, broadcast=broadcast)
            )

    def finish(self) -> Arping:
        words = (self.said["command"] or "").split()
        self.said["target"] = self.said["target"] or asked_target(self.said["command"] or "")
        asked = any(re.fullmatch(r"-[A-Za-z]*D[A-Za-z]*", word) for word in words) or self.said.get("source") == "0.0.0.0"  # noqa: S104
        return Arping(
            **self.said,
            duplicate_detection=asked,
            replies=tuple(self.replies),
            reply_count=self.count,
            macs=tuple(self.macs),
            timeouts=self.timeouts,
            first_line=self.first_line,
            last_line=self.last_line,
        )


def parse(source: Source) -> Parsed:
    """An Arping for each run: a run begins with a prompt or with arping's first line."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        run = _Run(section, first_full_line(section))
        for line in section.lines:
            if run.touched and run.said["target"] and _HEAD.match(line.text[:1000]):
                runs.append(run.finish())
                run = _Run(section, line.number)
            run.read(line)
        if run.touched:
            runs.append(run.finish())
        if len(runs) > MAX_RUNS:
            break
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], counts={"runs": len(runs)})


def _scaled(text: str, unit: int) -> int | None:
    """A decimal number of a unit (ns) as integer ns."""
    whole, _, part = text.partition(".")
    if not whole.isdigit() or (part and not part.isdigit()):
        return None
    return int(whole) * unit + (int(part) * unit // 10 ** len(part) if part else 0)
