"""wget's log: each try to connect, the request, the status, retries and the end.

    --2026-03-03 09:15:07--  http://shop.example.net:8081/health
    Resolving shop.example.net (shop.example.net)... 2001:db8:7::7, 192.0.2.7
    Connecting to shop.example.net (shop.example.net)|2001:db8:7::7|:8081... failed: Connection refused.
    Connecting to shop.example.net (shop.example.net)|192.0.2.7|:8081... connected.
    HTTP request sent, awaiting response... 200 OK

Yields a CurlAttempt for each request, its client 'wget'. Refuses logs of curl.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import recognise, typed_sections
from runs.analysis.domain.times import parse_stamp
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.http import ConnectTry, CurlAttempt
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 4
TITLE = message("wget.title", en="a log of wget", ja="wget のログ")
MAX_ATTEMPTS = 2_000
MAX_TRIES = 100
_HEAD = re.compile(r"--(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)--\s+(?:\(try:\s*\d+\)\s+)?(?P<url>(?:https?|ftp)://\S+)")
_CONNECT = re.compile(
    r"Connecting to (?P<name>[^\s|(]+?)(?: \([^)]*\))?(?:\|(?P<address>[0-9A-Fa-f.:]+)\|)?:(?P<port>\d{1,5})\.\.\. (?P<result>.*)$"
)
_REUSE = re.compile(r"Reusing existing connection to ")
_REQUEST = re.compile(
    r"(?:HTTP|Proxy) request sent, awaiting response\.\.\. ?(?:(?P<status>\d{3})(?: (?P<words>.*))?|(?P<error>\S.*))?$"
)
_STATUS_ERROR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR (?P<status>\d{3}): ")
_SAVED = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \([^)]*\) - .* saved \[(?P<size>\d{1,18})")
_UNRESOLVED = re.compile(
    r"wget: unable to resolve host address .(?P<name>[^'’]+)|Resolving (?P<asked>\S+).*\.\.\. failed: (?P<why>.*)$"
)
_TROUBLE = re.compile(
    r"(?:Unable to establish SSL connection|ERROR: (?:cannot verify|The certificate).*|Giving up\.|No data received\.|.*Read error.*)"
)
_SURE = re.compile(
    rf"{_HEAD.pattern}|HTTP request sent, awaiting response\.\.\.|Connecting to \S+ ?(?:\([^)]*\))?\|[0-9A-Fa-f.:]+\|:\d+\.\.\. "
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by wget's own lines."""
    return recognise(head, TITLE, re.compile(re.sub(r"\?P<\w+>", "?:", _SURE.pattern)), ("wget",))


class _Request:
    """One request while it is read."""

    def __init__(self, section: Section, line: int) -> None:
        self.said: dict[str, Any] = {"host": section.host, "client": "wget"}
        self.tries: list[ConnectTry] = []
        self.phase = "resolve"
        self.first_line = self.last_line = line
        self.touched = False

    def read(self, line: Line) -> None:
        text, number, said = line.text[:4096], line.number, self.said
        if (head := _HEAD.match(text)) is not None:
            self._url(head["url"])
            said["started"] = parse_stamp(head["at"])
        elif (connect := _CONNECT.match(text)) is not None:
            self._connect(connect, number)
        elif _REUSE.match(text):
            self.phase = "request"
        elif (request := _REQUEST.match(text)) is not None:
            said |= {"request_line": number, "method": "GET"}
            self.phase = "first_byte"
            if request["status"]:
                said |= {"status": int(request["status"]), "status_line": number}
                self.phase = "complete"
            elif request["error"]:
                self._error(request["error"], number)
        elif (status := _STATUS_ERROR.match(text)) is not None:
            said.setdefault("status", int(status["status"]))
            said.setdefault("status_line", number)
        elif (saved := _SAVED.match(text)) is not None:
            said["received_bytes"] = int(saved["size"])
            self.phase = "complete"
        elif (unresolved := _UNRESOLVED.match(text)) is not None:
            said.setdefault("host_name", unresolved["name"] or unresolved["asked"])
            self._error(unresolved["why"] or "unable to resolve host address", number)
        elif _TROUBLE.match(text):
            self._error(text.strip(), number)
        else:
            return
        self.touched, self.last_line = True, number

    def _url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            self.said |= {"url": url, "scheme": parts.scheme, "host_name": parts.hostname, "target": target or "/"}
        except ValueError:
            self.said["url"] = url

    def _connect(self, match: re.Match[str], number: int) -> None:
        result = match["result"].strip()
        connected = result.startswith("connected")
        error = None if connected else result.removeprefix("failed: ").rstrip(".") or None
        self.phase = "request" if connected else "connect"
        if len(self.tries) < MAX_TRIES:
            endpoint = Endpoint(match["address"] or match["name"], int(match["port"]) if int(match["port"]) < 65536 else None)
            self.tries.append(ConnectTry(endpoint=endpoint, line=number, connected=connected, result_line=number, error=error))
        if error:
            self._error(error, number)
        else:
            self.said |= {"error": None, "error_line": 0}

    def _error(self, words: str, number: int) -> None:
        if words != "Giving up." or not self.said.get("error"):
            self.said |= {"error": words.rstrip(".")[:300], "error_line": number}

    def finish(self) -> CurlAttempt:
        return CurlAttempt(
            **self.said, tries=tuple(self.tries), phase=self.phase, first_line=self.first_line, last_line=self.last_line
        )


def parse(source: Source) -> Parsed:
    """A request begins with its dated line, or with a prompt."""
    attempts: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if section.command and program(section.command) != "wget":
            continue
        request = _Request(section, section.command_line or 1)
        for line in section.lines:
            if _HEAD.match(line.text[:4096]) and request.touched:
                attempts.append(request.finish())
                request = _Request(section, line.number)
            request.read(line)
        if request.touched:
            attempts.append(request.finish())
        if len(attempts) > MAX_ATTEMPTS:
            break
    return Parsed(facts=[*attempts[:MAX_ATTEMPTS], *commands], counts={"transfers": len(attempts)})
