"""ICMP errors in captures: who sent one, about which packet."""

from typing import ClassVar

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class IcmpError(Fact, frozen=True, kw_only=True):
    """An ICMP or ICMPv6 error and the packet that it quotes. Frames count from 1; 0: none."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message(
        "evidence.icmp_error", en="ICMP errors in a capture", ja="キャプチャ中の ICMP エラー"
    )

    frame: int
    line: int = 0  # of a text: where the error stands
    ts_ns: int
    version: int  # 4: ICMP, 6: ICMPv6
    icmp_type: int
    icmp_code: int
    sender: str
    receiver: str
    ttl: int  # with which the error itself arrived; 0: not printed (a text without -v)
    quoted_protocol: str  # 'tcp', 'udp', 'icmp' …
    quoted_source: Endpoint
    quoted_destination: Endpoint
    quoted_ttl: int  # what was left when the packet was refused; 0: not printed (a text without -v)
    quoted_sequence: int | None = None  # TCP
    mtu: int | None = None  # of 'fragmentation needed' and 'packet too big'
    conversation_row: int | None = None  # row in `conversations` that the quoted packet belongs to
    conversation_stream: int | None = None
    quoted_frame: int = 0  # the frame of the quoted packet itself, where it is in the capture
    quoted_line: int = 0
    original_ttl: int | None = None  # of that frame: the difference to quoted_ttl is the hops it went
