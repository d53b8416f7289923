"""tcpdump's text as records: which physical lines make one packet, across wrapped lines, -v details, quoted packets and hex dumps.

Sources: tcpdump 3.9 to 4.99 (tcpdump.c, print.c, util-print.c ts_print, print-ether.c, print-sll.c).
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runs.analysis.text import Line

MAX_RECORD_LINES = 12
MAX_RECORD_CHARACTERS = 4_000
MAX_DUMP_BYTES = 65_536

_TIME = (
    r"(?P<date>\d{4}-\d\d-\d\d )?(?P<face>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"|(?P<epoch>-?\d{1,10})\.(?P<part>\d{6,9})(?:\s+-?\d{1,10}\.\d{6,9})?"
)
_MAC = r"(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}"
START = re.compile(
    rf"(?P<indent>[ -]?)(?:(?P<clock>{_TIME})\s+)?"
    r"(?:(?P<interface>[\w.@:-]{1,40}|\?)\s{1,3}(?P<way>In|Out|B|M|P|Ot)\s+)?"
    r"(?P<rest>(?:(?:truncated-)?(?:IP6?|ARP|arp|RARP|rarp|ICMP6?)\b[ ,]|(?:In|Out|B|M|P) .{0,120}?(?:ethertype|length)|"
    rf"(?:ifindex \d{{1,6}} )?{_MAC} (?:\(oui [^)]{{1,80}}\) )?(?:>|ethertype)|AF (?:IPv?[46]|INET6?)|Loopback,|"
    r"[\w.:%-]{3,255} > [\w.:%-]{3,255}: |(?:STP|LLDP|CDPv\d|LACPv\d|PPPoE|EAPOL|802\.1|IPX|AT |LLC|Unknown|unknown|MPLS|LoWPAN|IS-IS|CLNP)\b).*)$"
)
_HEX = re.compile(r"\s+0x([0-9a-f]{4,5}):?\s{1,3}((?:[0-9a-f]{2,4}\s?){1,8})")
_DETAIL = re.compile(r"(?:\s+|)[\w.:%-]{2,255} > [\w.:%-]{2,255}: ")
_QUOTED = re.compile(r"\s*IP6? \((?:tos|class|flowlabel|hlim)")
_ERROR_WORDS = re.compile(r"unreachable|exceeded|redirect|time-exceeded|too big|parameter problem|source quench", re.IGNORECASE)

PLAIN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d )?(?P<face>\d\d:\d\d:\d\d)\.(?P<fraction>\d{6}|\d{9}) (?:[\w.@:-]{1,40}\s{1,3}(?:In|Out|B|M|P)\s{1,3})?"
    r"(?P<rest>IP6? (?P<source>[\w.:%-]{1,255}) > (?P<destination>[\w.:%-]{1,255}): Flags \[(?P<flags>[FSRPUEW.]{1,8})\], "
    r"(?:seq (?P<sequence>\d{1,10})(?::(?P<end>\d{1,10}))?, )?(?:ack (?P<ack>\d{1,10}), )?win (?P<window>\d{1,5}), "
    r"(?:options \[(?P<options>[^\]]{0,200})\], )?length (?P<length>\d{1,9})(?:: .*)?)$"
)
"""A TCP segment in one line, the commonest of all."""


VERBOSE = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d )?(?P<face>\d\d:\d\d:\d\d)\.(?P<fraction>\d{6}|\d{9}) "
    r"(?P<rest>IP \(tos 0x[0-9a-f]{1,2}(?:,[A-Z0-9()]{1,20})?, ttl (?P<ttl>\d{1,3}), id (?P<id>\d{1,5}), offset 0, "
    r"flags \[[^\]]{0,8}\], proto TCP \(6\), length \d{1,5}\))$"
)
"""The first of the two lines that -v prints of a TCP segment."""

SEGMENT = re.compile(
    r"\s{0,8}(?P<source>[\w.:%-]{1,255}) > (?P<destination>[\w.:%-]{1,255}): Flags \[(?P<flags>[FSRPUEW.]{1,8})\], "
    r"(?:cksum 0x(?P<stated>[0-9a-f]{1,4}) \((?P<sum>correct|incorrect -> 0x[0-9a-f]{1,4})\), )?"
    r"(?:seq (?P<sequence>\d{1,10})(?::(?P<end>\d{1,10}))?, )?(?:ack (?P<ack>\d{1,10}), )?win (?P<window>\d{1,5}), "
    r"(?:options \[(?P<options>[^\]]{0,200})\], )?length (?P<length>\d{1,9})(?:: .*)?$"
)
"""The second of them."""


class Record(NamedTuple):
    """One packet as printed: its first line's number and offset, the parts of that line, the lines that belong to it."""

    line: int
    offset: int
    start: re.Match[str]
    more: list[str]  # continued, detail and quoted lines, as they stand
    dump: bytes = b""  # of -x, -X; empty without
    is_plain: bool = False  # `start` is a match of PLAIN, or of VERBOSE
    is_verbose: bool = False
    segment: re.Match[str] | None = None  # the line under VERBOSE, a match of SEGMENT


class Other(NamedTuple):
    """A line that is no part of a packet."""

    line: Line


def looks_like_packet(text: str) -> bool:
    """Whether a line is the first line of a packet with a time, or an IP line without one."""
    match = START.match(text[:600])
    if match is None:
        return False
    rest = match["rest"]
    if match["clock"] is None:
        return bool(
            re.match(
                r"IP6? (?:\(tos|\(class|\(flowlabel|\(hlim|[\w.:%-]+ > [\w.:%-]+: )|(?:ARP, (?:Request|Reply)|arp (?:who-has|reply)) ",
                rest,
            )
        )
    return " > " in rest[:300] or rest[:3].upper() in ("ARP", "IP ", "IP6") or "ethertype" in rest[:200]


def records(lines: Iterable[Line]) -> Iterator[Record | Other]:
    """Packets and other lines, in order. Lines of a packet are joined by what they look like, never by a fixed count."""
    held: Record | None = None
    timed = False
    dump = bytearray()
    size = 0
    for line in lines:
        text = line.text
        first = text[:1]
        plain = None if first == "\t" or first == " " else PLAIN.match(text) or VERBOSE.match(text)
        if plain is not None:  # it begins with a time, so it goes on with nothing
            if held is not None:
                yield held._replace(dump=bytes(dump)) if dump else held
                dump.clear()
            held = Record(line.number, line.offset, plain, [], b"", True, plain.re is VERBOSE)
            timed, size = True, len(text)
            continue
        if held is not None and held.is_verbose and not held.more and (segment := SEGMENT.match(text)) is not None:
            held.more.append(text)
            held, size = held._replace(segment=segment), size + len(text)
            continue
        if held is not None:
            if text[:1] in " \t" and (row := _HEX.match(text)) is not None:
                digits = re.sub(r"\s", "", row[2])
                if len(dump) == int(row[1], 16) and len(dump) < MAX_DUMP_BYTES and len(digits) % 2 == 0:
                    dump += bytes.fromhex(digits)
                continue
            if _belongs(held, text, timed, size):
                held.more.append(text)
                size += len(text)
                continue
        start = START.match(text) if len(text) < 20_000 else START.match(text[:20_000])
        if start is not None and held is not None and timed and start["clock"] is None and not held.more:
            start = None if not looks_like_packet(text) else start
        if start is None or not (start["clock"] or looks_like_packet(text)):
            if held is not None:
                yield held._replace(dump=bytes(dump))
                held = None
            yield Other(line)
            continue
        if held is not None:
            yield held._replace(dump=bytes(dump))
        timed = timed or start["clock"] is not None
        held, dump, size = Record(line.number, line.offset, start, []), bytearray(), len(text)
    if held is not None:
        yield held._replace(dump=bytes(dump))


def _belongs(held: Record, text: str, timed: bool, size: int) -> bool:
    """Whether a line goes on with the packet above it."""
    if not text.strip() or len(held.more) >= MAX_RECORD_LINES or size + len(text) > MAX_RECORD_CHARACTERS:
        return False
    first = text[0]
    if first in "\t ":
        return not (timed and START.match(text.lstrip(" ")) is not None and START.match(text.lstrip(" "))["clock"])  # type: ignore[index]
    rest = held.start["rest"]
    if not text.isascii() or first in "$#%^" or re.match(r"\[[\w.-]+@", text):
        # a typographic dash stands in '… unreachable – admin prohibited' of texts from the web
        return bool(_DETAIL.match(text)) and bool(re.search(r"ICMP", text)) and _open_parts(rest, held.more)
    if _QUOTED.match(text):
        return timed and bool(_ERROR_WORDS.search(" ".join([rest, *held.more])))
    if _DETAIL.match(text):
        return _open_parts(rest, held.more)
    if START.match(text) is not None or re.match(r"\d+ packets? |tcpdump: |reading from file |Got \d", text):
        return False
    return _wrapped(rest, held.more) and len(text) < 400


def _open_parts(rest: str, more: list[str]) -> bool:
    """Whether the last IP header printed so far still lacks its 'a > b:' line."""
    last = next((part for part in reversed([rest, *more]) if re.match(r"\s*IP6? \(|.*ethertype IPv[46].*: \(", part)), None)
    parts = [rest, *more]
    if last is None:
        return False
    after = parts[parts.index(last) :]
    return not any(" > " in re.sub(r"^.*?length \d+: \(", "", part) for part in after)


def _wrapped(rest: str, more: list[str]) -> bool:
    """Whether the packet's text so far has not come to its end, so that a line without indent can be the rest of it."""
    text = " ".join([rest, *more])
    if re.search(r", length \d+(?:: .*)?$|length \d+\)$", text) or (text.endswith(")") and not re.search(r"\d:\d+\(\d+\)$", text)):
        return False
    return " > " in text or text.count("(") > text.count(")")
