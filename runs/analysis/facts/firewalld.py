"""Zones of firewalld: what each lets in."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message

Listed = tuple[tuple[str, int], ...]
"""Items with their lines."""


class FirewalldZone(Fact, frozen=True, kw_only=True):
    """A zone as `firewall-cmd --list-all` prints it. What is neither listed nor answered by the target is rejected."""

    evidence_name: ClassVar[Message] = message("evidence.firewalld_zone", en="a zone of firewalld", ja="firewalld のゾーン")

    name: str
    line: int
    is_active: bool = False
    is_default: bool = False
    target: str | None = None  # 'default', 'ACCEPT', 'DROP', '%%REJECT%%'
    interfaces: Listed = ()
    sources: Listed = ()
    services: Listed = ()  # 'ssh', 'dhcpv6-client'
    ports: Listed = ()  # '8443/tcp'
    source_ports: Listed = ()
    protocols: Listed = ()
    forward_ports: Listed = ()  # 'port=80:proto=tcp:toport=8080:toaddr=10.7.0.80'
    icmp_blocks: Listed = ()
    rich_rules: Listed = ()
    forward: bool | None = None
    masquerade: bool | None = None
    command: str | None = None
