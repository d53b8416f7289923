"""Lists of digests: `sha256sum`, `md5sum`, `shasum`, BSD's `md5` and `sha256` (with --tag).

    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  lo0_8443.pcap
    d41d8cd98f00b204e9800998ecf8427e *rules.txt
    SHA256 (notes.md) = 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae

Yields one Checksums; they are held against the bundle's files elsewhere. Refuses digests without a file's name.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because
from runs.analysis.domain.shell import read_prompt
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.small import Checksum, Checksums
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("checksums.title", en="a list of checksums", ja="チェックサムの一覧")
NO_CHECKSUM = message("checksums.none", en="this line is no checksum", ja="この行はチェックサムではない")
MAX_ENTRIES = 100_000
_GNU = re.compile(r"\\?([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}) [ *](\S.{0,1000})$")
_BSD = re.compile(r"(MD5|SHA1|SHA256|SHA384|SHA512) ?\((.{1,1000})\) ?= ([0-9A-Fa-f]{32,128})$")
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


def _entry(text: str, line: int) -> Checksum | None:
    text = text.rstrip()
    if (gnu := _GNU.match(text)) is not None:
        return Checksum(gnu[2], _ALGORITHMS[len(gnu[1])], gnu[1].lower(), line)
    bsd = _BSD.match(text)
    if bsd is None or _ALGORITHMS.get(len(bsd[3])) != bsd[1].lower():
        return None
    return Checksum(bsd[2], bsd[1].lower(), bsd[3].lower(), line)


def detect(head: Source, name: str) -> Reason | None:
    """Certain where every line but prompts is one, two or more; strong by a single one."""
    full = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    found = [line.number for line in full if _entry(line.text, line.number) is not None]
    if not found or len(found) * 10 < len(full) * 9:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else STRONG)


def parse(source: Source) -> Parsed:
    """One pass."""
    entries: list[Checksum] = []
    commands: list[ShellCommand] = []
    problems: list[Problem] = []
    for line in bounded_lines(source):
        if (prompt := read_prompt(line.text)) is not None:
            if prompt.command and len(commands) < 100:
                commands.append(ShellCommand(text=prompt.command, line=line.number, host=prompt.host))
        elif (entry := _entry(line.text, line.number)) is not None:
            if len(entries) < MAX_ENTRIES:
                entries.append(entry)
        elif line.text.strip() and len(problems) < 100:
            problems.append(Problem(NO_CHECKSUM(), line=line.number, lost=True))
    facts = [Checksums(entries=tuple(entries))] if entries else []
    return Parsed(facts=[*facts, *commands], problems=problems, counts={"checksums": len(entries)})
