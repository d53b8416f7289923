"""What host and nslookup print, read line by line into DnsQuery. Sources: host(1), nslookup(1) of BIND 9 and Windows."""

import re
from typing import Any, Literal

from runs.analysis.domain.dig_output import MAX_RECORDS, failure_of
from runs.analysis.facts.reachability import DnsQuery, DnsRecord
from runs.analysis.text import Line

_HOST_ANSWER = re.compile(
    r"(?P<name>\S+) (?:has address (?P<a>\S+)|has IPv6 address (?P<aaaa>\S+)|is an alias for (?P<cname>\S+)"
    r"|mail is handled by (?P<mx>\d+ \S+)|domain name pointer (?P<ptr>\S+)|name server (?P<ns>\S+)|descriptive text (?P<txt>.+))$"
)
_HOST_NONE = re.compile(
    r"Host (?P<name>\S+) not found: (?:\d+\((?P<status>\w+)\)|(?P<words>.+))|(?P<empty>\S+) has no (?P<kind>\w+) record"
)
_NSLOOKUP_SERVER = re.compile(r"(?:Server|サーバー):\s+(?P<server>\S+)\s*$")
_ADDRESS = re.compile(r"(?:Address(?:es)?|\s+):?\s+(?P<address>[0-9A-Fa-f.:]{3,45})(?:#(?P<port>\d{1,5}))?\s*$")
_NAME = re.compile(r"(?:Name|名前):\s+(?P<name>\S+)\s*$")
_CANONICAL = re.compile(
    r"(?P<name>\S+)\s+(?:canonical name = (?P<cname>\S+)|name = (?P<ptr>\S+)|text = (?P<txt>.+)|mail exchanger = (?P<mx>.+))$"
)
_NSLOOKUP_NONE = re.compile(
    r"\*\* server can't find (?P<name>[^:\s]+): (?P<status>[A-Z]+)|\*\*\* (?P<server>\S+) can't find (?P<wname>\S+): (?P<words>.+)"
)
_TROUBLE = re.compile(
    r";; (?:communications error to (?P<address>[^#\s]+)#(?P<port>\d{1,5}): (?P<words>.+)|connection timed out; no servers could be reached"
    r"|no servers could be reached)|DNS request timed out\."
)
_NO_ANSWER = re.compile(r"\*\*\* Can't find (?P<name>\S+): No answer")
LOOKUP_LINE = re.compile(
    r"\S+\.\S+ (?:has address [\d.]+|has IPv6 address [\da-f:]+|is an alias for \S+\.|mail is handled by \d+ |domain name pointer )"
    r"|Host \S+ not found: |Non-authoritative answer:|\*\* server can't find |\*\*\* \S+ can't find |DNS request timed out\."
)
_KINDS = (("a", "A"), ("aaaa", "AAAA"), ("cname", "CNAME"), ("mx", "MX"), ("ptr", "PTR"), ("ns", "NS"), ("txt", "TXT"))


def _asked(command: str | None) -> dict[str, Any]:
    words = [word for word in (command or "").split()[1:] if not word.startswith("-")]
    return {"question": words[0] if words else None, "server": words[1] if len(words) > 1 else None}


class LookupReader:
    """Reads one run of host or nslookup."""

    def __init__(self, program: Literal["host", "nslookup"], command: str | None, host: str | None, first_line: int) -> None:
        self.said: dict[str, Any] = {"program": program, "command": command, "host": host, **_asked(command)}
        self.records: list[DnsRecord] = []
        self.errors: list[tuple[str, int]] = []
        self.first_line, self.last_line = first_line, first_line
        self.touched = False
        self.name: str | None = None
        self.naming_server = False  # host's 'Using domain server:' with a name and an address of its own

    def read(self, line: Line) -> bool:
        """Whether the line was one of theirs."""
        text, number = line.text.rstrip()[:2000], line.number
        if (answer := _HOST_ANSWER.match(text) or _CANONICAL.match(text)) is not None:
            part = answer.groupdict()
            for group, kind in _KINDS:
                if part.get(group):
                    self._add(number, answer["name"], kind, part[group])
        elif (none := _HOST_NONE.match(text) or _NSLOOKUP_NONE.match(text) or _NO_ANSWER.match(text)) is not None:
            self._none(none.groupdict(), number)
        elif (trouble := _TROUBLE.match(text)) is not None:
            self._trouble(trouble, number)
        elif (server := _NSLOOKUP_SERVER.match(text)) is not None:
            self.said["server"] = server["server"]
        elif text.startswith(("Using domain server:", "Aliases:")):
            self.naming_server = text.startswith("Using")
        elif self.naming_server and text.startswith("Name:"):
            self.said["server"] = self.said["server"] or text[5:].strip()
        elif (name := _NAME.match(text)) is not None:
            self.name = name["name"]
            self.said["question"] = self.said["question"] or self.name
        elif (address := _ADDRESS.match(text)) is not None:
            if self.name is None:
                self.said |= {"server": address["address"], "server_port": int(address["port"]) if address["port"] else None}
            else:
                self._add(number, self.name, "AAAA" if ":" in address["address"] else "A", address["address"])
        else:
            return not text.strip()
        self.touched, self.last_line = True, number
        return True

    def _add(self, line: int, name: str, kind: str, data: str) -> None:
        self.said["question"] = self.said["question"] or name
        self.said.setdefault("status", "NOERROR")
        self.said.setdefault("status_line", line)
        if len(self.records) < MAX_RECORDS:
            self.records.append(DnsRecord(line=line, name=name, kind=kind, data=data.strip()[:500]))

    def _none(self, part: dict[str, str | None], line: int) -> None:
        self.said["question"] = self.said["question"] or part.get("name") or part.get("wname") or part.get("empty")
        words = part.get("words") or ""
        status = part.get("status") or ("NXDOMAIN" if "Non-existent" in words else "NOERROR" if not words else None)
        if status:
            self.said |= {"status": status, "status_line": line}
        else:
            self.said |= {"failure": failure_of(words), "failure_line": line}

    def _trouble(self, match: re.Match[str], line: int) -> None:
        words = match["words"] or "timed out"
        if match["address"]:
            self.said |= {"server": match["address"], "server_port": int(match["port"])}
        if len(self.errors) < 100:
            self.errors.append((words, line))
        if "no servers" in match[0]:
            last = self.errors[-2][0] if len(self.errors) > 1 else words
            self.said |= {"failure": failure_of(last), "failure_line": line}

    def finish(self) -> list[DnsQuery]:
        """The question, where a line was read."""
        if not self.touched:
            return []
        said = self.said
        if said.get("status"):
            said |= {"failure": None, "failure_line": 0}
        elif self.errors and not said.get("failure"):
            said |= {"failure": failure_of(self.errors[-1][0]), "failure_line": self.errors[-1][1]}
        answers = tuple((r.kind, r.data, r.line) for r in self.records)
        return [
            DnsQuery(
                **said,
                answers=answers,
                records=tuple(self.records),
                errors=tuple(self.errors),
                first_line=self.first_line,
                last_line=self.last_line,
            )
        ]
