"""Listings of interfaces, of `ip` as of ifconfig: the loop over their commands, and the counters that stand beneath an interface.

RX:  bytes packets errors dropped  missed   mcast            RX packets 184233  bytes 99120041 (94.5 MiB)
  99120041  184233      0      12       0       0            RX errors 0  dropped 12  overruns 0  frame 0
"""

import re
from collections.abc import Callable, Iterable, Iterator

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.interface_state import InterfaceCounters, NamedCounter
from runs.analysis.facts.network import Interface, Interfaces
from runs.analysis.registry import Parsed
from runs.analysis.source import Source
from runs.analysis.text import Line

MAX_INTERFACES = 20_000
MAX_LISTINGS = 1_000
_COLUMNS = re.compile(r"\s+(?P<way>RX|TX)(?P<detail> errors)?:\s+(?P<names>[a-z_]+(?:\s+[a-z_]+){2,9})\s*$")
_VALUES = re.compile(r"\s+\d{1,20}(?:\s+\d{1,20}){2,9}\s*$")
_WORDS = re.compile(r"\s+(?P<way>RX|TX) (?:packets|errors|bytes)[ :]")
_PAIR = re.compile(
    r"(?<!\w)(?:(?P<way>RX|TX) )?(?P<name>packets|bytes|errors|dropped|overruns|frame|carrier|collisions)[ :](?P<value>\d{1,20})"
)
_FIELDS = {
    ("RX", "packets"): "received_packets", ("RX", "bytes"): "received_bytes", ("RX", "errors"): "receive_errors",
    ("RX", "dropped"): "receive_dropped", ("RX", "missed"): "receive_missed", ("RX", "overrun"): "receive_missed",
    ("RX", "overruns"): "receive_missed", ("TX", "packets"): "sent_packets", ("TX", "bytes"): "sent_bytes",
    ("TX", "errors"): "send_errors", ("TX", "dropped"): "send_dropped", ("TX", "carrier"): "carrier_errors",
    ("TX", "collsns"): "collisions", ("TX", "collisions"): "collisions",
}  # fmt: skip
_BAD = {
    way: [field for (of, name), field in _FIELDS.items() if of == way and name not in ("packets", "bytes")] for way in ("RX", "TX")
}


def parse_listings(source: Source, program: str, read: Callable[[Section, int], list[Interface]]) -> Parsed:
    """An Interfaces for each command (`read` is given its section, and how many interfaces there is room for), and the counters."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    count = listings = 0
    for section in typed_sections(source, commands):
        found = read(section, MAX_INTERFACES - count)
        if not found or listings >= MAX_LISTINGS:
            continue
        count, listings = count + len(found), listings + 1
        facts.append(
            Interfaces(
                host=section.host,
                interfaces=tuple(found),
                command=section.command,
                first_line=first_full_line(section),
                last_line=last_full_line(section),
            )
        )
        facts += _counters(section, found, program)
    return Parsed(facts=[*facts, *commands], counts={"interfaces": count})


def _counters(section: Section, interfaces: Iterable[Interface], program: str) -> Iterator[InterfaceCounters]:
    names = {one.line: one.name for one in interfaces}
    held: dict[str, object] = {}
    lines: list[Line] = []
    for line in section.lines:
        if line.number in names:
            yield from _of_one(held, lines)
            held, lines = {"host": section.host, "name": names[line.number], "program": program, "line": line.number}, []
        elif held:
            lines.append(line)
    yield from _of_one(held, lines)


def _of_one(held: dict[str, object], lines: list[Line]) -> Iterator[InterfaceCounters]:
    """The counters beneath an interface; nothing where none are shown."""
    said: dict[str, int] = {}
    others: list[NamedCounter] = []
    heads: re.Match[str] | None = None
    for line in lines:
        text = line.text[:300]
        if (columns := _COLUMNS.match(text)) is not None:
            heads = columns
        elif heads is not None and _VALUES.match(text):
            pairs = zip(heads["names"].split(), map(int, text.split()), strict=False)
            _take(said, others, [(heads["way"], name, value) for name, value in pairs], line.number, bool(heads["detail"]))
            heads = None
        elif _WORDS.match(text) or re.match(r"\s+collisions:\d", text):
            way, found = "TX" if "collisions" in text else "", []
            for pair in _PAIR.finditer(text):
                way = pair["way"] or way
                found.append((way, pair["name"], int(pair["value"])))
            _take(said, others, found, line.number, False)
    if said:
        yield InterfaceCounters(**held, **said, others=tuple(others[:200]))  # type: ignore[arg-type]  # the struct's own names


def _take(said: dict[str, int], others: list[NamedCounter], found: list[tuple[str, str, int]], line: int, is_detail: bool) -> None:
    for way, name, value in found:
        field = None if is_detail else _FIELDS.get((way, name))
        if field is not None:
            place = "receive_line" if way == "RX" else "send_line"
            if place not in said or (value and name not in ("packets", "bytes") and not any(said.get(f) for f in _BAD[way])):
                said[place] = line  # where the first trouble stands
            said.setdefault(field, value)
        elif value and (is_detail or name == "frame"):
            others.append(NamedCounter(line, f"{way.lower()}_{name}", value))
