"""odhcp6c of OpenWrt on a terminal: its messages, and the variables that it hands to its script.

    odhcp6c[2210]: (re)starting transaction on eth3
    odhcp6c[2210]: Sending SOLICIT message (elapsed 0ms)
    odhcp6c[2210]: Got a valid ADVERTISE after 52ms
    SERVER=fe80::1
    PREFIXES=2001:db8:77::/56,14400,14400
    MAPE=type=map-e,ealen=20,prefix4len=20,prefix6len=38,ipv4prefix=192.0.0.0,ipv6prefix=2001:db8::,offset=4,psidlen=8,br=2001:db8:ff::1

Yields DhcpClientEvents (no times: none are printed), a ResolverConfig of RDNSS, and MapEParameters of the S46 rule. With a time in front
it is a log: those kinds read it. Refuses environments without odhcp6c's own variables.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.daemon_lines import DaemonLines
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.dhcp import DhcpClientEvent
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("odhcp6c.title", en="a DHCPv6 client (odhcp6c)", ja="DHCPv6 クライアント (odhcp6c)")
MAX_LEASES = 500
_MESSAGE = re.compile(r"odhcp6c\[\d{1,9}\]: (?P<text>.{1,500})")
_VARIABLE = re.compile(
    r"(?:export )?(?P<name>RDNSS|DOMAINS|ADDRESSES|PREFIXES|MAPE|SERVER|RA_ADDRESSES|RA_ROUTES|AFTR)=[\"']?(?P<value>[^\"']*)[\"']?\s*$"
)
_SURE = re.compile(
    r"odhcp6c\[\d{1,9}\]: \S|(?:export )?(?:MAPE=[\"']?type=map|PREFIXES=[\"']?[0-9a-f:]+/\d|RA_ADDRESSES=[\"']?[0-9a-f:]+/)"
)
_GOT = re.compile(r"Got a valid (?P<what>ADVERTISE|REPLY|reply)", re.IGNORECASE)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two messages or variables of its own."""
    return recognise(head, TITLE, _SURE, ("odhcp6c",), least=2)


def parse(source: Source) -> Parsed:
    """The messages and variables of each command."""
    return parse_sections(source, _events, "events")


def _events(section: Section) -> Iterator[Fact]:
    daemon = DaemonLines()
    leases = 0
    for line in section.lines:
        text = line.text[:4096].strip()
        if (said := _MESSAGE.match(text)) is not None:
            got = _GOT.search(said["text"])
            words = f"received {got['what'].lower()}" if got else said["text"]
            daemon.read("odhcp6c", words, line.number, None, None, False)
        elif (named := _VARIABLE.match(text)) is not None and named["value"]:
            name, value = named["name"], named["value"]
            if name in ("ADDRESSES", "PREFIXES"):
                for item in value.split()[: MAX_LEASES - leases]:
                    leases += 1
                    yield _lease(item, line.number, text)
            elif name == "RDNSS":
                servers = tuple((server[:255], line.number) for server in value.split()[:100])
                yield ResolverConfig(host=section.host, servers=servers, first_line=line.number, last_line=line.number)
            elif name == "MAPE":
                for rule in value.split()[:50]:
                    yield _map_e(dict(part.partition("=")[::2] for part in rule.split(",")), line.number)
    yield from daemon.facts


def _lease(item: str, line: int, text: str) -> DhcpClientEvent:
    lease, *lifetimes = item.split(",")
    valid = lifetimes[1] if len(lifetimes) > 1 else ""
    lifetime = int(valid) if valid.isdigit() and len(valid) < 12 else None
    return DhcpClientEvent(
        step="lease_gained", line=line, text=text[:300], version=6, lease=lease[:60], lifetime_s=lifetime, has_date=False
    )


def _map_e(said: dict[str, str], line: int) -> MapEParameters:
    """The rule as the router was given it; the addresses of the line follow from it and the prefix."""
    numbers = {
        name: int(said[name]) for name in ("psid", "psidlen", "offset") if said.get(name, "").isdigit() and len(said[name]) < 6
    }
    has_psid = "psid" in numbers
    return MapEParameters(
        stated_in="configuration",
        br_address=said.get("br"),
        br_line=line if said.get("br") else 0,
        dmr=said.get("dmr"),
        dmr_line=line if said.get("dmr") else 0,
        ipv4_address=said.get("ipv4prefix") if said.get("prefix4len") == "32" else None,
        ipv4_line=line if said.get("prefix4len") == "32" else 0,
        psid=numbers.get("psid"),
        psid_line=line if has_psid else 0,
        psid_length=numbers.get("psidlen"),
        psid_length_line=line if "psidlen" in numbers else 0,
        psid_offset=numbers.get("offset"),
        psid_offset_line=line if "offset" in numbers else 0,
    )
