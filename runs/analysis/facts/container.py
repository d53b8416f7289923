"""Containers and the ports that they publish on their host."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class PublishedPort(msgspec.Struct, frozen=True):
    """A port of the host that leads to one of a container."""

    host_address: str  # '0.0.0.0', '::', '127.0.0.1'
    host_port: int
    container_port: int
    protocol: str  # 'tcp', 'udp'
    line: int


class Container(Fact, frozen=True, kw_only=True):
    """A container as docker tells it (inspect, ps, port). None and empty: not told."""

    evidence_name: ClassVar[Message] = message("evidence.container", en="docker's account of a container", ja="コンテナの情報")

    name: str | None = None
    id: str | None = None
    image: str | None = None
    state: str | None = None  # 'running', 'exited', 'restarting' …
    exit_code: int | None = None
    restart_count: int | None = None
    health: str | None = None  # 'healthy', 'unhealthy'
    addresses: tuple[str, ...] = ()  # of its networks
    ports: tuple[PublishedPort, ...] = ()
    exposed: tuple[str, ...] = ()  # '8080/tcp', published or not
    line: int = 1
