"""Statements of README tables and notes, each held against the file it speaks of: its row's file, or one that it names.

A sentence that names no file is held against the whole run, and only where the run can decide it.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from runs.analysis.case import Case
from runs.analysis.domain.claim_checks import Answer, check
from runs.analysis.domain.claim_subject import Subject
from runs.analysis.domain.claims import Statement, stated_in
from runs.analysis.facts.base import Fact
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.facts.claims import CheckedClaim
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import PfRuleset
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.facts.log import Log
from runs.analysis.facts.notes import FileNote, Note
from runs.analysis.facts.process import ProcessIds
from runs.analysis.facts.reachability import Ping
from runs.analysis.registry import correlator

MOST_CLAIMS = 500
_WORD = re.compile(r"[\w.+@%-]{3,200}")
USES: list[type[Fact]] = [
    Capture,
    CaptureStatistics,
    Conversation,
    CurlAttempt,
    FileNote,
    IcmpError,
    Log,
    Note,
    PfRuleset,
    Ping,
    ProcessIds,
    SameTraffic,
]


@correlator(gives=CheckedClaim, uses=USES)
def claims(case: Case) -> Iterator[CheckedClaim]:
    """In the order of the files and lines; the first MOST_CLAIMS."""
    captures = {s.file: s.capture for s in case.all(SameTraffic)}
    held: dict[type[Fact], dict[str, list[Any]]] = {}
    made = 0
    for file, line, text, subject in _sentences(case):
        for stated in stated_in(text):
            answer = _answer(stated, Subject(case, captures.get(subject, subject), held, stated.family))
            if answer is None or made >= MOST_CLAIMS:
                continue
            made += 1
            yield CheckedClaim(
                file=file,
                line=line,
                text=text,
                stated=stated.stated,
                kind=stated.kind,
                subject=subject,
                verdict=answer.verdict,
                found=answer.found,
                citations=answer.citations,
            )


def _answer(stated: Statement, subject: Subject) -> Answer | None:
    """The answer for the family that the part speaks of; where an earlier part named it, it can support only."""
    answer = check(stated.kind, stated.numbers, subject)
    if stated.is_surely_family or answer is None or answer.verdict != "contradicted":
        return answer
    whole = check(stated.kind, stated.numbers, subject._replace(family=None))
    return whole if whole is not None and whole.verdict != "contradicted" else None


def _sentences(case: Case) -> Iterator[tuple[str, int, str, str]]:
    """(file, line, sentence, the file it speaks of)."""
    paths = {f.path for f in case.files}
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(posixpath.basename(path), []).append(path)
    for row in case.all(FileNote):
        subject = _path(paths, by_name, row.path, row.file)
        if row.remark and subject:
            yield row.file, row.line, row.remark, subject
    for note in case.all(Note):
        for one in (*note.statements, *note.succeeded, *note.failed):
            words = dict.fromkeys(_WORD.findall(one.text))
            named = [path for word in words for path in by_name.get(word, ()) if path != note.file]
            yield note.file, one.line, one.text, named[0] if len(named) == 1 else ""


def _path(paths: set[str], by_name: dict[str, list[str]], name: str, readme: str) -> str:
    """The file of the run that a row means: beside the README, or the only one of that name."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(readme), name))
    if beside in paths:
        return beside
    alike = by_name.get(posixpath.basename(name), [])
    return alike[0] if len(alike) == 1 else ""
