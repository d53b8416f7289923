"""Checksums as tcpdump -v prints them: 'cksum 0x5c59 (incorrect -> 0xb008)', '[bad udp cksum 0x1d2f -> 0x8c11!]', '(correct)'.

Sources: print-tcp.c and print-udp.c of tcpdump 3.9 to 4.99.
"""

import re
from ipaddress import ip_address

from runs.analysis.domain.tcpdump_lines import Record
from runs.analysis.domain.tcpdump_packets import Packet
from runs.analysis.packets.internet_checksum import ChecksumCounter, pseudo_sum
from runs.analysis.packets.schema import TCP, UDP

_PRINTED = re.compile(
    r"cksum 0x(?P<stated>[0-9a-f]{1,4}) \((?:correct|incorrect \(?-> 0x(?P<wanted>[0-9a-f]{1,4})\)?)"
    r"|\[bad (?:tcp|udp) cksum (?:0x)?(?P<old>[0-9a-f]{1,4}) (?:->|\(->) ?(?:0x)?(?P<old_wanted>[0-9a-f]{1,4})"
    r"|\[(?:tcp|udp) sum (?P<ok>ok)\]"
)
_IP_LENGTH = re.compile(r"\blength:? (\d{1,5})\)")
IPV4_HEADER_BYTES = 20
_PROTOCOLS = {"tcp": TCP, "udp": UDP}


def count_checksum(counter: ChecksumCounter, record: Record, packet: Packet, frame: int) -> None:
    """Take a record's checksum over, where it prints one. What an ICMP error quotes counts for nothing: it is no frame."""
    if packet.protocol not in _PROTOCOLS:
        return
    parts = [record.start["rest"], *record.more]
    at, found = next(((n, m) for n, part in enumerate(parts) if (m := _PRINTED.search(part)) is not None), (0, None))
    if found is None:
        return
    text = " ".join(parts)
    wrong = found["wanted"] or found["old_wanted"]
    stated = found["stated"] or found["old"]
    unfinished = wrong is not None and int(stated, 16) == _pseudo(text, packet)
    counter.add(packet.source, frame, right=wrong is None, unfinished=unfinished, ttl=packet.ttl, line=record.line + at)


def _pseudo(text: str, packet: Packet) -> int | None:
    """The sum that an unfinished checksum holds; None where the text does not print all of the pseudo-header."""
    length = _IP_LENGTH.search(text)
    try:
        source, destination = ip_address(packet.source), ip_address(packet.destination)
    except ValueError:
        return None
    if length is None:
        return None
    carried = int(length[1]) - (IPV4_HEADER_BYTES if source.version == 4 else 0)
    return pseudo_sum(source.packed, destination.packed, _PROTOCOLS[packet.protocol], max(0, carried))
