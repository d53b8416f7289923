"""ethtool of Linux: the link (`ethtool eth3`), its counters (-S), its offloads (-k), its driver (-i); several in one file.

    Settings for eth3:
        Speed: 100Mb/s
        Duplex: Half
        Link detected: yes
    NIC statistics:
         rx_crc_errors: 12
    Features for eth3:
    rx-checksumming: on

Yields LinkSettings, InterfaceCounters, OffloadSettings, and a SoftwareVersion for driver and firmware. -S and -i print no interface's
name: it is that of the command, else that of the listing before, else '?'. Refuses a driver's own logs.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.interface_state import InterfaceCounters, LinkSettings, NamedCounter, Offload, OffloadSettings
from runs.analysis.facts.small import SoftwareVersion
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("ethtool.title", en="a network card's state (ethtool)", ja="NIC の状態 (ethtool)")
MAX_LINES = 20_000
_HEAD = re.compile(
    r"(?:Settings|Features|Offload parameters) for (?P<name>[\w.@:-]{1,64}):\s*$|(?P<counters>NIC statistics:)\s*$|(?P<driver>driver: \S)"
)
_SURE = re.compile(r"(?:Settings|Features) for [\w.@:-]{1,64}:\s*$|NIC statistics:\s*$")
_ASKED = re.compile(r"\bethtool\s+(?:-\S+\s+)*([A-Za-z][\w.@:-]{0,63})")
_FIELD = re.compile(r"\s*(?P<name>[A-Za-z][\w \-/.\[\]()]{0,60}?)\s?:\s*(?P<value>.*?)\s*$")
_OFFLOAD = re.compile(r"\s*(?P<name>[a-z][\w-]{2,60}): (?P<state>on|off)(?P<fixed> \[fixed\])?(?: \[.*\])?\s*$")
_COUNTER = re.compile(r"\s+(?P<name>[\w.\[\]-]{2,60}(?: [\w.\[\]-]{1,40}){0,3}): (?P<value>\d{1,20})\s*$")
_TELLING = re.compile(
    r"err|drop|discard|miss|crc|fifo|overrun|overflow|pause|carrier|collision|timeout|no_buf|nobuf|fail|bad|jabber|length",
    re.IGNORECASE,
)
_TOTALS = {
    "received_packets": ("rx_packets", "rx_ucast_packets"), "received_bytes": ("rx_bytes",), "receive_errors": ("rx_errors",),
    "receive_dropped": ("rx_dropped", "rx_discards"), "receive_missed": ("rx_missed_errors", "rx_missed"), "sent_packets": ("tx_packets",),
    "sent_bytes": ("tx_bytes",), "send_errors": ("tx_errors",), "send_dropped": ("tx_dropped",), "carrier_errors": ("tx_carrier_errors",),
    "collisions": ("collisions",),
}  # fmt: skip


def detect(head: Source, name: str) -> Reason | None:
    """Certain by ethtool's own first lines."""
    return recognise(head, TITLE, _SURE, ("ethtool",))


def parse(source: Source) -> Parsed:
    """Each listing of each command."""
    return parse_sections(source, _listings, "listings")


def _listings(section: Section) -> Iterator[Fact]:
    asked = _ASKED.search(section.command or "")
    name = asked[1] if asked else "?"
    head: re.Match[str] | None = None
    lines: list[Line] = []
    for line in section.lines[:MAX_LINES]:
        found = _HEAD.match(line.text[:200])
        if found is not None:
            if head is not None:
                yield from _listing(head, name, lines, section)
            head, lines = found, [line]
            name = found["name"] or name
        elif head is not None:
            lines.append(line)
    if head is not None:
        yield from _listing(head, name, lines, section)


def _listing(head: re.Match[str], name: str, lines: list[Line], section: Section) -> Iterator[Fact]:
    number = section.command_line or lines[0].number
    if head["counters"]:
        yield _counters(name, number, lines, section.host)
    elif head["driver"]:
        yield from _driver(name, lines, section.host)
    elif head[0].startswith("Settings"):
        yield _link(name, lines, section.host)
    else:
        found = [
            Offload(line.number, match["name"], match["state"] == "on", bool(match["fixed"]))
            for line in lines
            if (match := _OFFLOAD.match(line.text[:200]))
        ]
        yield OffloadSettings(host=section.host, name=name, line=lines[0].number, offloads=tuple(found[:500]))


def _counters(name: str, number: int, lines: list[Line], host: str | None) -> InterfaceCounters:
    said = [(line.number, match["name"], int(match["value"])) for line in lines if (match := _COUNTER.match(line.text[:200]))]
    values = {counter: (value, at) for at, counter, value in reversed(said)}
    totals = {field: values[known][0] for field, names in _TOTALS.items() for known in names if known in values}
    places = {known: values[known][1] for names in _TOTALS.values() for known in names if known in values}
    others = [NamedCounter(at, counter, value) for at, counter, value in said if value and _TELLING.search(counter)]
    received = [at for known, at in places.items() if known.startswith("rx")]
    sent = [at for known, at in places.items() if not known.startswith("rx")]
    return InterfaceCounters(
        host=host,
        name=name,
        program="ethtool",
        line=number,
        receive_line=min(received, default=0),
        send_line=min(sent, default=0),
        others=tuple(others[:200]),
        **totals,  # type: ignore[arg-type]  # the names are the struct's own
    )


def _driver(name: str, lines: list[Line], host: str | None) -> Iterator[Fact]:
    said = {match["name"]: (match["value"], line.number) for line in lines if (match := _FIELD.match(line.text[:300]))}
    driver, at = said["driver"]
    version = said.get("version", ("", 0))[0]
    firmware = said.get("firmware-version", ("", 0))[0]
    detail = f"{name}: driver {driver} {version}".strip() + (f", firmware {firmware}" if firmware else "")
    yield SoftwareVersion(host=host, name=driver, version=version or "?", line=at, detail=detail)


def _link(name: str, lines: list[Line], host: str | None) -> LinkSettings:
    said: dict[str, tuple[str, int]] = {}
    modes: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:]:
        match = _FIELD.match(line.text[:300])
        if match is not None:
            key = match["name"]
            said.setdefault(key, (match["value"], line.number))
        value = match["value"] if match is not None else line.text
        if "link modes" in key:
            modes.setdefault(key.split()[0] + (" partner" if "partner" in key else ""), []).extend(
                word for word in value.split() if "/" in word or word.startswith("base")
            )
    speed, duplex, negotiated = (said.get(key, ("", 0)) for key in ("Speed", "Duplex", "Auto-negotiation"))
    link = said.get("Link detected", ("", 0))
    digits = re.match(r"(\d{1,7})Mb/s", speed[0])
    return LinkSettings(
        host=host,
        name=name,
        line=lines[0].number,
        speed_mbps=int(digits[1]) if digits else None,
        speed_line=speed[1],
        duplex=duplex[0].lower() if duplex[0].lower() in ("full", "half") else None,
        duplex_line=duplex[1],
        autonegotiation={"on": True, "off": False}.get(negotiated[0]),
        autonegotiation_line=negotiated[1],
        port=said["Port"][0] if "Port" in said else None,
        has_link={"yes": True, "no": False}.get(link[0].split(" ")[0]),
        link_line=link[1],
        supported=tuple(modes.get("Supported", [])[:100]),
        advertised=tuple(modes.get("Advertised", [])[:100]),
        partner=tuple(modes.get("Link partner", [])[:100]),
    )
