"""One or several answers of dig, read line by line into DnsQuery. Source: dig(1), BIND 9.10 to 9.20."""

import re
from typing import Any, Literal

from runs.analysis.domain.times import MONTHS, clock_ns, day_ns, zone_text
from runs.analysis.facts.base import Stamp
from runs.analysis.facts.reachability import DnsQuery, DnsRecord
from runs.analysis.text import Line

MAX_RECORDS = 200
_NAMES = "A AAAA ANY CNAME MX NS PTR SOA SRV TXT CAA DNSKEY DS NAPTR NSEC NSEC3 RRSIG SVCB HTTPS TLSA SPF AXFR IXFR HINFO LOC SSHFP"
_TYPES = frozenset(_NAMES.split())
_VALUES = ("-t", "-c", "-p", "-b", "-k", "-y", "-q", "-f", "-x")
_BANNER = re.compile(r";? ?<<>> DiG \S+ <<>>\s?(?P<arguments>.*)$|; <<>> DiG (?P<old>.*)$")
_HEADER = re.compile(r";; ->>HEADER<<- opcode: \w+, status: (?P<status>\w+), id: \d+")
_FLAGS = re.compile(r";; flags: ?(?P<flags>[a-z ]*);(?:.*?ANSWER: (?P<answers>\d{1,6}))?")
_QUESTION = re.compile(r";(?P<name>[^\s;]+)\s+(?:IN|CH|HS)\s+(?P<kind>[A-Z][A-Z0-9]*)\s*$")
_SECTION = re.compile(r";; (?P<name>ANSWER|AUTHORITY|ADDITIONAL) SECTION:")
_RECORD = re.compile(r"(?P<name>[^\s;]+)\s+(?:(?P<ttl>\d{1,10})\s+)?(?:IN|CH|HS)\s+(?P<kind>[A-Z][A-Z0-9]*)\s+(?P<data>.+)$")
_TIME = re.compile(r";; Query time: (?P<time>\d{1,9}) (?P<unit>msec|usec)")
_SERVER = re.compile(r";; SERVER: (?P<address>[^#\s]+)#(?P<port>\d{1,5})(?:\([^)]*\))?(?: \((?P<transport>[A-Z]+)\))?")
_WHEN = re.compile(
    r";; WHEN: \w{3} (?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?: (?P<zone>[A-Z]{1,5}|[+-]\d{2,4}))? (?P<year>\d{4})"
)
_SIZE = re.compile(r";; MSG SIZE\s+rcvd: (?P<size>\d{1,9})")
_XFR = re.compile(r";; XFR size: (?P<records>\d{1,9}) records")
_TRACED = re.compile(r";; Received \d+ bytes from (?P<address>[^#\s]+)#(?P<port>\d{1,5})\([^)]*\) in (?P<time>\d{1,9}) ms")
_ERROR = re.compile(
    r";; (?:communications error(?: to (?P<address>[^#\s]+)#(?P<port>\d{1,5}))?: (?P<words>.+)|UDP setup with \S+ for \S+ failed: (?P<setup>.+)"
    r"|Connection to (?P<peer>[^#\s]+)#(?P<peer_port>\d{1,5})\([^)]*\) for \S+ failed: (?P<failed>.+))"
)
_GAVE_UP = re.compile(
    r";; (?:connection timed out; )?no servers could be reached|;; connection timed out"
    r"|dig: (?P<words>couldn't get address.*|.*(?:not found|failure).*)|; Transfer failed"
)
_TRUNCATED = re.compile(r";; Truncated, retrying in TCP mode")
DIG_LINE = re.compile(
    r"; <<>> DiG |;; ->>HEADER<<- opcode:|;; communications error to |;; (?:connection timed out; )?no servers could be reached"
    r"|;; Query time: \d+ [mu]sec|;; SERVER: \S+#\d+"
)

Failure = Literal["timed_out", "refused", "unreachable", "failed"]


def failure_of(words: str) -> Failure:
    """What kind of failure the words of a resolver's client tell."""
    lower = words.lower()
    if "timed out" in lower:
        return "timed_out"
    if "refused" in lower:
        return "refused"
    return "unreachable" if "unreachable" in lower or "no route" in lower else "failed"


def asked(command: str) -> dict[str, Any]:
    """Question, type, server and port that dig's arguments name."""
    words = command.split()[:64]
    said: dict[str, Any] = {}
    free: list[str] = []
    at = 1 if words and not words[0].startswith(("@", "-", "+")) and words[0].rpartition("/")[2] == "dig" else 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.startswith("@"):
            said["server"] = word[1:]
        elif word in _VALUES and at < len(words):
            value = words[at]
            at += 1
            if word == "-t":
                said["kind"] = value.upper()
            elif word == "-p" and value.isdigit() and len(value) < 6:
                said["server_port"] = int(value)
            elif word in ("-q", "-x"):
                said["question"] = value
                said |= {"kind": "PTR"} if word == "-x" else {}
        elif word.upper() in _TYPES and (free or word.isupper()):
            said["kind"] = word.upper()
        elif not word.startswith(("+", "-")) and word.upper() not in ("IN", "CH", "HS"):
            free.append(word)
    if free:
        said.setdefault("question", free[0])
    return said


class DigReader:
    """Reads lines of dig; `queries` grows by one fact for each question."""

    def __init__(self, command: str | None, host: str | None, first_line: int) -> None:
        self.queries: list[DnsQuery] = []
        self.command, self.host = command, host
        self._begin(first_line)

    def _begin(self, line: int) -> None:
        self.said: dict[str, Any] = asked(self.command) if self.command else {}
        self.records: list[DnsRecord] = []
        self.errors: list[tuple[str, int]] = []
        self.section: Literal["answer", "authority", "additional"] = "answer"
        self.first_line, self.last_line = line, line
        self.banner = self.over = self.answered = False

    def read(self, line: Line) -> bool:
        """Whether the line was dig's. A line after an answer's end opens the next question."""
        text = line.text.rstrip()[:4096]
        if not text:
            return True
        opens = _BANNER.match(text) or _ERROR.match(text) or _TRUNCATED.match(text) or text.startswith(";; Got answer:")
        header = _HEADER.match(text)
        if (self.over and (opens or header or _GAVE_UP.match(text))) or (header and self.answered):
            self._end()
            self._begin(line.number)
        known = self._line(text, line.number)
        if known:
            self.last_line = line.number
        return known

    def _line(self, text: str, number: int) -> bool:
        said = self.said
        if (header := _HEADER.match(text)) is not None:
            said |= {"status": header["status"], "status_line": number}
            self.answered = True
        elif (flags := _FLAGS.match(text)) is not None:
            said["flags"] = tuple(flags["flags"].split())
            said["answer_count"] = int(flags["answers"]) if flags["answers"] else None
        elif (section := _SECTION.match(text)) is not None:
            self.section = section["name"].lower()  # type: ignore[assignment]
        elif (question := _QUESTION.match(text)) is not None:
            said |= {"question": question["name"], "kind": question["kind"]}
        elif (banner := _BANNER.match(text)) is not None:
            self.banner = True
            said |= {key: value for key, value in asked(banner["arguments"] or "").items() if key not in said}
        elif not self._end_line(text, number) and not self._trouble(text, number):
            return self._record(text, number)
        return True

    def _end_line(self, text: str, number: int) -> bool:
        """The lines behind an answer."""
        said = self.said
        if (time := _TIME.match(text)) is not None:
            ns = int(time["time"]) * (1_000_000 if time["unit"] == "msec" else 1_000)
            said |= {"query_time_ns": ns, "query_time_ms": ns // 1_000_000, "query_time_line": number}
        elif (server := _SERVER.match(text)) is not None:
            said |= {"server": server["address"], "server_port": int(server["port"])}
            said["transport"] = {"UDP": "udp", "TCP": "tcp", "TLS": "tls", "HTTPS": "https"}.get(server["transport"] or "")
        elif (when := _WHEN.match(text)) is not None:
            said["when"] = _stamp(when)
        elif (size := _SIZE.match(text)) is not None:
            said["size_bytes"] = int(size["size"])
            self.over = True
        elif _XFR.match(text):
            self.over = True
        elif (traced := _TRACED.match(text)) is not None:
            said |= {"server": traced["address"], "server_port": int(traced["port"]), "query_time_line": number}
            said |= {"query_time_ms": int(traced["time"]), "query_time_ns": int(traced["time"]) * 1_000_000}
        else:
            return False
        return True

    def _trouble(self, text: str, number: int) -> bool:
        said = self.said
        if (error := _ERROR.match(text)) is not None:
            words = error["words"] or error["setup"] or error["failed"]
            if len(self.errors) < 100:
                self.errors.append((words.rstrip("."), number))
            address, port = error["address"] or error["peer"], error["port"] or error["peer_port"]
            said |= {"server": address, "server_port": int(port)} if address else {}
        elif (gave_up := _GAVE_UP.match(text)) is not None:
            words = gave_up["words"] or (self.errors[-1][0] if self.errors else "timed out" if "timed out" in text else "failed")
            said |= {"failure": failure_of(words), "failure_line": number}
            self.over = True
        elif _TRUNCATED.match(text) is not None:
            said["truncated_line"] = number
        else:
            return text.startswith(";")
        return True

    def _record(self, text: str, number: int) -> bool:
        match = _RECORD.match(text)
        if match is None:
            return self._short(text, number)
        if len(self.records) < MAX_RECORDS:
            ttl = int(match["ttl"]) if match["ttl"] else None
            self.records.append(
                DnsRecord(
                    line=number, name=match["name"], kind=match["kind"], data=match["data"][:500], ttl=ttl, section=self.section
                )
            )
        return True

    def _short(self, text: str, number: int) -> bool:
        """A line of `+short`: the data alone."""
        if not self.command or "+short" not in self.command or self.banner or len(self.records) >= MAX_RECORDS:
            return False
        kind = self.said.get("kind") or "A"
        kind = "CNAME" if kind in ("A", "AAAA") and text.endswith(".") and " " not in text else kind
        self.records.append(DnsRecord(line=number, name=self.said.get("question", ""), kind=kind, data=text[:500]))
        return True

    def _end(self) -> None:
        said = self.said
        if not (self.records or self.errors or self.banner or self.answered or said.get("failure")):
            return
        if self.errors and not self.answered and not self.records and not said.get("failure"):
            said |= {"failure": failure_of(self.errors[-1][0]), "failure_line": self.errors[-1][1]}
        if self.answered:
            said |= {"failure": None, "failure_line": 0}
        if said.get("question"):
            said["question"] = said["question"].rstrip(".") or "."
        answers = tuple((r.kind, r.data, r.line) for r in self.records if r.section == "answer")
        said.setdefault("question", None)
        self.queries.append(
            DnsQuery(
                **said,
                host=self.host,
                answers=answers,
                records=tuple(self.records),
                errors=tuple(self.errors),
                command=self.command,
                first_line=self.first_line,
                last_line=self.last_line,
            )
        )

    def finish(self) -> list[DnsQuery]:
        """All questions; the last one is closed."""
        self._end()
        return self.queries


def _stamp(match: re.Match[str]) -> Stamp | None:
    day = day_ns(int(match["year"]), MONTHS.get(match["month"], 0), int(match["day"]))
    clock = clock_ns(int(match["hour"]), int(match["minute"]), int(match["second"]))
    if day is None or clock is None:
        return None
    return Stamp(day + clock, zone_text(match["zone"]))
