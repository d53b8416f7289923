"""All facts of the upper layers of a capture. Each protocol reads the capture's bytes once, in rising order."""

from collections.abc import Callable, Iterator
from pathlib import Path

from runs.analysis.facts.base import Fact
from runs.analysis.packets.capture import CaptureRead
from runs.analysis.packets.stream import open_bytes
from runs.analysis.packets.upper.arp import arp_resolutions
from runs.analysis.packets.upper.checksums import frame_checksums
from runs.analysis.packets.upper.dhcp import dhcp_messages
from runs.analysis.packets.upper.http import http_exchanges
from runs.analysis.packets.upper.icmp import icmp_errors
from runs.analysis.packets.upper.queries import captured_queries
from runs.analysis.packets.upper.tls import tls_handshakes
from runs.analysis.packets.upper.view import View

_READERS: tuple[Callable[[View], Iterator[Fact]], ...] = (
    icmp_errors,
    captured_queries,
    tls_handshakes,
    http_exchanges,
    arp_resolutions,
    dhcp_messages,
    frame_checksums,
)


def upper_facts(origin: Path | bytes, read: CaptureRead) -> Iterator[Fact]:
    """The facts of all upper layers, one protocol after the other."""
    for facts_of in _READERS:
        with open_bytes(origin) as source:
            yield from facts_of(View(read.packets, read.conversations, read.addresses, source))
