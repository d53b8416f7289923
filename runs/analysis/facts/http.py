"""What HTTP clients report: one attempt to connect and fetch, as `curl -v` tells it."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Endpoint, Fact, Stamp
from runs.analysis.messages import Message, message


class ConnectTry(msgspec.Struct, frozen=True, kw_only=True):
    """One address that curl tried."""

    endpoint: Endpoint
    line: int  # '*   Trying …'
    connected: bool
    result_line: int = 0  # '* Connected to …' or '* connect to … failed: …'
    error: str | None = None  # 'Connection refused'
    at: Stamp | None = None  # of 'Trying …', with --trace-time


class CurlAttempt(Fact, frozen=True, kw_only=True):
    """One transfer of curl. Lines are 0 where the log does not say."""

    evidence_name: ClassVar[Message] = message("evidence.curl_attempt", en="a curl -v log", ja="curl -v のログ")

    url: str | None = None
    scheme: str | None = None
    host_name: str | None = None  # as asked for, before resolution
    tries: tuple[ConnectTry, ...] = ()
    method: str | None = None
    target: str | None = None  # the request target
    request_line: int = 0
    request_end_line: int = 0  # the empty '> ' line
    request_bytes: int | None = None  # octets of the request head as logged, with CRLFs; the body is not counted
    status: int | None = None
    status_line: int = 0
    response_headers: tuple[tuple[str, str], ...] = ()
    received_bytes: int | None = None  # body
    exit_code: int | None = None  # from 'curl: (28) …'
    error: str | None = None
    error_line: int = 0
    timeout_ms: int | None = None  # '… timed out after N milliseconds'
    elapsed_ns: int | None = None
    started: Stamp | None = None
    client: str | None = None  # 'curl/7.88.1'
    first_line: int = 1
    last_line: int = 1
    phase: str = "resolve"  # where it hung or failed, else 'complete'; one of report.PHASES

    @property
    def reached(self) -> Endpoint | None:
        """The endpoint it was connected to."""
        return next((t.endpoint for t in self.tries if t.connected), None)


class HttpExchange(Fact, frozen=True, kw_only=True):
    """A request and its response in a capture. Frames count from 1; 0: not seen."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message("evidence.http_exchange", en="HTTP in a capture", ja="キャプチャ中の HTTP")

    conversation_row: int
    conversation_stream: int
    request_frame: int = 0
    request_ns: int | None = None
    method: str | None = None
    target: str | None = None
    host_name: str | None = None  # the Host header
    has_credentials: bool = False  # an Authorization or Cookie header; its value is not kept
    response_frame: int = 0
    response_ns: int | None = None
    status: int | None = None
    reason: str | None = None
    server: str | None = None
