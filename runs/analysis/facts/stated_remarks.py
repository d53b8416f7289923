"""What Wireshark itself remarked in a pasted packet list: its judgement, beside ours."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class StatedRemark(Fact, frozen=True, kw_only=True):
    """All packets of a list that bear one of Wireshark's TCP remarks. The list may be cut, so nothing follows from absence."""

    evidence_name: ClassVar[Message] = message(
        "evidence.stated_remark", en="Wireshark's own remarks in a packet list", ja="Wireshark の一覧にある注記"
    )

    name: str  # a field of TcpRemarks: 'retransmission', 'dup_ack' …
    words: str  # as printed: 'TCP Retransmission'
    count: int
    numbers: tuple[int, ...]  # frame numbers as printed, the first 50
    lines: tuple[int, ...]  # of these
    refers_to: tuple[int, ...] = ()  # the frames that dup ACKs repeat: 23287 of '[TCP Dup ACK 23287#1]', the first 50
    first_ns: int | None = None  # on the list's clock face
    last_ns: int | None = None
