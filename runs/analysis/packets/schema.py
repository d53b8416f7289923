"""The three tables of a capture: their columns, and the names of remarks, linktypes and conversation states.

`packets` has one row a frame in file order (frame number = row + 1), `conversations` one row a conversation in the order of first
frames, `addresses` one row an address (a code in a column is a row there). A column marked optional is left out where every row
has its default: read it by `column(table, name)`.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table


class Column(NamedTuple):
    """A column of `packets`: its numpy dtype, what it holds, and the value that stands for 'none'."""

    dtype: str
    meaning: str
    default: int = 0
    optional: bool = False


PACKETS: dict[str, Column] = {
    "ts_ns": Column("i8", "time stamp, ns UTC since 1970; of a text its clock face"),
    "offset": Column("i8", "of the frame's first byte in the decompressed capture; of a text the line's byte offset, else -1", -1),
    "captured_length": Column("u4", "bytes of the frame in the file"),
    "original_length": Column("u4", "bytes of the frame on the wire"),
    "interface": Column("u2", "index into Capture.interfaces", optional=True),
    "ethertype": Column(
        "u2", "of the outermost network header, behind VLAN tags; 0x0800 and 0x86DD also without Ethernet; 0: none"
    ),
    "vlan_count": Column("u1", "VLAN tags", optional=True),
    "vlan": Column("u2", "VLAN id of the outermost tag", optional=True),
    "inner_vlan": Column("u2", "VLAN id of the second tag", optional=True),
    "network_offset": Column("u2", "of the outermost network header in the frame", optional=True),
    "flags": Column("u1", "FRAME_FLAGS", optional=True),
    "ip_version": Column("u1", "of the innermost IP header: 4, 6; 0: none"),
    "protocol": Column("u1", "IP protocol behind the innermost IP header and its extension headers"),
    "source": Column("u4", "address code, innermost; of ARP the sender's protocol address"),
    "destination": Column("u4", "address code, innermost; of ARP the target's protocol address"),
    "source_port": Column("u2", "TCP, UDP, SCTP; of ICMP echo its identifier"),
    "destination_port": Column("u2", "TCP, UDP, SCTP; of ICMP echo its identifier"),
    "ttl": Column("u1", "TTL or hop limit of the innermost IP header"),
    "ip_id": Column("u2", "IPv4 identification; the low half of an IPv6 fragment's", optional=True),
    "fragment": Column("u2", "fragment offset in bytes", optional=True),
    "outer_ip_version": Column("u1", "of the outermost IP header where there is a tunnel", optional=True),
    "outer_protocol": Column("u1", "IP protocol of the outermost IP header where there is a tunnel", optional=True),
    "outer_source": Column("u4", "address code, outermost, where there is a tunnel", optional=True),
    "outer_destination": Column("u4", "address code, outermost, where there is a tunnel", optional=True),
    "transport_offset": Column("u2", "of the innermost transport header in the frame; 0: not there"),
    "payload_offset": Column("u2", "of the transport's payload in the frame; 0: not there"),
    "payload_length": Column("u4", "bytes of transport payload on the wire"),
    "tcp_flags": Column("u1", "FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128"),
    "sequence": Column("u4", "TCP sequence number, raw; of ICMP echo its sequence number"),
    "acknowledgment": Column("u4", "TCP acknowledgment number, raw"),
    "window": Column("u2", "TCP window as in the header, not scaled"),
    "icmp_type": Column("u1", "ICMP and ICMPv6", optional=True),
    "icmp_code": Column("u1", "ICMP and ICMPv6", optional=True),
    "application": Column("u1", "what the payload's first bytes look like: APPLICATIONS", optional=True),
    "remarks": Column("u4", "REMARKS: one bit each"),
    "dup_ack_number": Column("u4", "n of 'Dup ACK …#n'", optional=True),
    "stream": Column("i4", "index of the conversation within its protocol, as tcp.stream", -1),
    "direction": Column("u1", "0: from the originator, 1: from the responder"),
    "conversation": Column("i4", "row in `conversations`, innermost", -1),
    "outer_conversation": Column("i4", "row in `conversations` of the tunnel that carries the frame", -1, optional=True),
    "line": Column("u4", "line number of a text's packet", optional=True),
    "by_conversation": Column("u4", "rows ordered by (conversation, row): see frames_of"),
}

# ---- flags of a frame --------------------------------------------------------------------------------------------------
IN_TUNNEL = 1
HAS_EXTENSION_HEADERS = 2  # IPv6
IS_FRAGMENT = 4
IS_LATER_FRAGMENT = 8  # no transport header in it
IS_MALFORMED = 16  # a header says what cannot be: IHL below 5, data offset below 5, a chain of headers without end
IS_CUT = 32  # the captured bytes end inside the headers
FRAME_FLAGS = {
    IN_TUNNEL: "tunnel",
    HAS_EXTENSION_HEADERS: "extension headers",
    IS_FRAGMENT: "fragment",
    IS_LATER_FRAGMENT: "later fragment",
    IS_MALFORMED: "malformed",
    IS_CUT: "cut",
}

# ---- TCP ---------------------------------------------------------------------------------------------------------------
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << n for n in range(8))

Severity = Literal["chat", "note", "warn", "error"]


class Remark(NamedTuple):
    """A TCP analysis flag: our name of it (a field of TcpRemarks), Wireshark's words and severity."""

    bit: int
    name: str
    words: str
    severity: Severity


RETRANSMISSION = 1 << 0
FAST_RETRANSMISSION = 1 << 1
SPURIOUS_RETRANSMISSION = 1 << 2
OUT_OF_ORDER = 1 << 3
LOST_SEGMENT = 1 << 4
DUP_ACK = 1 << 5
ZERO_WINDOW = 1 << 6
WINDOW_FULL = 1 << 7
WINDOW_UPDATE = 1 << 8
KEEP_ALIVE = 1 << 9
KEEP_ALIVE_ACK = 1 << 10
ZERO_WINDOW_PROBE = 1 << 11
ZERO_WINDOW_PROBE_ACK = 1 << 12
ACK_LOST_SEGMENT = 1 << 13
REUSED_PORTS = 1 << 14
RESENT = RETRANSMISSION | FAST_RETRANSMISSION | SPURIOUS_RETRANSMISSION

REMARKS: tuple[Remark, ...] = (
    Remark(RETRANSMISSION, "retransmission", "TCP Retransmission", "note"),
    Remark(FAST_RETRANSMISSION, "fast_retransmission", "TCP Fast Retransmission", "note"),
    Remark(SPURIOUS_RETRANSMISSION, "spurious_retransmission", "TCP Spurious Retransmission", "note"),
    Remark(OUT_OF_ORDER, "out_of_order", "TCP Out-Of-Order", "warn"),
    Remark(LOST_SEGMENT, "lost_segment", "TCP Previous segment not captured", "warn"),
    Remark(DUP_ACK, "dup_ack", "TCP Dup ACK", "note"),
    Remark(ZERO_WINDOW, "zero_window", "TCP ZeroWindow", "warn"),
    Remark(WINDOW_FULL, "window_full", "TCP Window Full", "warn"),
    Remark(WINDOW_UPDATE, "window_update", "TCP Window Update", "chat"),
    Remark(KEEP_ALIVE, "keep_alive", "TCP Keep-Alive", "note"),
    Remark(KEEP_ALIVE_ACK, "keep_alive_ack", "TCP Keep-Alive ACK", "note"),
    Remark(ZERO_WINDOW_PROBE, "zero_window_probe", "TCP ZeroWindowProbe", "note"),
    Remark(ZERO_WINDOW_PROBE_ACK, "zero_window_probe_ack", "TCP ZeroWindowProbeAck", "note"),
    Remark(ACK_LOST_SEGMENT, "ack_lost_segment", "TCP ACKed unseen segment", "warn"),
    Remark(REUSED_PORTS, "reused_ports", "TCP Port numbers reused", "note"),
)
REMARK_BITS = {remark.name: remark.bit for remark in REMARKS}

# ---- IP protocols, ICMP --------------------------------------------------------------------------------------------------
ICMP, IPIP, TCP, UDP, IPV6, GRE, ICMPV6, SCTP = 1, 4, 6, 17, 41, 47, 58, 132
PROTOCOL_NAMES = {
    0: "hopopt", 1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 46: "rsvp", 47: "gre", 50: "esp", 51: "ah",
    58: "icmpv6", 59: "none", 88: "eigrp", 89: "ospf", 94: "ipip", 97: "etherip", 103: "pim", 112: "vrrp", 115: "l2tp",
    132: "sctp", 136: "udplite",
}  # fmt: skip
VXLAN = 255
"""Of the conversation of two tunnel ends, whose UDP ports change with what is carried; in `packets` it is UDP's number."""
ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_ARP = 0x0800, 0x86DD, 0x0806

# ---- what a payload looks like ---------------------------------------------------------------------------------------------
HTTP_REQUEST, HTTP_RESPONSE, TLS_HANDSHAKE, TLS_ALERT, TLS_OTHER, SSH, SMTP_LIKE = range(1, 8)
APPLICATIONS = {
    HTTP_REQUEST: "HTTP request",
    HTTP_RESPONSE: "HTTP response",
    TLS_HANDSHAKE: "TLS handshake",
    TLS_ALERT: "TLS alert",
    TLS_OTHER: "TLS record",
    SSH: "SSH banner",
    SMTP_LIKE: "text greeting",
}

# ---- conversations ---------------------------------------------------------------------------------------------------------
CONVERSATION_STATES = ("OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR")
COMPLETENESS = {"SYN": 1, "SYN-ACK": 2, "ACK": 4, "DATA": 8, "FIN": 16, "RST": 32}
HISTORY_LENGTH = 24

# Counts, bytes and frames come in pairs: of the originator (to the responder), of the responder (to the originator).
# Frames count from 1; 0: there is none.
CONVERSATIONS: list[tuple[Any, ...]] = [
    ("protocol", "u1"),  # IP protocol
    ("ip_version", "u1"),
    ("stream", "i4"),  # within its protocol
    ("addresses", "u4", 2),  # codes: originator, responder
    ("ports", "u2", 2),
    ("outer", "i4"),  # row of the conversation that carries it; -1: none
    ("is_carrier", "u1"),  # it carries others
    ("frame_counts", "u4", 2),
    ("wire_bytes", "i8", 2),  # original lengths
    ("payload_bytes", "i8", 2),  # unique sequence space; of UDP and others the sum
    ("all_payload_bytes", "i8", 2),  # with retransmitted bytes
    ("acked_bytes", "i8", 2),
    ("data_frame_counts", "u4", 2),
    ("first_frame", "u4"),
    ("last_frame", "u4"),
    ("start_ns", "i8"),  # the earliest
    ("end_ns", "i8"),  # the latest
    ("initial_rtt_ns", "i8"),  # 0: not seen
    ("state", "u1"),  # index into CONVERSATION_STATES
    ("completeness", "u1"),
    ("history", "u1", HISTORY_LENGTH),  # Zeek's letters, 0-padded
    ("remark_counts", "u4", (2, len(REMARKS))),  # in the order of REMARKS
    ("base_sequences", "u4", 2),  # raw; relative numbers count from here
    ("window_scales", "i1", 2),  # shift; -1: no SYN seen, -2: not offered
    ("smallest_windows", "u4", 2),  # scaled
    ("largest_payloads", "u4", 2),
    ("closed_by", "i1"),  # 0 originator, 1 responder, -1: not closed
    ("closed_with", "u1"),  # FIN or RST
    ("syn_frame", "u4"),
    ("syn_ack_frame", "u4"),
    ("handshake_ack_frame", "u4"),
    ("first_data_frames", "u4", 2),
    ("last_data_frames", "u4", 2),
    ("close_frame", "u4"),
    ("rst_frame", "u4"),
    ("fin_frames", "u4", 2),
    ("application", "u1"),  # of the first payload of either side that looks like something
    ("order_start", "u4"),  # its rows are packets.by_conversation[order_start : order_start + order_count]
    ("order_count", "u4"),
]
CONVERSATION_DTYPE = np.dtype(CONVERSATIONS)

ADDRESSES = {"version": "u1", "address": "16u1"}  # IPv4 in the last four bytes


def column(table: Table, name: str) -> Array:
    """A column of `packets`, also where it was left out because every row has the default."""
    if name in table:
        return table[name]
    about = PACKETS[name]
    return np.broadcast_to(np.array(about.default, about.dtype), len(table))
