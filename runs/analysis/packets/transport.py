"""Transport headers: ports, TCP's fields, ICMP's type and code, and what the payload's first bytes look like."""

from runs.analysis.packets.jit import kernel
from runs.analysis.packets.schema import (
    HTTP_REQUEST,
    HTTP_RESPONSE,
    ICMP,
    ICMPV6,
    IS_CUT,
    IS_MALFORMED,
    SCTP,
    SMTP_LIKE,
    SSH,
    SYN,
    TCP,
    TLS_ALERT,
    TLS_HANDSHAKE,
    TLS_OTHER,
    UDP,
)  # fmt: skip
from runs.analysis.packets.store import Columns
from runs.analysis.packets.words import Bytes, be16, be32

NO_WINDOW_SCALE = -2


@kernel
def window_scale_of(data: Bytes, at: int, end: int) -> int:
    """The shift that a SYN's options (data[at:end]) offer (RFC 7323); NO_WINDOW_SCALE where they offer none."""
    while at < end:
        kind = int(data[at])
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        if at + 1 >= end or data[at + 1] < 2:
            break
        if kind == 3:
            return min(int(data[at + 2]), 14) if at + 2 < end else NO_WINDOW_SCALE
        at += int(data[at + 1])
    return NO_WINDOW_SCALE


@kernel
def application_of(data: Bytes, at: int, end: int) -> int:
    """What a payload (data[at:end]) looks like by its first four bytes; 0: nothing known."""
    if at + 4 > end:
        return 0
    word = be32(data, at)
    if word == 0x48545450:  # HTTP
        return HTTP_RESPONSE
    if (
        word == 0x47455420 or word == 0x504F5354 or word == 0x50555420 or word == 0x48454144 or word == 0x44454C45  # GET POST PUT HEAD DELE
        or word == 0x4F505449 or word == 0x50415443 or word == 0x434F4E4E  # OPTI PATC CONN
    ):  # fmt: skip
        return HTTP_REQUEST
    if word >> 8 & 0xFFFF in (0x0300, 0x0301, 0x0302, 0x0303) and at + 5 <= end:
        kind = word >> 24
        if kind == 22:
            return TLS_HANDSHAKE
        if kind == 21:
            return TLS_ALERT
        if kind == 20 or kind == 23:
            return TLS_OTHER
    if word == 0x5353482D:  # SSH-
        return SSH
    if word >> 8 == 0x323230 and (word & 0xFF == 0x20 or word & 0xFF == 0x2D):  # '220 ', '220-'
        return SMTP_LIKE
    return 0


@kernel
def tcp_header(data: Bytes, frame: int, at: int, length: int, end: int, row: int, columns: Columns) -> int:
    """Read a TCP header (RFC 9293); returns frame flags. Sixteen captured bytes suffice, as they do for Wireshark."""
    if at + 16 > end:
        return IS_CUT
    header, flags = (int(data[at + 12]) >> 4) * 4, int(data[at + 13])
    if header < 20:
        return IS_MALFORMED
    columns.sequence[row] = be32(data, at + 4)
    columns.acknowledgment[row] = be32(data, at + 8)
    columns.tcp_flags[row] = flags
    columns.window[row] = be16(data, at + 14)
    columns.transport_offset[row] = min(at - frame, 0xFFFF)
    columns.payload_offset[row] = min(at - frame + header, 0xFFFF)
    columns.payload_length[row] = max(0, length - header)
    if flags & SYN:
        columns.window_scale[row] = window_scale_of(data, at + 20, min(end, at + header))
    if length > header:
        columns.application[row] = application_of(data, at + header, min(end, at + length))
    return IS_MALFORMED if length < header else IS_CUT if at + header > end else 0


@kernel
def icmp_header(data: Bytes, protocol: int, frame: int, at: int, length: int, end: int, row: int, columns: Columns) -> int:
    """Read an ICMP or ICMPv6 header (RFC 792, RFC 4443); an echo's identifier stands in both ports."""
    if at + 2 > end:
        return IS_CUT
    kind = int(data[at])
    columns.icmp_type[row] = kind
    columns.icmp_code[row] = data[at + 1]
    columns.transport_offset[row] = min(at - frame, 0xFFFF)
    columns.payload_offset[row] = min(at - frame + 8, 0xFFFF)
    columns.payload_length[row] = max(0, length - 8)
    is_echo = (kind == 0 or kind == 8) if protocol == ICMP else (kind == 128 or kind == 129)
    if is_echo and at + 8 <= end:
        columns.source_port[row] = be16(data, at + 4)
        columns.destination_port[row] = be16(data, at + 4)
        columns.sequence[row] = be16(data, at + 6)
    return 0


@kernel
def transport_of(data: Bytes, protocol: int, frame: int, at: int, length: int, end: int, row: int, columns: Columns) -> int:
    """Fill the transport columns from the header at `at` with `length` bytes on the wire; returns frame flags."""
    if protocol in (ICMP, ICMPV6):
        return icmp_header(data, protocol, frame, at, length, end, row, columns)
    if at + 4 > end:
        return IS_CUT
    columns.source_port[row] = be16(data, at)
    columns.destination_port[row] = be16(data, at + 2)
    if protocol == TCP:
        return tcp_header(data, frame, at, length, end, row, columns)
    columns.transport_offset[row] = min(at - frame, 0xFFFF)
    header = 8 if protocol == UDP else 12
    if protocol in (UDP, SCTP):
        columns.payload_offset[row] = min(at - frame + header, 0xFFFF)
        columns.payload_length[row] = max(0, length - header)
    return IS_CUT if at + header > end else 0
