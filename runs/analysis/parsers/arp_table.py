"""Neighbours by the older tools: `arp -an`, `arp -n`, `arp -a` of Windows, `ndp -an`.

    ? (192.0.2.9) at 02:00:5e:00:00:09 [ether] on eth3
    gw7.example.net (192.0.2.254) at (incomplete) on en0 ifscope [ethernet]
    Address                  HWtype  HWaddress           Flags Mask            Iface
    192.0.2.9                ether   02:00:5e:00:00:09   C                     eth3
    fe80::1%en0                             0:0:5e:0:1:1        en0 23h59m58s S R

Yields a Neighbours for each command. Refuses `ip neigh`.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Neighbour, Neighbours
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 5
TITLE = message("arp_table.title", en="the neighbour table (arp, ndp)", ja="近隣テーブル (arp, ndp)")
MAX_NEIGHBOURS = 100_000
_MAC = r"(?:[0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}"
_BSD = re.compile(
    rf"(?P<name>\S+) \((?P<address>[\d.]+)\) at (?:(?P<mac>{_MAC})|<?\(?incomplete\)?>?)(?: \[\w+\])?(?P<flags>(?: PERM| PUP| published)*)"
    r" on (?P<device>[\w.@:-]+)"
)
_COLUMNS = re.compile(
    rf"(?P<address>[\w.:-]+)\s+(?:\w+\s+(?P<mac>{_MAC})\s+(?P<flags>[CMP]+)|\(incomplete\)|<incomplete>)\s+(?:\*\s+)?(?P<device>[\w.@:-]+)\s*$"
)
_NDP = re.compile(
    rf"(?P<address>[0-9A-Fa-f:]+)(?:%[\w.]+)?\s+(?:(?P<mac>{_MAC})|\(incomplete\))\s+(?P<device>[\w.]+)"
    r"\s+(?:expired|permanent|\d\S*)\s+(?P<state>[NIRSDPW?])(?P<flags>(?: [RpP])*)"
)
_WINDOWS = re.compile(rf"\s+(?P<address>[\d.]{{7,15}})\s+(?P<mac>{_MAC})\s+(?P<kind>dynamic|static|動的|静的)\s*$")
_HEADS = re.compile(r"Address\s+HWtype\s+HWaddress|Neighbor\s+Linklayer Address|Interface: [\d.]+ --- 0x")
_STATES = {"N": None, "I": "INCOMPLETE", "R": "REACHABLE", "S": "STALE", "D": "DELAY", "P": "PROBE", "W": "INCOMPLETE", "?": None}
_SURE = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", form.pattern) for form in (_HEADS, _BSD, _NDP, _WINDOWS)))


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a neighbour's line or the columns' heads."""
    return recognise(head, TITLE, _SURE, ("arp", "ndp"))


def parse(source: Source) -> Parsed:
    """A table for each command."""
    tables: list[Fact] = []
    commands: list[Fact] = []
    count = 0
    for section in typed_sections(source, commands):
        found = _neighbours(section, MAX_NEIGHBOURS - count)
        count += len(found)
        if found and len(tables) < 1000:
            tables.append(
                Neighbours(
                    host=section.host,
                    neighbours=tuple(found),
                    command=section.command,
                    first_line=first_full_line(section),
                    last_line=found[-1].line,
                )
            )
    return Parsed(facts=[*tables, *commands], counts={"neighbours": count})


def _neighbours(section: Section, room: int) -> list[Neighbour]:
    found: list[Neighbour] = []
    columns = False
    for line in section.lines:
        text = line.text[:500]
        if _HEADS.match(text):
            columns = text.startswith("Address")
            continue
        match = _BSD.match(text) or _NDP.match(text) or _WINDOWS.match(text) or (_COLUMNS.match(text) if columns else None)
        if match is not None and len(found) < room:
            found.append(_neighbour(match, line))
    return found


def _neighbour(match: re.Match[str], line: Line) -> Neighbour:
    part = match.groupdict()
    mac, flags = part.get("mac"), part.get("flags") or ""
    permanent = "PERM" in flags or "M" in flags or part.get("kind") in ("static", "静的")
    state = _STATES.get(part["state"]) if part.get("state") else "PERMANENT" if permanent else None
    return Neighbour(
        line=line.number,
        address=match["address"],
        device=part.get("device"),
        mac=":".join(octet.rjust(2, "0") for octet in re.split("[:-]", mac.lower())) if mac else None,
        state=state if mac else "INCOMPLETE",
        router=match.re is _NDP and "R" in flags,
    )
