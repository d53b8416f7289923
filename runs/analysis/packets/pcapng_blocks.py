"""The bodies of pcapng blocks that are no packets: interfaces, statistics, names, and options."""

import struct
from ipaddress import ip_address
from typing import NamedTuple

from runs.analysis.facts.capture import CaptureInterface

SECTION_HEADER = 0x0A0D0D0A
INTERFACE, NAME_RESOLUTION, INTERFACE_STATISTICS = 1, 4, 5
MAX_TEXT_BYTES = 4_096

Options = list[tuple[int, bytes]]


class InterfaceClock(NamedTuple):
    """How an interface counts time, and its snaplen."""

    is_binary: int
    exponent: int
    offset_s: int
    snaplen: int

    def resolution_ns(self) -> int:
        """One tick in ns, at least 1."""
        ticks = (2 if self.is_binary else 10) ** self.exponent
        return int(max(1, 1_000_000_000 // ticks))


def options_of(data: bytes, order: str) -> Options:
    """The options of a block as (code, value), as far as they are whole."""
    options, at = [], 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        value = data[at + 4 : at + 4 + length]
        if code == 0 or len(value) < length:
            break
        options.append((code, value))
        at += 4 + (length + 3) // 4 * 4
    return options


def texts_of(options: Options, code: int) -> list[str]:
    """The values of a text option."""
    return [value[:MAX_TEXT_BYTES].decode("utf-8", "replace").rstrip("\0") for found, value in options if found == code]


def _number(options: Options, code: int, order: str) -> int | None:
    for found, value in options:
        if found == code and len(value) == 8:
            return int(struct.unpack(order + "Q", value)[0])
    return None


def interface_of(body: bytes, order: str) -> tuple[CaptureInterface, InterfaceClock]:
    """An interface description: what it says of the interface, and of its clock. A short body counts as zeros."""
    body = body.ljust(8, b"\0")
    linktype, _, snaplen = struct.unpack_from(order + "HHI", body)
    options = options_of(body[8:], order)
    resolution = next((value[0] for code, value in options if code == 9 and value), 6)
    offset = next((struct.unpack(order + "q", value)[0] for code, value in options if code == 14 and len(value) == 8), 0)
    capture_filter = next(
        (value[1:].decode("utf-8", "replace").rstrip("\0") for code, value in options if code == 11 and value), None
    )
    interface = CaptureInterface(
        name=next(iter(texts_of(options, 2)), None), linktype=linktype, snaplen=snaplen, filter=capture_filter or None
    )
    clock = InterfaceClock(resolution >> 7, resolution & 0x7F, max(-(1 << 40), min(offset, 1 << 40)), snaplen)
    return interface, clock


def statistics_of(body: bytes, order: str) -> tuple[int, int | None, int | None]:
    """Interface statistics: (interface, packets received, packets dropped by interface and system)."""
    number = struct.unpack_from(order + "I", body.ljust(12, b"\0"))[0]
    options = options_of(body[12:], order)
    dropped = [n for n in (_number(options, 5, order), _number(options, 7, order)) if n is not None]
    return number, _number(options, 4, order), sum(dropped) if dropped else None


def names_of(body: bytes, order: str) -> list[tuple[str, str]]:
    """Name resolution records as (address, name)."""
    names, at = [], 0
    while at + 4 <= len(body):
        kind, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        size = {1: 4, 2: 16}.get(kind)
        if kind == 0 or len(value) < length:
            break
        if size and length > size:
            address = str(ip_address(value[:size]))
            names += [(address, name.decode("utf-8", "replace")) for name in value[size:].split(b"\0") if name]
        at += 4 + (length + 3) // 4 * 4
    return names
