"""Version strings and the date of a host: `uname -a`, `sw_vers`, `lsb_release -a`, /etc/os-release, `prog --version`, `date`.

    Linux gw1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux
    PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
    Docker version 24.0.7, build afdd53b
    ProductVersion:		14.4.1
    Sun Mar  1 08:15:02 JST 2026

Yields a SoftwareVersion for each program or system and a NotedDate for each date. Refuses texts in which other lines prevail.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because
from runs.analysis.domain.log_times import english_ns
from runs.analysis.domain.shell import read_prompt
from runs.analysis.domain.times import parse_stamp, zone_text
from runs.analysis.facts.base import Fact, Stamp
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.small import NotedDate, SoftwareVersion
from runs.analysis.messages import message
from runs.analysis.registry import STRONG, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("version_text.title", en="versions and the date of a host", ja="バージョン・日時の記録")
MAX_FACTS = 5_000
_NAMES = dict.fromkeys(("PRETTY_NAME", "DISTRIB_DESCRIPTION", "Description"), "operating system")
_UNAME = re.compile(r"(Linux|Darwin|FreeBSD|OpenBSD|NetBSD|SunOS) (\S{1,255}) (\d[\w.+~-]{1,100}) .{5,500}$")
_RELEASE = re.compile(r'(PRETTY_NAME|VERSION_ID|DISTRIB_DESCRIPTION)="?([^"]{1,200})"?$')
_LABELLED = re.compile(
    r"(ProductName|ProductVersion|BuildVersion|Description|Release|Distributor ID|Codename|VyOS version|Version):\s+(\S.{0,200})$",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"([A-Za-z][\w.+-]{0,40}(?: [A-Za-z][\w.+-]{0,20}){0,2}?),? (?:version |v(?=\d))?(\d+\.\d[\w.+~-]{0,60})(?:[\s,(;].{0,500})?$"
)
_KEYED = re.compile(r"(ID|NAME|VERSION|VERSION_CODENAME|ID_LIKE|HOME_URL|SUPPORT_URL|BUG_REPORT_URL|ANSI_COLOR|BUILD_ID|LOGO)=\S")
_DATE = re.compile(
    r"[A-Z][a-z]{2},? +(?:([A-Z][a-z]{2}) +(\d{1,2})|(\d{1,2}) +([A-Z][a-z]{2})) +(?:(\d{4}) +)?"
    r"(\d\d:\d\d:\d\d)(?: +([AP]M))? +([A-Z]{1,5}|[+-]\d{2,4})(?: +(\d{4}))?$"
)


def _date(text: str) -> Stamp | None:
    match = _DATE.match(text.strip())
    if match is not None:
        year = match[5] or match[9]
        hour = int(match[6][:2])
        if match[7]:
            hour = hour % 12 + (12 if match[7] == "PM" else 0)
        face = f"{hour:02d}{match[6][2:]}"
        wall = english_ns((match[2] or match[3]).zfill(2), match[1] or match[4], year, face) if year else None
        return None if wall is None else Stamp(wall, zone_text(match[8]), True)
    stamp = parse_stamp(text)
    return stamp if stamp is not None and stamp.has_date and stamp.precision_ns <= 60 * 10**9 else None


def _version(text: str, line: int) -> SoftwareVersion | None:
    text = text.strip()[:1000]
    if (uname := _UNAME.match(text)) is not None:
        return SoftwareVersion(host=uname[2], name=uname[1], version=uname[3], line=line, detail=text)
    if (release := _RELEASE.match(text)) is not None:
        return SoftwareVersion(name=_NAMES.get(release[1], release[1]), version=release[2], line=line, detail=text)
    if (labelled := _LABELLED.match(text)) is not None:
        return SoftwareVersion(name=_NAMES.get(labelled[1], labelled[1]), version=labelled[2].strip(), line=line, detail=text)
    named = _PROGRAM.match(text)
    return SoftwareVersion(name=named[1], version=named[2], line=line, detail=text) if named else None


def detect(head: Source, name: str) -> Reason | None:
    """Strong where nine of ten lines say a version or a date; typical where half of them do."""
    full = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    if not full or len(full) > 60:
        return None
    fits = [line.number for line in full if _version(line.text, 0) or _date(line.text) or _KEYED.match(line.text)]
    if not fits or len(fits) * 2 < len(full) or fits[0] != full[0].number:
        return None
    return because(TITLE, fits[0], STRONG if len(fits) * 10 >= len(full) * 9 else TYPICAL - 5)


def parse(source: Source) -> Parsed:
    """One pass."""
    facts: list[Fact] = []
    host: str | None = None
    for line in bounded_lines(source):
        if len(facts) >= MAX_FACTS:
            break
        prompt = read_prompt(line.text)
        if prompt is not None:
            host = prompt.host or host
            if prompt.command:
                facts.append(ShellCommand(text=prompt.command, line=line.number, host=prompt.host))
        elif (stamp := _date(line.text[:1000])) is not None:
            facts.append(NotedDate(stamp=stamp, line=line.number, host=host))
        elif (version := _version(line.text, line.number)) is not None:
            facts.append(version)
    versions = sum(isinstance(fact, SoftwareVersion) for fact in facts)
    return Parsed(facts=facts, counts={"versions": versions})
