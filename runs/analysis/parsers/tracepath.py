"""tracepath and tracepath6, in English and Japanese: the hops, and where the path's MTU shrinks.

    $ tracepath -n 198.51.100.9
     1?: [LOCALHOST]                      pmtu 1500
     1:  192.0.2.254                       0.412ms
     2:  203.0.113.1                       4.112ms pmtu 1454
     3:  no reply
     4:  198.51.100.9                      9.120ms reached
         Resume: pmtu 1454 hops 4 back 4

Yields a Traceroute for each run, with `path_mtu`. Refuses traceroute.
"""

import re

from runs.analysis.domain.ping_target import asked_target
from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.reachability import Traceroute, TracerouteHop
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("tracepath.title", en="tracepath", ja="tracepath")
MAX_RUNS = 1_000
MAX_HOPS = 256
_START = re.compile(r"\s*1\?: \[LOCALHOST\]")
_HOP = re.compile(
    r"\s*(?P<number>\d{1,3})\??:\s+(?:no reply|応答なし|(?P<failed>send failed|送信失敗)"
    r"|(?P<where>\S{1,255})(?: \((?P<address>[^)\s]+)\))?\s+(?:asymm\s+\d{1,3}\s+)?(?:\([^)]{1,80}\) )?"
    r"(?P<time>\d{1,6}(?:\.\d{1,6})?)(?:ms|ミリ秒)(?P<rest>.*))\s*$"
)
_MTU = re.compile(r"\bpmtu (\d{1,5})")
_RESUME = re.compile(r"\s+(?:Resume|要約|Too many hops): pmtu (?P<mtu>\d{1,5})")
_MARK = re.compile(r"![A-Z]\b")
_SURE = re.compile(r"\s*1\?: \[LOCALHOST\]|\s+(?:Resume|要約): pmtu \d+|\s+Too many hops: pmtu \d+")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the first or the last line of a run."""
    return recognise(head, TITLE, _SURE, ("tracepath", "tracepath6"))


def parse(source: Source) -> Parsed:
    """A Traceroute for each run."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if len(runs) < MAX_RUNS:
            runs += _runs(section)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], counts={"runs": len(runs)})


def _runs(section: Section) -> list[Traceroute]:
    command = section.command if section.command and program(section.command).startswith("tracepath") else None
    found: list[Traceroute] = []
    hops: dict[int, TracerouteHop] = {}
    first, last, mtu, mtu_line, reached = first_full_line(section), 0, None, 0, False

    def end() -> None:
        if hops or mtu:
            target = asked_target(command or "")
            if target is None and reached:
                target = next((hop.addresses[0] for hop in reversed(hops.values()) if hop.addresses), None)
            found.append(
                Traceroute(
                    host=section.host,
                    target=target,
                    command=command,
                    first_line=first,
                    last_line=last,
                    hops=tuple(hops.values()),
                    reached=reached,
                    path_mtu=mtu,
                    path_mtu_line=mtu_line,
                )
            )

    for line in section.lines:
        text = line.text[:1000]
        if _START.match(text) and last:
            end()
            hops, first, mtu, mtu_line, reached = {}, line.number, None, 0, False
        if (told := _MTU.search(text)) is not None and (_HOP.match(text) or _RESUME.match(text) or _START.match(text)):
            mtu, mtu_line, last = int(told[1]), (line.number if mtu != int(told[1]) else mtu_line), line.number
        if (hop := _HOP.match(text)) is not None and len(hops) < MAX_HOPS:
            number, last = int(hop["number"]), line.number
            address = hop["address"] or hop["where"]
            rest = hop["rest"] or ""
            reached = reached or "reached" in rest or "到達しました" in rest
            hops[number] = TracerouteHop(
                number=number,
                line=line.number,
                addresses=(address.partition("%")[0],) if address else (),
                names=(hop["where"],) if hop["address"] and hop["address"] != hop["where"] else (),
                rtts_ns=(_ns(hop["time"]),) if hop["time"] else (),
                stars=0 if address else 1,
                marks=tuple(_MARK.findall(rest)),
            )
    end()
    return found


def _ns(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0") or 0)
