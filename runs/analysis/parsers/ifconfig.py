"""ifconfig of Linux (old and new form), macOS and BSD.

    eth3: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
            inet 192.0.2.7  netmask 255.255.255.0  broadcast 192.0.2.255
            inet6 fe80::ff:fe00:7  prefixlen 64  scopeid 0x20<link>
            ether 02:00:00:00:00:07  txqueuelen 1000  (Ethernet)
    en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
            inet 192.0.2.8 netmask 0xffffff00 broadcast 192.0.2.255
            status: inactive

Yields an Interfaces for each command, and InterfaceCounters where they are shown. Refuses `ip addr`.
"""

import re
from ipaddress import IPv4Network
from typing import Any

from runs.analysis.domain.interface_listing import parse_listings
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import recognise
from runs.analysis.facts.network import Interface, InterfaceAddress
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("ifconfig.title", en="interfaces and addresses (ifconfig)", ja="インタフェースとアドレス (ifconfig)")
_HEAD = re.compile(r"(?P<name>[\w.@-]{1,32}):\s+flags=[0-9a-fA-Fx]+<(?P<flags>[^>]*)>(?P<rest>.*)")
_OLD_HEAD = re.compile(r"(?P<name>[\w.:-]{1,32})\s+Link encap:(?P<kind>[\w -]+?)(?:\s\s+HWaddr (?P<mac>[0-9A-Fa-f:]+))?\s*$")
_MTU = re.compile(r"\b(?:mtu |MTU:)(\d{1,6})")
_FOUR = re.compile(
    r"\s+inet (?:addr:)?(?P<address>[\d.]+)(?:\s+(?:-->|destination|P-t-P:)\s*(?P<peer>[\d.]+))?.*?(?:netmask |Mask:)(?P<mask>0x[0-9a-f]{8}|[\d.]+)"
)
_SIX = re.compile(
    r"\s+inet6 (?:addr: ?)?(?P<address>[0-9A-Fa-f:.]+)(?:%\S+)?(?:/(?P<slash>\d{1,3})|\s+prefixlen (?P<length>\d{1,3}))(?P<rest>.*)"
)
_ETHER = re.compile(r"\s+(?:ether|lladdr) (?P<mac>[0-9A-Fa-f:]{11,17})")
_STATUS = re.compile(r"\s+status: (?P<status>active|inactive|associated|no carrier)")
_TUNNEL = re.compile(r"\s+tunnel inet6? (?P<local>\S+) --> (?P<peer>\S+)")
_OLD_FLAGS = re.compile(r"\s+(?P<flags>(?:UP |BROADCAST |LOOPBACK |POINTOPOINT |RUNNING |NOARP |MULTICAST |PROMISC )+)\s*MTU:")
_FLAGS = ("tentative", "duplicated", "deprecated", "autoconf", "temporary", "secured", "detached")
_SURE = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", form.pattern) for form in (_HEAD, _OLD_HEAD)))


def detect(head: Source, name: str) -> Reason | None:
    """Certain by an interface's first line."""
    return recognise(head, TITLE, _SURE, ("ifconfig",))


def parse(source: Source) -> Parsed:
    """An Interfaces for each command, and the counters."""
    return parse_listings(source, "ifconfig", _interfaces)


def _interfaces(section: Section, room: int) -> list[Interface]:
    found: list[dict[str, Any]] = []
    for line in section.lines:
        text = line.text[:2000]
        if (head := _HEAD.match(text) or _OLD_HEAD.match(text)) is not None:
            if len(found) >= room:
                break
            part = head.groupdict()
            flags = tuple(flag for flag in (part.get("flags") or "").split(",") if flag)
            mac = (part.get("mac") or "").lower() or None
            found.append({"line": line.number, "name": head["name"], "flags": flags, "mac": mac, "addresses": []})
        if found:
            _detail(found[-1], text, line.number)
    return [Interface(**{"state": _state(one), **one, "addresses": tuple(one["addresses"][:1000])}) for one in found]


def _detail(one: dict[str, Any], text: str, number: int) -> None:
    if (mtu := _MTU.search(text)) is not None:
        one["mtu"] = int(mtu[1])
    if (four := _FOUR.match(text)) is not None:
        one["addresses"].append(InterfaceAddress(line=number, address=four["address"], prefix_length=_length(four["mask"])))
        if four["peer"]:
            one["peer"] = four["peer"]
    elif (six := _SIX.match(text)) is not None:
        rest = six["rest"].lower()
        scope = "link" if six["address"].lower().startswith("fe80") else "host" if six["address"] == "::1" else "global"
        flags = tuple(flag for flag in _FLAGS if re.search(rf"\b{flag}\b", rest))
        length = int(six["slash"] or six["length"])
        one["addresses"].append(
            InterfaceAddress(line=number, address=six["address"], prefix_length=length, scope=scope, flags=flags)
        )
    elif (ether := _ETHER.match(text)) is not None:
        one |= {"mac": ether["mac"].lower(), "kind": "ether"}
    elif (status := _STATUS.match(text)) is not None:
        one["status"] = status["status"]
    elif (tunnel := _TUNNEL.match(text)) is not None:
        one |= {"local": tunnel["local"], "peer": tunnel["peer"], "kind": "tunnel"}
    elif (old := _OLD_FLAGS.match(text)) is not None:
        one["flags"] = tuple(old["flags"].split())


def _state(one: dict[str, Any]) -> str | None:
    """UP, DOWN or UNKNOWN as `ip addr` would say; RUNNING stands for a carrier."""
    status, flags = one.pop("status", None), one["flags"]
    if "UP" not in flags or status in ("inactive", "no carrier"):
        return "DOWN"
    if "LOOPBACK" in flags:
        return "UNKNOWN"
    return "UP" if "RUNNING" in flags else "DOWN"


def _length(mask: str) -> int:
    """The prefix length of a netmask, dotted or hexadecimal; 32 for what is none."""
    try:
        dotted = ".".join(str(int(mask[i : i + 2], 16)) for i in (2, 4, 6, 8)) if mask.startswith("0x") else mask
        return IPv4Network(f"0.0.0.0/{dotted}").prefixlen
    except ValueError:
        return 32
