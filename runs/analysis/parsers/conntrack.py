"""`conntrack -L`, `conntrack -E` and /proc/net/nf_conntrack.

    tcp      6 431999 ESTABLISHED src=10.7.0.9 dst=198.51.100.7 sport=40112 dport=443 src=198.51.100.7 dst=192.0.2.7 sport=443 dport=40112 [ASSURED] mark=0 use=1
    udp      17 21 src=10.7.0.9 dst=192.0.2.53 sport=5353 dport=53 [UNREPLIED] src=192.0.2.53 dst=192.0.2.7 sport=53 dport=1025 use=1
    conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.

Yields a ConntrackTable for each command. Refuses `ss` and `netstat`, which know one tuple alone.
"""  # noqa: E501  # a tracked connection is one line

import re
from collections.abc import Sequence
from ipaddress import ip_address

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.conntrack import ConntrackTable, TrackedConnection, TrackedTuple
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("conntrack.title", en="tracked connections (conntrack)", ja="接続追跡表 (conntrack)")
NOT_READ = message("conntrack.not_read", en="this line is no tracked connection: {text}", ja="接続追跡として読めない行: {text}")
TOO_MANY = message(
    "conntrack.too_many",
    en="more than {most:count} connections; the rest is not read",
    ja="接続が {most:count} 件を超え、以降は読まない",
)
MAX_CONNECTIONS = 50_000
_HEAD = re.compile(
    r"\s*(?:\[\d+\.\d+\]\s+)?(?:\[(?P<event>NEW|UPDATE|DESTROY)\]\s+)?(?:(?P<family>ipv4|ipv6)\s+\d+\s+)?(?P<protocol>[a-z][\w-]*)\s+\d{1,3}\s+"
    r"(?:(?P<timeout>\d{1,10})\s+)?(?:(?P<state>[A-Z][A-Z_0-9]+)\s+)?(?=src=)(?P<rest>.*)$"
)
_STATED = re.compile(r"conntrack v[\d.]+ \(conntrack-tools\): (?P<count>\d{1,9}) flow (?:entries|events)")
_PAIR = re.compile(r"\b(src|dst|sport|dport|type|code|id|packets|bytes|mark)=(\S+)")
_SURE = re.compile(
    r"\s*(?:\[\d+\.\d+\]\s+)?(?:\[(?:NEW|UPDATE|DESTROY)\]\s+)?(?:ipv[46]\s+\d+\s+)?[a-z][\w-]*\s+\d{1,3}\s+(?:\d+\s+)?(?:[A-Z][A-Z_0-9]+\s+)?"
    r"src=[0-9A-Fa-f.:]+\s+dst=[0-9A-Fa-f.:]+\s|conntrack v[\d.]+ \(conntrack-tools\): \d+ flow (?:entries|events)"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a tracked connection or conntrack's own count."""
    return recognise(head, TITLE, _SURE, ("conntrack",))


def parse(source: Source) -> Parsed:
    """A table for each command; without prompts one for the file."""
    tables: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in typed_sections(source, commands):
        if count >= MAX_CONNECTIONS or len(tables) >= 1000:
            problems.append(Problem(TOO_MANY(most=MAX_CONNECTIONS), line=first_full_line(section), lost=True))
            break
        table = _table(section, problems, MAX_CONNECTIONS - count)
        if table is not None:
            count += len(table.connections)
            tables.append(table)
    return Parsed(facts=[*tables, *commands], problems=problems, counts={"connections": count})


def _table(section: Section, problems: list[Problem], room: int) -> ConntrackTable | None:
    found: list[TrackedConnection] = []
    stated, stated_line, last = None, 0, 0
    for line in section.lines:
        text = line.text[:2000]
        if (said := _STATED.match(text)) is not None:
            stated, stated_line, last = int(said["count"]), line.number, line.number
        elif (one := _connection(line)) is not None:
            if len(found) >= room:
                problems.append(Problem(TOO_MANY(most=MAX_CONNECTIONS), line=line.number, lost=True))
                break
            found.append(one)
            last = line.number
        elif text.strip() and found and len(problems) < 100:
            problems.append(Problem(NOT_READ(text=text.strip()[:100]), line=line.number))
    command = section.command
    if not found and stated is None:
        return None
    narrowed = bool(command and (is_filtered(command) or re.search(r"\s-(?:s|d|p|m|q|n|g|j|-src|-dst|-proto|-state)\b", command)))
    return ConntrackTable(
        host=section.host,
        connections=tuple(found),
        stated_count=stated,
        stated_line=stated_line,
        command=command,
        first_line=first_full_line(section),
        last_line=last,
        partial=narrowed,
    )


def _connection(line: Line) -> TrackedConnection | None:
    match = _HEAD.match(line.text[:2000])
    if match is None:
        return None
    pairs = _PAIR.findall(match["rest"])
    starts = [index for index, (key, _) in enumerate(pairs) if key == "src"]
    if len(starts) < 2:
        return None
    original, reply = _tuple(pairs[starts[0] : starts[1]]), _tuple(pairs[starts[1] :])
    if original is None or reply is None:
        return None
    mark = next((value for key, value in pairs if key == "mark"), "")
    return TrackedConnection(
        line=line.number,
        protocol=match["protocol"],
        original=original,
        reply=reply,
        version=6 if ":" in original.source.address else 4,
        state=match["state"],
        timeout_s=int(match["timeout"]) if match["timeout"] else None,
        replied="[UNREPLIED]" not in match["rest"],
        assured="[ASSURED]" in match["rest"],
        mark=_number(mark),
        event=match["event"],
    )


def _tuple(pairs: Sequence[tuple[str, str]]) -> TrackedTuple | None:
    said = dict(reversed(pairs))
    if "src" not in said or "dst" not in said:
        return None
    return TrackedTuple(
        source=Endpoint(_address(said["src"]), _number(said.get("sport"))),
        destination=Endpoint(_address(said["dst"]), _number(said.get("dport"))),
        icmp_type=_number(said.get("type")),
        icmp_code=_number(said.get("code")),
        icmp_id=_number(said.get("id")) if "type" in said else None,
        packets=_number(said.get("packets")),
        payload_bytes=_number(said.get("bytes")),
    )


def _address(text: str) -> str:
    """An address in its short form: /proc writes IPv6 in full."""
    try:
        return str(ip_address(text))
    except ValueError:
        return text[:60]


def _number(text: str | None) -> int | None:
    return int(text[:18]) if text and text.isascii() and text[:18].isdigit() else None
