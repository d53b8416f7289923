"""The Info column of Wireshark and tshark: ports, flags and numbers of a segment, and the remarks in brackets.

54155 → 2222 [SYN] Seq=0 Win=14600 Len=0                      [TCP Dup ACK 23287#1] 32852 > lmtp [ACK] Seq=1 Ack=22664197 Win=64240 Len=0
Source: packet-tcp.c, packet-icmp.c, packet-icmpv6.c, packet-arp.c, packet-udp.c of Wireshark 1.2 to 4.4.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from runs.analysis.domain.services import port_of
from runs.analysis.packets.schema import REMARKS

_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "ECN": 64, "CWR": 128}
_WORDS = {remark.words.lower(): remark.name for remark in REMARKS} | {
    "tcp previous segment lost": "lost_segment",
    "tcp acked lost segment": "ack_lost_segment",
    "tcp keepalive": "keep_alive",
    "tcp zerowindow": "zero_window",
    "tcp window full": "window_full",
}
_REMARK = re.compile(r"\s*\[(?P<words>TCP [A-Za-z -]+?)(?: (?P<of>\d{1,9})#(?P<n>\d{1,9}))?\](?P<comma>,?)")
_ENDS = re.compile(r"\s*(?P<here>[\w.-]{1,40})\s+(?:→|->|>|⟶|\\342\\206\\222)\s+(?P<there>[\w.-]{1,40})")
_PLAIN = re.compile(
    r"(?P<here>\d{1,5}) (?:→|->|>|⟶) (?P<there>\d{1,5}) \[(?P<flags>[A-Z, ]{1,40})\] Seq=(?P<sequence>\d{1,10})(?: Ack=(?P<ack>\d{1,10}))?"
    r"(?: Win=(?P<window>\d{1,10}))?(?: Urg=\d{1,5})? Len=(?P<length>\d{1,10})(?!\w)"
)  # of a segment without remarks, the commonest of all
_SEGMENT = re.compile(r"\s+\[(?P<flags>[A-Z, ]{1,40}|<None>)\]")
_NUMBER = {name: re.compile(rf"\b{name}=(\d{{1,10}})\b") for name in ("Seq", "Ack", "Win", "Len")}
_ECHO = re.compile(
    r"Echo \(ping\) (request|reply)\s+id=0x([0-9a-fA-F]{1,4}), seq=(\d{1,5})(?:/\d+)?(?:, ttl=(\d{1,3})|, hop limit=(\d{1,3}))?"
)
_WHO_HAS = re.compile(r"(?:Gratuitous ARP for|Who has) ([\w.:-]+)(?:\?\s+Tell ([\w.:-]+))?")
_IS_AT = re.compile(r"([\w.:-]+) is at ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")


class Remark(NamedTuple):
    """A remark in brackets: our name of it, the words, and the frame that a dup ACK repeats."""

    name: str
    words: str
    of: int | None


class Info(NamedTuple):
    """What an Info column says; None: it does not."""

    remarks: tuple[Remark, ...] = ()
    source_port: int | None = None
    destination_port: int | None = None
    flags: int | None = None  # TCP's; None: no segment
    sequence: int | None = None
    acknowledgment: int | None = None
    window: int | None = None  # scaled, as Wireshark shows it
    length: int | None = None


def read_info(text: str) -> Info:
    """Read the Info column of a TCP or UDP packet."""
    plain = _PLAIN.match(text)
    if plain is not None:
        here, there, letters, number, acknowledged, shown, carried = plain.groups()
        return Info(
            (),
            port_of(here),
            port_of(there),
            _bits(letters),
            int(number),
            int(acknowledged) if acknowledged else None,
            int(shown) if shown else None,
            int(carried),
        )
    remarks = []
    position = 0
    while (found := _REMARK.match(text, position)) is not None:
        name = _WORDS.get(found["words"].lower())
        if name is None:
            break
        remarks.append(Remark(name, found["words"], int(found["of"]) if found["of"] else None))
        position = found.end()
    ends = _ENDS.match(text, position)
    if ends is None:
        return Info(tuple(remarks))
    here, there = port_of(ends["here"]), port_of(ends["there"])
    segment = _SEGMENT.match(text, ends.end())
    flags = None if segment is None else _bits(segment["flags"])
    rest = text[segment.end() if segment else ends.end() :]
    is_cut = segment is not None and "Len=" not in rest  # a column that was too narrow: its last number may lack digits
    end = len(rest.rstrip()) if is_cut else -1
    sequence, ack, window, length = (
        int(m[1]) if (m := _NUMBER[name].search(rest)) and m.end() != end else None for name in _NUMBER
    )
    return Info(tuple(remarks), here, there, flags, sequence, ack, window, length)


@lru_cache(1024)
def _bits(words: str) -> int:
    return sum({_FLAGS.get(word.strip(), 0) for word in words.split(",")})


class IcmpInfo(NamedTuple):
    """An ICMP packet's type and code, and an echo's numbers."""

    icmp_type: int | None = None
    icmp_code: int | None = None
    identifier: int | None = None
    sequence: int | None = None
    ttl: int | None = None


_FOUR = (
    ("network unreachable", 3, 0), ("host unreachable", 3, 1), ("protocol unreachable", 3, 2), ("port unreachable", 3, 3),
    ("fragmentation needed", 3, 4), ("network administratively prohibited", 3, 9), ("host administratively prohibited", 3, 10),
    ("communication administratively filtered", 3, 13), ("time to live exceeded", 11, 0), ("fragment reassembly time", 11, 1),
    ("redirect for network", 5, 0), ("redirect", 5, 1), ("source quench", 4, 0), ("parameter problem", 12, 0),
    ("destination unreachable", 3, 1),
)  # fmt: skip
_SIX = (
    ("no route", 1, 0), ("administratively prohibited", 1, 1), ("address unreachable", 1, 3), ("port unreachable", 1, 4),
    ("destination unreachable", 1, 0), ("packet too big", 2, 0), ("hop limit exceeded", 3, 0), ("time exceeded", 3, 0),
    ("parameter problem", 4, 0), ("router solicitation", 133, 0), ("router advertisement", 134, 0), ("neighbor solicitation", 135, 0),
    ("neighbor advertisement", 136, 0), ("redirect", 137, 0), ("multicast listener report message v2", 143, 0),
)  # fmt: skip


def read_icmp(text: str, six: bool) -> IcmpInfo:
    """Read the Info column of an ICMP or ICMPv6 packet."""
    echo = _ECHO.search(text)
    if echo is not None:
        kind = (128 if echo[1] == "request" else 129) if six else (8 if echo[1] == "request" else 0)
        left = echo[4] or echo[5]
        return IcmpInfo(kind, 0, int(echo[2], 16), int(echo[3]) & 0xFFFF, min(255, int(left)) if left else None)
    words = text.lower()
    for form, kind, code in _SIX if six else _FOUR:
        if form in words:
            return IcmpInfo(kind, code)
    return IcmpInfo()


def read_arp(text: str) -> tuple[int, str, str, str | None] | None:
    """(operation, asker or answerer, target, MAC address) of an ARP packet's Info column; None for other words."""
    if (asked := _WHO_HAS.search(text)) is not None:
        return 1, asked[2] or asked[1], asked[1], None
    if (told := _IS_AT.search(text)) is not None:
        return 2, told[1], "", told[2]
    return None
