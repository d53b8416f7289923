"""One transfer of curl as its verbose log goes on: from the first address tried to the error or the last byte."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runs.analysis.domain import curl
from runs.analysis.domain.times import parse_stamp
from runs.analysis.facts.base import Endpoint, Stamp
from runs.analysis.facts.http import ConnectTry, CurlAttempt

MAX_HEADERS = 100
MAX_TRIES = 100
_URL = re.compile(r"https?://[^\s'\"<>|]+")
_NO_HINT = ("* Found bundle", "* Server doesn't support", "* Mark bundle", "* Hostname ", "* Added ")


@dataclass
class Transfer:
    """Collects what the log says; `finish` makes the fact of it."""

    command: str | None = None
    host: str | None = None
    url: str | None = None
    name: str | None = None
    name_port: int | None = None
    tries: list[ConnectTry] = field(default_factory=list)
    method: str | None = None
    target: str | None = None
    request_line: int = 0
    request_end_line: int = 0
    request_bytes: int = 0
    host_header: str | None = None
    client: str | None = None
    status: int | None = None
    status_line: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    headers_done: bool = False
    data_bytes: int = 0
    metered: str | None = None
    told: int | None = None
    exit_code: int | None = None
    error: str | None = None
    error_line: int = 0
    timed_out: bool = False
    elapsed_ms: int | None = None
    tls: bool = False
    ended: bool = False
    started: Stamp | None = None
    face: str | None = None  # the time in front of the line
    first_line: int = 0
    last_line: int = 0

    @property
    def touched(self) -> bool:
        """Whether anything of a transfer was read."""
        return bool(self.tries or self.request_line or self.status_line or self.error_line or self.exit_code is not None)

    def begins_another(self, text: str) -> bool:
        """Whether this text can only belong to the next transfer."""
        if not self.touched:
            return False
        if text == "% Total" or curl.ANOTHER.match(text):
            return True
        if curl.REQUEST.match(text) and self.status_line and self.method != "CONNECT" and self.status not in (100, 101, 401, 407):
            return True
        if curl.REQUEST.match(text) and self.status_line and self.headers_done and self.method != "CONNECT":
            return True
        starts = curl.TRYING.match(text) or curl.RESOLVED.match(text) or curl.ABOUT_TO.match(text) or curl.REUSING.match(text)
        if starts and (self.ended or self.status_line or self.exit_code is not None):
            return True
        return bool(self.ended and text.startswith(_NO_HINT))

    def next(self, text: str) -> "Transfer":
        """The transfer after this one; on a connection that is used again it starts out connected."""
        again = curl.ANOTHER.match(text)
        reused = curl.REUSING.match(text) or curl.REQUEST.match(text)
        made = Transfer(command=self.command, host=self.host, url=again["url"] if again else None)
        if again and not self.ended and self.name:
            made.name = None
        if reused:
            made.tries = [t for t in self.tries if t.connected]
            made.name, made.name_port, made.tls = self.name, self.name_port, self.tls
        return made

    def read(self, piece: curl.Piece, line: int) -> None:
        """Take in one part of a physical line."""
        text = piece.text
        if piece.received is not None:
            self.metered = piece.received
        if not text.strip() or text == "% Total":
            return
        mark = text[:2]
        if mark not in ("* ", "> ", "< ", "{ ", "} ") and text not in (">", "<") and not text.startswith("curl: ("):
            return
        if not self.first_line:
            self.first_line = line
        self.last_line = line
        self.face = piece.time
        if piece.time and self.started is None:
            self.started = parse_stamp(piece.time)
        if mark == "* ":
            self._remark(text, line)
        elif text[0] == ">":
            self._request(text, line)
        elif text[0] == "<":
            self._response(text, line)
        elif (exit_ := curl.EXIT.match(text)) is not None:
            self.exit_code, self.error, self.error_line = int(exit_["code"]), exit_["text"].strip(), line
            self._timeout(exit_["text"])
        elif self.headers_done and (data := curl.DATA_IN.match(text)) is not None:
            self.data_bytes += int(data[1][:18])

    def _remark(self, text: str, line: int) -> None:
        if (trying := curl.TRYING.match(text)) is not None:
            self._trying(trying, line)
        elif (connected := curl.CONNECTED.match(text)) is not None:
            self.name = connected["name"]
            self._settle(connected["address"], line, None, _port(connected["port"] or connected["inner"]))
        elif (failed := curl.CONNECT_FAILED.match(text)) is not None:
            self._settle(failed["address"], line, failed["error"].strip(), _port(failed["port"]))
        elif (failed := curl.IMMEDIATE_FAIL.match(text)) is not None:
            self._settle(failed["address"], line, failed["error"].strip())
        elif (moved := curl.FAMILY_TIMEOUT.match(text)) is not None:
            for waiting in self.tries:
                if not waiting.result_line and (":" in waiting.endpoint.address) == (moved["family"] == "6"):
                    self._settle(waiting.endpoint.address, line, "Connection timed out")
        elif (named := curl.RESOLVED.match(text) or curl.ABOUT_TO.match(text)) is not None:
            self.name, self.name_port = named["name"], _port(named["port"])
        elif (failed := curl.FAILED_TO_CONNECT.match(text) or curl.CONNECT_TIMEOUT.match(text)) is not None:
            self._fail(failed["text"], line, failed["ms"])
            if failed.re is curl.FAILED_TO_CONNECT:
                self.name, self.name_port = self.name or failed["name"], _port(failed["port"])
            elif not self.request_line:
                for waiting in self.tries:
                    if not waiting.result_line:
                        self._settle(waiting.endpoint.address, line, "Connection timed out")
        elif (failed := curl.UNRESOLVED.match(text)) is not None:
            self.name = failed["name"] or self.name
            self._fail(failed["text"], line, None)
        elif (failed := curl.FAILURE.match(text)) is not None:
            self._fail(failed["text"], line, None)
        elif curl.ENDED.match(text):
            self.ended = True
        elif curl.TLS.match(text):
            self.tls = True

    def _trying(self, trying: re.Match[str], line: int) -> None:
        address, port = trying["six"] or trying["four"], trying["port"]
        if not trying["six"] and ":" in address:  # before 7.79 IPv6 stands without brackets and port
            address, port = f"{address}:{port}" if port else address, None
        self._try(Endpoint(address, _port(port) or self.name_port), line)
        rest = trying["rest"].strip()  # before 7.20 the result stands on the same line
        if rest.startswith("connected"):
            self._settle(address, line, None)
        elif rest:
            self._settle(address, line, rest)

    def _try(self, endpoint: Endpoint, line: int) -> None:
        if len(self.tries) < MAX_TRIES:
            at = parse_stamp(self.face) if self.face else None
            self.tries.append(ConnectTry(endpoint=endpoint, line=line, connected=False, at=at))

    def _settle(self, address: str, line: int, error: str | None, port: int | None = None) -> None:
        """The result of the try that waits for this address."""
        address = address.strip("[]")
        if error is None and any(t.connected and t.endpoint.address == address for t in self.tries):
            return
        waits = (
            i for i, t in enumerate(self.tries) if not t.result_line and t.endpoint.address.split("%")[0] == address.split("%")[0]
        )
        index = next(waits, -1)
        if index < 0:
            self._try(Endpoint(address, port or self.name_port), line)
        one = self.tries[index]
        endpoint = Endpoint(one.endpoint.address, one.endpoint.port or port)
        settled = ConnectTry(endpoint=endpoint, line=one.line, connected=error is None, result_line=line, error=error, at=one.at)
        self.tries[index] = settled

    def _fail(self, text: str, line: int, ms: str | None) -> None:
        self.error, self.error_line = text.strip(), line
        self._timeout(text)
        if ms and self.elapsed_ms is None:
            self.elapsed_ms = int(ms[:12])

    def _timeout(self, text: str) -> None:
        match = curl.TIMED_OUT.search(text)
        if match is not None:
            self.timed_out = True
            self.elapsed_ms = int(match["ms"][:12]) if match["ms"] else self.elapsed_ms
            if match["received"] is not None:
                self.told = max(0, int(match["received"][:18]))
        elif (after := re.search(r" after (\d{1,12}) ms\b", text)) is not None:
            self.elapsed_ms = int(after[1])

    def _request(self, text: str, line: int) -> None:
        if (request := curl.REQUEST.match(text)) is not None:
            self.method, self.target, self.request_line = request["method"], request["target"], line
            self.request_bytes, self.request_end_line, self.headers_done = 0, 0, False
        elif not self.request_line or self.request_end_line:
            return
        self.request_bytes += len(text[2:].encode("utf-8", "replace")) + 2
        if len(text) <= 2:
            self.request_end_line = line
            return
        name, _, value = text[2:].partition(": ")
        if name.lower() == "host":
            self.host_header = value.strip()
        elif name.lower() == "user-agent":
            self.client = value.strip()

    def _response(self, text: str, line: int) -> None:
        if (status := curl.STATUS.match(text)) is not None:
            self.status, self.status_line, self.headers, self.headers_done = int(status["status"]), line, [], False
        elif len(text.rstrip()) <= 1:
            self.headers_done = self.status is not None and self.status >= 200
        elif self.status_line and len(self.headers) < MAX_HEADERS:
            name, _, value = text[2:].partition(":")
            self.headers.append((name.strip(), value.strip()))

    def finish(self) -> CurlAttempt:
        """The fact."""
        url = self._url()
        parts = _split(url)
        connected = any(t.connected for t in self.tries)
        scheme = parts[0] if parts else "https" if self.tls else "http" if self.request_line else None
        return CurlAttempt(
            host=self.host,
            url=url,
            scheme=scheme,
            host_name=(parts[1] if parts else None) or self.name or (self.host_header or "").rpartition(":")[0] or self.host_header,
            tries=tuple(self.tries),
            method=self.method,
            target=self.target,
            request_line=self.request_line,
            request_end_line=self.request_end_line,
            request_bytes=self.request_bytes if self.request_end_line else None,
            status=self.status,
            status_line=self.status_line,
            response_headers=tuple(self.headers),
            received_bytes=self._received(),
            exit_code=self.exit_code,
            error=self.error,
            error_line=self.error_line,
            timeout_ms=self.elapsed_ms if self.timed_out else None,
            elapsed_ns=self.elapsed_ms * 1_000_000 if self.elapsed_ms is not None else None,
            started=self.started,
            client=self.client,
            first_line=self.first_line or 1,
            last_line=self.last_line or 1,
            phase=self._phase(connected),
        )

    def _url(self) -> str | None:
        if self.url:
            return self.url
        if self.command and (found := _URL.search(self.command)) is not None and found[0] != "http://...":
            return found[0]
        if not self.host_header or not self.target or self.target == "*":
            return None
        if self.target.startswith(("http://", "https://")):
            return self.target
        return f"{'https' if self.tls else 'http'}://{self.host_header}{'' if self.method == 'CONNECT' else self.target}"

    def _received(self) -> int | None:
        if self.told is not None:
            return self.told
        if self.metered is not None and self.metered.isdigit():
            return int(self.metered[:18])
        if self.headers_done and self.data_bytes and not self.tls:
            return self.data_bytes
        length = next((value for name, value in self.headers if name.lower() == "content-length"), "")
        if self.headers_done and self.ended and self.error is None and length.isdigit():
            return int(length[:18])
        return None

    def _phase(self, connected: bool) -> str:
        if not connected:
            unresolved = not self.tries and "resolv" in (self.error or "").lower()
            return "resolve" if unresolved or not (self.tries or self.error) else "connect"
        if not self.request_line:
            return "request"
        return "complete" if self.status_line and self.method != "CONNECT" else "first_byte"


def _port(text: str | None) -> int | None:
    return int(text) if text and len(text) < 6 and int(text) < 65536 else None


def _split(url: str | None) -> tuple[str, str | None] | None:
    try:
        parts = urlsplit(url or "")
        return (parts.scheme.lower(), parts.hostname) if parts.scheme else None
    except ValueError:
        return None
