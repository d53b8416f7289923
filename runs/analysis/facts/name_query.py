"""DNS in captures: questions and their answers."""

from typing import ClassVar

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class CapturedQuery(Fact, frozen=True, kw_only=True):
    """One DNS question over UDP, with its repetitions, and the answer."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message("evidence.captured_query", en="DNS in a capture", ja="キャプチャ中の DNS")

    name: str
    record_type: str  # 'A', 'AAAA' …
    identifier: int
    client: Endpoint
    server: Endpoint
    query_frames: tuple[int, ...]
    query_ns: int  # of the first
    response_frame: int = 0  # 0: no answer in the capture
    response_ns: int | None = None
    rcode: str | None = None  # 'NOERROR', 'NXDOMAIN' …
    answers: tuple[str, ...] = ()  # in words, the first 20
    truncated: bool = False  # the TC bit
