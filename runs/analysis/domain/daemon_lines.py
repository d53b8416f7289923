"""Lines of daemons that mean something to the rules: DHCP clients, systemd, the kernel's packet filter. From messages to facts, bounded.

Sources: WIDE dhcp6c (dhcp6c.c, dhcp6c_ia.c, prefixconf.c), ISC dhclient, systemd-networkd, odhcp6c; systemd's job messages.
"""

import re

from runs.analysis.domain.netfilter_lines import NetfilterLines
from runs.analysis.facts.base import Fact
from runs.analysis.facts.dhcp import DhcpClientEvent, DhcpStep
from runs.analysis.facts.service import ServiceEvent

MAX_EVENTS = 5_000
_DHCP_PROGRAMS = re.compile(r"dhcp6c|dhclient|dhcpcd|udhcpc|odhcp6c|systemd-networkd|NetworkManager")
_SENT = re.compile(r"(?:send|sending|Sending|XMT:?)\s+(?:a )?(solicit|request|renew|rebind|release)\b", re.IGNORECASE)
_FOUR = re.compile(r"\b(DHCPDISCOVER|DHCPREQUEST|DHCPOFFER|DHCPACK|DHCPNAK|DHCPRELEASE)\b")
_SAYS_FOUR = re.compile(rf"{_FOUR.pattern}|\bDHCP(?:v4)?\b")
_GAINED = re.compile(
    r"(?:create a prefix|update a prefix|bound to|leased|add an address|DHCPv6 address|delegated prefix) ?:?\s*([0-9A-Fa-f:.]+(?:/\d+)?)?"
)
_LOST = re.compile(r"(?:remove (?:a prefix|an address|an IA)|lease lost|DHCP lease lost|lost lease)\W*([0-9A-Fa-f:.]+(?:/\d+)?)?")
_EXPIRED = re.compile(r"(?:lease|prefix|address|IA)\b.{0,60}\bexpired|expired.{0,40}\blease", re.IGNORECASE)
_LIFETIME = re.compile(r"vltime[= ](\d{1,10})|renewal in (\d{1,10}) seconds|lease time (\d{1,10})")
_INTERFACE = re.compile(r"%([\w.@-]{1,32})|\bon ([a-z][\w.@-]{1,31})\b")
_STEPS: dict[str, DhcpStep] = {
    "DHCPDISCOVER": "discover", "DHCPREQUEST": "request", "DHCPOFFER": "offer", "DHCPACK": "ack", "DHCPNAK": "nak", "DHCPRELEASE": "release",
}  # fmt: skip
_UNIT = re.compile(
    r"(Starting|Started|Stopping|Stopped|Reloaded|Failed to start)\s+(?:(\S+\.(?:service|socket|mount|target|timer))(?: - .*)?|(.{1,120}?))\.*$"
    r"|(\S+\.service): (?:Failed with result|Main process exited)"
)
_STATES = {
    "Starting": "starting", "Started": "started", "Stopping": "stopping", "Stopped": "stopped", "Reloaded": "reloaded",
    "Failed to start": "failed",
}  # fmt: skip


class DaemonLines:
    """Collects the facts of one log."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._packets = NetfilterLines()

    @property
    def facts(self) -> list[Fact]:
        """All that was found."""
        return [*self._facts, *self._packets.facts()]

    def read(self, program: str, message: str, line: int, wall_ns: int | None, zone: str | None, has_date: bool) -> None:
        """Look at one record."""
        if program == "kernel" and self._packets.read(message, line, wall_ns):
            return
        if len(self._facts) >= MAX_EVENTS:
            return
        if program == "systemd" or program.startswith("init"):
            self._service(message, line, wall_ns, zone, has_date)
        elif _DHCP_PROGRAMS.search(program):
            self._dhcp(program, message, line, wall_ns, zone, has_date)

    def _service(self, message: str, line: int, wall_ns: int | None, zone: str | None, has_date: bool) -> None:
        match = _UNIT.match(message)
        if match is not None:
            state = _STATES.get(match[1] or "", "failed")
            unit = match[2] or match[4] or match[3]
            self._facts.append(
                ServiceEvent(unit=unit, state=state, line=line, wall_ns=wall_ns, zone=zone, has_date=has_date)  # type: ignore[arg-type]
            )

    def _dhcp(self, program: str, message: str, line: int, wall_ns: int | None, zone: str | None, has_date: bool) -> None:
        step, lease = dhcp_step(message)
        if step is None:
            return
        interface = _INTERFACE.search(message)
        lifetime = _LIFETIME.search(message)
        self._facts.append(
            DhcpClientEvent(
                step=step,
                line=line,
                text=message[:300],
                version=4 if _SAYS_FOUR.search(message) or (lease and ":" not in lease) else 6,
                interface=(interface[1] or interface[2]) if interface else None,
                lease=lease,
                lifetime_s=int(next(group for group in lifetime.groups() if group)) if lifetime else None,
                wall_ns=wall_ns,
                zone=zone,
                has_date=has_date,
            )
        )


def dhcp_step(message: str) -> tuple[DhcpStep | None, str | None]:
    """What a DHCP client's message tells, and the lease it names."""
    four = _FOUR.search(message)
    if four is not None:
        return _STEPS[four[1]], None
    if _EXPIRED.search(message):
        return "lease_expired", None
    if (lost := _LOST.search(message)) is not None:
        return "lease_lost", lost[1]
    if (sent := _SENT.search(message)) is not None:
        return sent[1].lower(), None  # type: ignore[return-value]
    if "recvadvert" in message or re.search(r"\breceived? advertise\b", message, re.IGNORECASE):
        return "advertise", None
    if "recvreply" in message or re.search(r"\breceived? reply\b", message, re.IGNORECASE):
        return "reply", None
    if (gained := _GAINED.search(message)) is not None:
        return "lease_gained", gained[1]
    return None, None
