"""Wireshark's detail and byte panes as text (`tshark -V`, `-x`, or pasted): one packet's headers as the cells of a list.

Frame 4: 1078 bytes on wire (8624 bits), 1078 bytes captured (8624 bits)
Internet Protocol Version 4, Src: 192.0.2.102, Dst: 192.0.2.20
Transmission Control Protocol, Src Port: 2222, Dst Port: 54155, Seq: 1, Ack: 1, Len: 1024
0000  00 1b 21 8b 60 14 00 1b 21 53 b9 52 08 00 45 00  ..!.`...!S.R..E.
"""

import re

FRAME = re.compile(r"[\s▶▼▾▸▷+>v-]*Frame (?P<number>\d{1,9})(?::| \()\s*(?P<length>\d{1,9}) bytes on wire")
BYTES = re.compile(r"\s*([0-9a-f]{4,8})[\s:]{1,4}((?:[0-9a-f]{2}(?: |$)\s?){1,16})")
_LAYER = re.compile(
    r"[\s▶▼▾▸▷+>v-]*(?:Internet Protocol(?: Version [46])?, Src: (?P<source>[\w.:-]+)(?: \([^)]*\))?, Dst: (?P<destination>[\w.:-]+)"
    r"|(?P<protocol>Transmission Control Protocol|User Datagram Protocol), Src Port: (?:[\w-]+ \((?P<named>\d{1,5})\)|(?P<source_port>\d{1,5})), "
    r"Dst Port: (?:[\w-]+ \((?P<named_too>\d{1,5})\)|(?P<destination_port>\d{1,5}))"
    r"(?:, Seq: (?P<sequence>\d{1,10}))?(?:, Ack: (?P<acknowledgment>\d{1,10}))?(?:, Len: (?P<payload>\d{1,9}))?"
    r"|(?P<other>Ethernet|Linux cooked|Data |Hypertext|Address Resolution|Domain Name|Transport Layer|Null/Loopback|Raw packet)"
    r"|(?P<icmp>Internet Control Message Protocol(?: v6)?)|Type: (?P<kind>\d{1,3}) \(|Code: (?P<code>\d{1,3})\b"
    r"|Epoch (?:Arrival )?Time: (?P<epoch>\d{1,10}\.\d{1,9})"
    r"|\[Time since reference or first frame: (?P<relative>-?\d{1,10}\.\d{1,9}) seconds\]"
    r"|Flags: (?P<flags>0x0[0-9a-f]{2})\b|Time to [Ll]ive: (?P<ttl>\d{1,3})|Hop [Ll]imit: (?P<hops>\d{1,3})"
    r"|Window(?: size value)?: (?P<window>\d{1,5})\b)"
)
_WINDOW = re.compile(
    r"\s*(?:Filter: .{0,80}\bExpression\b|(?:File: .{1,200} |.{0,80}\()?.{0,120}\bPackets: \d+ .{0,3} ?Displayed: \d+|Data: [0-9a-f]{2,}(?:\.{3}|…)?$"
    r"|\[Length: \d+\]$|Time \(format as specified\)$)"
)
_MARKS = tuple("▶▼▾▸▷")
MAX_BYTES = 65_536


def is_pane(text: str) -> bool:
    """Whether a line alone is one of a detail or byte pane."""
    if FRAME.match(text) or ((octets := BYTES.match(text)) is not None and len(octets[2]) >= 12):
        return True
    return text.lstrip()[:1] in _MARKS or (_LAYER.match(text) is not None and ", Src" in text) or is_window(text)


def is_window(text: str) -> bool:
    """Whether a line is what stands around the panes of Wireshark's window: the filter's bar, the line of states, a field's value."""
    return _WINDOW.match(text) is not None


class Details:
    """Reads panes line by line; a packet is whole when the next begins."""

    def __init__(self) -> None:
        self.cells: dict[str, str] = {}
        self.line = 0
        self.data = bytearray()

    def read(self, text: str) -> bool:
        """Whether the line belongs to a pane of the packet that was begun."""
        if not self.cells:
            return False
        octets = BYTES.match(text)
        if octets is not None:
            if len(self.data) == int(octets[1], 16) and len(self.data) < MAX_BYTES:
                self.data += bytes.fromhex(octets[2])
            return True
        match = _LAYER.match(text)
        if match is None:
            return text[:1] in " \t[" or text[:2] in ("▶ ", "▾ ")
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        for name, short in (("named", "source_port"), ("named_too", "destination_port"), ("hops", "ttl"), ("epoch", "time")):
            if name in found:
                found[short] = found.pop(name)
        if "relative" in found:
            found.setdefault("time", self.cells.get("time", found["relative"]))
        if "icmp" in found:
            found["protocol"] = "ICMPv6" if found.pop("icmp").endswith("v6") else "ICMP"
        elif found.get("protocol"):
            if self.cells.get("protocol", "").startswith("ICMP"):
                return True  # of the packet that an error quotes
            found["protocol"] = "TCP" if found["protocol"].startswith("T") else "UDP"
        six = "v6_" if self.cells.get("protocol") == "ICMPv6" else "_"
        for name, long in (("kind", "type"), ("code", "code")):
            if name in found and self.cells.get("protocol", "").startswith("ICMP"):
                found[f"icmp{six}{long}"] = found[name]
        for name in ("other", "relative", "kind", "code"):
            found.pop(name, None)
        if "source" in found and "source" in self.cells:
            return True  # the packet in an ICMP error or a tunnel
        for name, value in found.items():
            self.cells.setdefault(name, value)
        return True

    def begin(self, frame: re.Match[str], line: int) -> None:
        """A line of the form FRAME."""
        self.cells, self.line, self.data = {"number": frame["number"], "length": frame["length"]}, line, bytearray()

    def take(self) -> tuple[dict[str, str], int, bytes] | None:
        """The packet that was begun, its line and its bytes; None where there is none with addresses."""
        cells, self.cells = self.cells, {}
        return (cells, self.line, bytes(self.data)) if "source" in cells else None
