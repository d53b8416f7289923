"""`ip addr`, `ip link`, `ip -br addr` and `ip -s link` of Linux.

    2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000
        link/ether 02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff
        inet 192.0.2.7/24 scope global dynamic eth0
        inet6 fe80::ff:fe00:7/64 scope link tentative
    wan0@eth3        DOWN           2001:db8::7/64

Yields an Interfaces for each command, and InterfaceCounters where they are shown (-s). Refuses ifconfig.
"""

import re
from typing import Any

from runs.analysis.domain.interface_listing import parse_listings
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import recognise
from runs.analysis.facts.network import Interface, InterfaceAddress
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("ip_addr.title", en="interfaces and addresses (ip addr)", ja="インタフェースとアドレス (ip addr)")
_HEAD = re.compile(r"(?P<index>\d{1,7}): (?P<name>[^\s:@]+)(?:@(?P<link>[^\s:]+))?: <(?P<flags>[A-Z0-9_,-]*)>(?P<rest>.*)")
_LINK = re.compile(r"\s+link/(?P<kind>\S+)(?: (?P<mac>\S+))?(?: (?:brd|peer) (?P<peer>\S+))?")
_ADDRESS = re.compile(r"\s+inet6? (?P<address>[0-9A-Fa-f.:]+)(?: peer [0-9A-Fa-f.:]+)?/(?P<length>\d{1,3})(?P<rest>.*)")
_BRIEF = re.compile(
    r"(?P<name>[\w.-]+)(?:@(?P<link>[\w.-]+))?\s+(?P<state>UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT)\s*"
    r"(?P<rest>(?:[0-9A-Fa-f.:]+/\d{1,3}.*)?)$"
)
_SURE = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", form.pattern) for form in (_HEAD, _BRIEF)))
_FLAGS = (
    "tentative",
    "dadfailed",
    "deprecated",
    "nodad",
    "dynamic",
    "temporary",
    "mngtmpaddr",
    "noprefixroute",
    "secondary",
    "stable-privacy",
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by an interface's first line."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """An Interfaces for each command, and the counters."""
    return parse_listings(source, "ip", _interfaces)


def _interfaces(section: Section, room: int) -> list[Interface]:
    found: list[dict[str, Any]] = []
    for line in section.lines:
        text = line.text[:2000]
        if (head := _HEAD.match(text)) is not None:
            if len(found) >= room:
                break
            rest = head["rest"]
            mtu, state = re.search(r"\bmtu (\d{1,6})", rest), re.search(r"\bstate (\S+)", rest)
            found.append(
                {"line": line.number, "name": head["name"], "index": int(head["index"]), "link": head["link"], "addresses": []}
            )
            found[-1] |= {
                "flags": tuple(head["flags"].split(",")),
                "state": state[1] if state else None,
                "mtu": int(mtu[1]) if mtu else None,
            }
        elif (brief := _BRIEF.match(text)) is not None:
            if len(found) >= room:
                break
            addresses = [
                InterfaceAddress(line=line.number, address=address, prefix_length=int(length))
                for address, length in re.findall(r"([0-9A-Fa-f.:]+)/(\d{1,3})", brief["rest"])
            ]
            found.append(
                {"line": line.number, "name": brief["name"], "link": brief["link"], "state": brief["state"], "addresses": addresses}
            )
        elif found and (link := _LINK.match(text)) is not None:
            tunnel = "tunnel" in link["kind"] or link["kind"] in ("sit", "ipip", "gre", "gre6")
            ends = {"local": link["mac"], "peer": link["peer"]} if tunnel else {"mac": link["mac"]}
            found[-1] |= {"kind": link["kind"], **ends}
        elif found and (address := _ADDRESS.match(text)) is not None:
            scope = re.search(r"\bscope (\S+)", address["rest"])
            flags = tuple(flag for flag in _FLAGS if re.search(rf"\b{flag}\b", address["rest"]))
            found[-1]["addresses"].append(
                InterfaceAddress(
                    line=line.number,
                    address=address["address"],
                    prefix_length=int(address["length"]),
                    scope=scope[1] if scope else None,
                    flags=flags,
                )
            )
    return [Interface(**{**one, "addresses": tuple(one["addresses"][:1000])}) for one in found]
