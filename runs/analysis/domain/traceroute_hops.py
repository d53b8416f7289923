"""The hops of traceroute: Linux, BSD, macOS, BusyBox, Junos, Cisco, tcptraceroute.

     3  gw.example (203.0.113.1) [AS64500]  0.397 ms !X * 203.0.113.2 (203.0.113.2)  0.382 ms        Linux -A
     3  [AS64500] gw.example (203.0.113.1)  0.397 ms  0.382 ms                                       BSD -a
      3 gw.example (203.0.113.1) [AS 64500] [MPLS: Label 24 Exp 0] 4 msec *  8 msec                  Cisco
        203.0.113.2 8 msec                                                                           more of the hop above

Sources: traceroute(8) of Linux and of FreeBSD, Cisco's table of the characters of traceroute.
"""

import re

from runs.analysis.facts.reachability import TracerouteHop

_ADDRESS = r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f.]{0,15}){2,7}(?:%[\w.-]+)?)"
_FIRST = rf"(?:\*|\[AS|\[\*\]|{_ADDRESS}(?=[\s(]|$)|[\w.-]{{1,255}} \({_ADDRESS}\)|<?\d{{1,6}}(?:\.\d{{1,6}})? ?ms|![A-Z<])"
HOP = re.compile(rf"\s{{0,6}}(?P<number>\d{{1,3}})[.:?]?\s+(?P<rest>{_FIRST}.*)$")
MORE = re.compile(rf"\s{{2,}}(?P<rest>(?:\[AS ?[\w/]*\] ?)?(?:{_ADDRESS}|[\w.-]{{1,255}} \({_ADDRESS}\))\s.*\d ?ms.*)$")
# Two of these in order, with times, are a traceroute whose first line went elsewhere (BSD prints it to the standard error).
STRICT = re.compile(
    rf"\s?(?P<number>\d{{1,2}})  (?:\*(?: |$)|(?:\[AS\w*\] )?(?:{_ADDRESS}|[\w.-]{{1,255}}) \({_ADDRESS}\)|{_ADDRESS}  \d)"
    r"(?=(?P<times>.*\d ms)?)"
)
_PLACE = re.compile(rf"(?<!\S)(?:(?P<name>[^\s()\[\]<>*]{{1,255}}) \((?P<address>{_ADDRESS})\)|(?P<bare>{_ADDRESS})(?=[\s(]|$))")
_RTT = re.compile(r"(?<![\w.=-])<?(\d{1,6}(?:\.\d{1,6})?) ?ms")
_MARK = re.compile(r"![A-Z](?:-\d+)?|!<\d+>")  # a '!' alone is a low TTL in the answer, no refusal
_MTU = re.compile(r"(?<!\S)F=(\d{2,5})(?!\S)")


def read_hop(number: int, rest: str, line: int) -> TracerouteHop:
    """A hop from what stands behind its number; `rest` may be several lines joined by a space."""
    addresses: list[str] = []
    names: list[str] = []
    for place in _PLACE.finditer(rest):
        address = place["address"] or place["bare"]
        addresses.append(address.partition("%")[0])
        if place["name"] and place["name"].partition("%")[0] != addresses[-1]:
            names.append(place["name"])
    return TracerouteHop(
        number=number,
        line=line,
        addresses=tuple(dict.fromkeys(addresses)),
        names=tuple(dict.fromkeys(names)),
        rtts_ns=tuple(_ns(rtt) for rtt in _RTT.findall(rest))[:32],
        stars=len(re.findall(r"(?<!\S)\*(?!\S)", rest)),
        marks=tuple(dict.fromkeys(_MARK.findall(rest))),
    )


def least_mtu(rest: str) -> int | None:
    """The smallest size (bytes) that `--mtu` tells at a hop."""
    return min((int(size) for size in _MTU.findall(rest)), default=None)


def _ns(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0") or 0)
