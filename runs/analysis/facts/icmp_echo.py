"""Pings as captures show them: echo requests of one sender with one identifier, and what answered them."""

from typing import ClassVar

from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import Message, message


class CapturedPing(Fact, frozen=True, kw_only=True):
    """The echo requests (RFC 792, RFC 4443) of one conversation. Made by the correlator `echoes`."""

    evidence_name: ClassVar[Message] = message(
        "evidence.captured_ping", en="echo requests in a capture", ja="キャプチャ中の echo 要求"
    )

    conversation: str  # its id
    source: str
    target: str
    sent: int  # requests that had the time to be answered before the capture ended
    answered: int  # of these
    lost: Citation  # requests without an answer, the first 20
    answers: Citation  # the first 20
    duplicates: Citation  # further answers to a request that was answered, the first 20; a frame captured twice is none
    duplicate_count: int
    is_at_an_end: bool  # the requests without an answer are the first one, or the last one, alone
    is_two_way: bool  # the capture shows frames of both directions: else silence proves nothing
    first_ns: int  # UTC
    last_ns: int
