"""One line of a connection test that tells its result: nc of OpenBSD, macOS, BusyBox and of old, ncat, telnet, bash, socat, PowerShell.

    nc: connect to db.example (192.0.2.7) port 9101 (tcp) failed: Connection refused          db.example [192.0.2.7] 22 (ssh) open
    Ncat: Connection to 192.0.2.7 failed: Connection refused.                                  192.0.2.7 (192.0.2.7:22) open
    Trying 192.0.2.7, 443 ... Open                                                             bash: connect: Connection refused

Sources: the messages of these programs; Cisco's telnet; Test-NetConnection.
"""

import re
from typing import Literal, NamedTuple

from runs.analysis.domain.services import port_of
from runs.analysis.domain.shell import program

Result = Literal["open", "refused", "timed_out", "unreachable", "failed", "unrefused"]
_PLACE = r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f.]{0,15}){2,7}(?:%\w+)?)"
_FORMS = (
    re.compile(
        r"(?:nc|netcat)(?:\.openbsd|\.traditional)?: connectx? to (?P<target>\S{1,255})(?: \([^)\s]{1,64}\))? port (?P<port>\S{1,32})"
        r" \((?P<protocol>tcp|udp)\) (?P<words>.+)"
    ),
    re.compile(
        r"Connection to (?P<target>\S{1,255}?)(?: \([^)\s]{1,64}\))? (?:port )?(?P<port>\d{1,5})(?: port)?"
        r" \[(?P<protocol>tcp|udp)[^\]]*\] (?P<words>succeeded!)"
    ),
    re.compile(rf"\S{{1,255}} \[(?P<target>{_PLACE})\] (?P<port>\d{{1,5}}) \([^)]{{0,40}}\) (?:: )?(?P<words>[A-Za-z].*)"),
    re.compile(rf"\S{{1,255}} \(\[?(?P<target>{_PLACE})\]?:(?P<port>\d{{1,5}})\) (?P<words>open)\s*$"),
    re.compile(rf"nc: can't connect to remote host \((?P<target>{_PLACE})\): (?P<words>.+)"),
    re.compile(r"Ncat: (?P<words>Connected to \[?(?P<target>[^\]\s]{1,255}?)\]?:(?P<port>\d{1,5}))\.?\s*$"),
    re.compile(r"Ncat: (?:Connection to (?P<target>\S{1,255}) failed: )(?P<words>.+)"),
    re.compile(
        r"Ncat: (?P<words>Connection (?:refused|timed out|reset).*|TIMEOUT.*|No route to host.*|(?:Network|Host) is unreachable.*)"
    ),
    re.compile(
        r"telnet: (?:Unable to connect to remote host|connect to address (?P<target>[^\s:]{1,255}(?::[^\s:]{1,8}){0,8})): (?P<words>.+)"
    ),
    re.compile(rf"Trying (?P<target>{_PLACE})(?:, (?P<port>\d{{1,5}}))? \.\.\. ?(?P<words>Open)\s*$"),
    re.compile(r"% (?P<words>(?:Connection (?:refused by remote host|timed out; remote host)|Destination unreachable; gateway).*)"),
    re.compile(
        r".{0,40}?/dev/(?P<protocol>tcp|udp)/(?P<target>[^/\s]{1,255})/(?P<port>\d{1,5}): (?P<words>Connection .+|No route .+|.+ unreachable.*)"
    ),
    re.compile(
        r".{0,200}?socat\[\d{1,9}\] E connect\(.{0,200}?(?P<target>\[?[0-9A-Fa-f.:]{2,64}\]?):(?P<port>\d{1,5}).{0,100}?\): (?P<words>.+)"
    ),
    re.compile(
        r"(?:Connecting To |接続中: ?)(?P<target>\S{1,255}?)\.\.\.\s?.{1,120}?(?:port|ポート番号) (?P<port>\d{1,5}): ?"
        r"(?P<words>Connect failed|接続に失敗.*)"
    ),
    re.compile(r"(?:WARNING|警告): TCP connect to \((?P<target>\S{1,255}) : (?P<port>\d{1,5})\) (?P<words>failed)"),
)
TRYING = re.compile(rf"Trying (?P<target>{_PLACE})(?:, (?P<port>\d{{1,5}}))? ?\.\.\.\s*$")
CONNECTED = re.compile(r"Connected to (?P<target>\S{1,255}?)\.\s*$")
ESCAPE = re.compile(r"Escape character is '\^.'\.")
FIELD = re.compile(r"(?P<name>ComputerName|RemoteAddress|RemotePort|TcpTestSucceeded)\s{1,20}: (?P<value>\S{1,255})\s*$")
_VALUED = frozenset(("-w", "-p", "-s", "-i", "-q", "-x", "-X", "-I", "-O", "-T", "-e", "-c", "-P", "-G", "-m", "-V", "-b", "-l"))
_SOCKET = re.compile(r"(?:TCP|UDP)[46]?(?:-CONNECT)?:(?P<host>\[[^\]]+\]|[^:,]{1,255}):(?P<port>[\w-]{1,32})", re.IGNORECASE)
_END = re.compile(r"[|;&<]|\d?>")


class Probe(NamedTuple):
    """A result. Target and port are None where the line names none."""

    target: str | None
    port: int | None
    protocol: Literal["tcp", "udp"]
    result: Result


def read_probe(text: str) -> Probe | None:
    """The result that a line tells; None for any other line."""
    text = text[:2000]
    for form in _FORMS:
        if (match := form.match(text)) is not None:
            part = match.groupdict()
            target, port = part.get("target"), part.get("port")
            protocol: Literal["tcp", "udp"] = "udp" if part.get("protocol") == "udp" else "tcp"
            result = result_of(part["words"] or "")
            result = "unrefused" if result == "open" and protocol == "udp" else result
            return Probe(target.strip("[]") if target else None, port_of(port) if port else None, protocol, result)
    return None


def asked_end(command: str) -> tuple[str | None, int | None]:
    """Host and port of 'nc -zv -w 3 db.example 9100 2>&1', 'telnet 192.0.2.7 443', 'Test-NetConnection gw -Port 443'."""
    words = _END.split(command, maxsplit=1)[0].split()
    names = [index for index, word in enumerate(words) if word.rpartition("/")[2] == program(command)]
    words = words[names[0] + 1 :] if names else words[1:]
    free: list[str] = []
    port: int | None = None
    for before, word in zip(["", *words], words, strict=False):
        if before.lower() == "-port":
            port = port_of(word)
        elif before.lower() == "-computername" or not (word.startswith(("-", "–", "—", "−")) or before in _VALUED):
            free.append(word)
    host = free[0] if free else None
    if (socket := next((found for word in free if (found := _SOCKET.match(word))), None)) is not None:
        return socket["host"].strip("[]"), port_of(socket["port"])
    if port is None and len(free) > 1:
        port = port_of(free[1])
    return host, port


def result_of(words: str) -> Result:
    """What a program's words say."""
    lower = words.lower()
    if "succeeded" in lower or "connected to" in lower or lower.startswith("open"):
        return "open"
    if "refused" in lower:
        return "refused"
    if "timed out" in lower or "timeout" in lower:
        return "timed_out"
    return "unreachable" if "unreachable" in lower or "no route" in lower else "failed"
