"""Conversations: both directions between two endpoints, as the correlators and rules see them.

The rows stand in the `conversations` table of a capture (packets/schema.py); the correlator `conversations` makes these of them.
"""

from typing import ClassVar, Literal

import msgspec

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class TcpRemarks(msgspec.Struct, frozen=True):
    """How many frames carry each of Wireshark's TCP analysis flags."""

    retransmission: int = 0
    fast_retransmission: int = 0
    spurious_retransmission: int = 0
    out_of_order: int = 0
    dup_ack: int = 0
    keep_alive: int = 0
    keep_alive_ack: int = 0
    zero_window: int = 0
    zero_window_probe: int = 0
    window_full: int = 0
    window_update: int = 0
    lost_segment: int = 0
    ack_lost_segment: int = 0
    reused_ports: int = 0


class Conversation(Fact, frozen=True, kw_only=True):
    """A conversation in one capture. Frame numbers count from 1; 0 means that there is no such frame."""

    evidence_name: ClassVar[Message] = message(
        "evidence.conversation", en="a capture of the conversation", ja="該当する会話のキャプチャ"
    )

    id: str  # 'lo0_9080.pcap#0'
    stream: int  # index within its protocol, as in Wireshark's tcp.stream
    protocol: str  # 'tcp', 'udp', 'icmp', 'icmpv6', 'ipv6-in-…' …
    originator: Endpoint
    responder: Endpoint
    first_frame: int
    last_frame: int
    start_ns: int  # UTC; of a text its clock face
    duration_ns: int
    conn_state: str  # Zeek: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH
    history: str
    completeness: int  # Wireshark's sum: SYN 1, SYN-ACK 2, ACK 4, DATA 8, FIN 16, RST 32
    initial_rtt_ns: int | None
    frames: tuple[int, int]  # to the responder, to the originator
    payload_bytes: tuple[int, int]  # unique sequence space, without retransmitted bytes
    acked_bytes: tuple[int, int] = (0, 0)  # payload of each direction that the other side acknowledged
    tcp: TcpRemarks = TcpRemarks()
    closed_by: Literal["originator", "responder"] | None = None  # who sent the first FIN or RST
    close: Literal["fin", "rst"] | None = None
    syn_frame: int = 0
    syn_ack_frame: int = 0
    handshake_ack_frame: int = 0
    first_data_frames: tuple[int, int] = (0, 0)  # first frame with payload, each direction
    last_data_frames: tuple[int, int] = (0, 0)
    close_frame: int = 0  # the first FIN or RST
    rst_frame: int = 0  # the first RST
    application: str | None = None  # what the first payload looks like, in the words of packets/schema.py's APPLICATIONS
    row: int = 0  # in the `conversations` table
    clock_offset_ns: int = (
        0  # added to the packets table's ts_ns gives UTC; not 0 for texts, and for captures whose clock was measured to be off
    )
    continues: str | None = None  # id of its earlier part, where the capture before this one ended in the middle of it
    continued_in: str | None = None  # id of its later part; payload, end and close of the parts after it are counted in here
    outer: str | None = None  # id of the conversation that carries this one in a tunnel

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.duration_ns

    @property
    def handshake_complete(self) -> bool:
        """SYN, SYN+ACK and the originator's ACK were seen; Wireshark's ACK bit is also set by a RST+ACK."""
        return self.completeness & 7 == 7 and self.handshake_ack_frame > 0
