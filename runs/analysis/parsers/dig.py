"""dig, host and nslookup: whole answers, several in one file, time-outs, retries over TCP, `+trace` and `+short`.

    $ dig @192.0.2.53 shop.example.net AAAA
    ; <<>> DiG 9.18.1 <<>> @192.0.2.53 shop.example.net AAAA
    ;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 4711
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1
    ;; Query time: 12 msec
    ;; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)

Yields a DnsQuery for each question. Refuses zone files and lists of addresses without a command.
"""

import re

from runs.analysis.domain.dig_output import DIG_LINE, DigReader
from runs.analysis.domain.lookup_output import LOOKUP_LINE, LookupReader
from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.reachability import DnsQuery
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("dig.title", en="DNS queries (dig)", ja="DNS の問い合わせ (dig)")
MAX_QUERIES = 5_000
_PROGRAMS = ("dig", "delv", "kdig", "host", "nslookup")
_ANY = re.compile(f"{DIG_LINE.pattern}|{LOOKUP_LINE.pattern}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a line that only these programs write; strong by a prompt that runs one."""
    return recognise(head, TITLE, _ANY, _PROGRAMS)


def parse(source: Source) -> Parsed:
    """A DnsQuery for each question."""
    queries: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if len(queries) < MAX_QUERIES:
            queries += _queries(section)
    return Parsed(facts=[*queries[:MAX_QUERIES], *commands], counts={"queries": len(queries)})


def _queries(section: Section) -> list[DnsQuery]:
    ran = program(section.command) if section.command else ""
    if ran and ran not in _PROGRAMS:
        return []
    command, first = section.command, first_full_line(section)
    lookup = next((line.text for line in section.lines if LOOKUP_LINE.match(line.text[:2000])), None)
    plain = not any(line.text.startswith("; <<>> DiG") for line in section.lines)
    reader: DigReader | LookupReader
    if ran == "nslookup" or (not ran and plain and any(line.text.startswith(("Server:", "Non-auth")) for line in section.lines)):
        reader = LookupReader("nslookup", command, section.host, first)
    elif ran == "host" or (not ran and plain and lookup is not None):
        reader = LookupReader("host", command, section.host, first)
    else:
        reader = DigReader(command, section.host, first)
    for line in section.lines:
        reader.read(line)
    return reader.finish()[:MAX_QUERIES]
