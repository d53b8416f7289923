"""Lines of netfilter's LOG target and nftables' `log`, grouped by rule prefix, interfaces, protocol and ends.

DROP-IN: IN=eth3 OUT= MAC=… SRC=198.51.100.9 DST=192.0.2.44 LEN=60 TOS=0x00 TTL=52 ID=0 DF PROTO=TCP SPT=50123 DPT=22 WINDOW=64240 SYN
Source: nf_log_ipv4.c, nf_log_ipv6.c, nf_log_common.c of Linux.
"""

import re
from dataclasses import dataclass, field

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.netfilter import LoggedPackets

MAX_GROUPS = 5_000
_LINE = re.compile(
    r"(?:\[\s*\d+\.\d+\] ?)?(?P<prefix>.{0,128}?)\s?IN=(?P<input>[\w.@-]*) OUT=(?P<output>[\w.@-]*) .{0,300}?"
    r"SRC=(?P<source>[0-9A-Fa-f.:]+) DST=(?P<destination>[0-9A-Fa-f.:]+) (?P<rest>.*)$"
)
_FIELD = re.compile(r"\b(TTL|HOPLIMIT|PROTO|SPT|DPT)=(\w+)")
_FLAGS = re.compile(r" ((?:(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN) ?)+)(?:URGP=|$)")
_DROPPED = re.compile(r"drop|block|reject|deny|denied|refused|破棄|拒否", re.IGNORECASE)
Key = tuple[str, str, str, str, str, str, int | None, str | None]


@dataclass
class _Group:
    ttl: int | None
    count: int = 0
    ports: dict[int, None] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    first: int | None = None
    last: int | None = None


class NetfilterLines:
    """Collects the lines of one log."""

    def __init__(self) -> None:
        self._groups: dict[Key, _Group] = {}

    def read(self, message: str, line: int, wall_ns: int | None) -> bool:
        """Look at a kernel's message; whether it is one of the packet filter."""
        match = _LINE.match(message[:2000]) if "SRC=" in message and "IN=" in message else None
        if match is None:
            return False
        said = dict(reversed(_FIELD.findall(match["rest"])))
        flags = _FLAGS.search(match["rest"])
        port = _number(said.get("DPT"))
        key = (
            match["prefix"].strip()[:128], match["input"], match["output"], said.get("PROTO", "").lower(), match["source"],
            match["destination"], port, flags[1].strip() if flags else None,
        )  # fmt: skip
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                return True
            group = self._groups[key] = _Group(_number(said.get("TTL") or said.get("HOPLIMIT")))
        group.count += 1
        if (source_port := _number(said.get("SPT"))) is not None and len(group.ports) < 20:
            group.ports[source_port] = None
        if len(group.lines) < 50:
            group.lines.append(line)
        if wall_ns is not None:
            group.first = wall_ns if group.first is None else min(group.first, wall_ns)
            group.last = wall_ns if group.last is None else max(group.last, wall_ns)
        return True

    def facts(self) -> list[LoggedPackets]:
        """One fact for each group, in the order of the log."""
        return [
            LoggedPackets(
                prefix=prefix,
                says_dropped=_DROPPED.search(prefix) is not None,
                interface_in=into or None,
                interface_out=out or None,
                protocol=protocol,
                source=source,
                destination=Endpoint(destination, port),
                source_ports=tuple(group.ports),
                flags=flags,
                ttl=group.ttl,
                count=group.count,
                lines=tuple(group.lines),
                first_wall_ns=group.first,
                last_wall_ns=group.last,
            )
            for (prefix, into, out, protocol, source, destination, port, flags), group in self._groups.items()
        ]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535 else None
