"""Attempts: one way that was tried, and how far it came. Made by the correlator `attempts`."""

from typing import ClassVar, Literal

import msgspec

from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.messages import Message, Text, message

PHASES = ("resolve", "connect", "request", "acknowledged", "first_byte", "complete", "close")
MOST_ATTEMPTS = 200  # rows of the reachability matrix
PhaseResult = Literal["ok", "failed", "not_reached", "not_observed", "not_applicable"]


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """How one phase of an attempt went: a cell of the reachability matrix."""

    name: str
    result: PhaseResult
    at_ns: int | None = None  # UTC
    duration_ns: int | None = None  # since the phase before
    value: Text | None = None  # '116 B', '0 B', 'RST'
    note: Text | None = None  # 'waited 120 s'
    citations: tuple[Citation, ...] = ()


class Attempt(Fact, frozen=True, kw_only=True):
    """One way that was tried: from a client's log, from a conversation, or from both joined. `file` is the client's log, if any."""

    evidence_name: ClassVar[Message] = message(
        "evidence.attempt",
        en="an attempt to connect (a capture or a client's log)",
        ja="接続の試行（キャプチャまたはクライアントのログ）",
    )

    id: str
    label: Text  # 'IPv4 127.0.0.1:9080', 'via socat [::1]:19080'
    note: Text | None = None  # when and with what: '17:50:19.325 · curl --max-time 120'
    target: Endpoint
    name: str | None = None  # host name that was asked for
    client: str | None = None  # 'curl', 'nc'; None: seen in the capture only
    via: Endpoint | None = None  # the forwarder's listening end, where the attempt went through one
    conversation: str | None = None  # id of the conversation
    outside: Literal["before", "after", "filter", "no_capture"] | None = None  # why no capture has it
    at_ns: int | None = None  # start, UTC
    at_stated: bool = False  # the start comes from the README's table
    phases: tuple[Phase, ...] = ()
    superseded: bool = False  # the same client went on to another address of the same name and succeeded in connecting
    request_bytes: int = 0  # payload to the responder
    response_bytes: int = 0
    waited_ns: int | None = None  # from the request's end to the end of the attempt, where no byte came back
    initial_rtt_ns: int | None = None
    options: str | None = None  # the client's options worth showing, '--max-time 120'
    count: int = 1  # equal attempts that this row stands for

    def phase(self, name: str) -> Phase | None:
        """The phase of that name."""
        return next((p for p in self.phases if p.name == name), None)

    @property
    def stopped_at(self) -> str | None:
        """The first phase that failed; None where none did."""
        return next((p.name for p in self.phases if p.result == "failed"), None)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All that its phases cite."""
        return tuple(c for p in self.phases for c in p.citations)
