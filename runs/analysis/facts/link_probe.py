"""What arping says: who answers for an address on the link."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ArpingReply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply."""

    line: int
    mac: str  # lower case, colons
    address: str | None = None
    rtt_ns: int | None = None
    broadcast: bool = False


class Arping(Fact, frozen=True, kw_only=True):
    """One run of arping. Counts are None where the text was cut before them."""

    evidence_name: ClassVar[Message] = message("evidence.arping", en="an arping", ja="arping の結果")

    target: str | None
    source: str | None = None
    interface: str | None = None
    duplicate_detection: bool = False  # -D: any reply means that the address is in use
    replies: tuple[ArpingReply, ...] = ()  # the first 500
    reply_count: int = 0
    macs: tuple[str, ...] = ()  # that answered, without repeats
    timeouts: int = 0  # lines that say so
    sent: int | None = None
    received: int | None = None
    sent_line: int = 0
    received_line: int = 0
    failure: str | None = None  # it could not send: 'Device eth9 not available.'
    failure_line: int = 0
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
