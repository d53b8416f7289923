"""How each file was collected: the README's row, the command in its table, or the prompt line in the file itself."""

import re
from collections.abc import Iterator

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.paths import resolve
from runs.analysis.facts.base import SECOND_NS, Citation, Stamp
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.joined import Collection
from runs.analysis.facts.notes import FileNote, ShellCommand
from runs.analysis.registry import correlator

# '上記 tcpdump の標準出力', 'stderr of the tcpdump above': the output of the command in a row before
OUTPUT_OF_ABOVE = re.compile(
    r"(?:上記|上の|同上).{0,40}(?:標準出力|標準エラー|出力)|(?:std(?:out|err)|output|standard (?:output|error)).{0,40}(?:above|previous)"
    r"|(?:above|previous).{0,40}(?:std(?:out|err)|output)",
    re.IGNORECASE,
)
WRITES_CAPTURE = re.compile(r"\b(?:tcpdump|tshark|dumpcap|pktcap-uw)\b.*?\s-w\s*(\S+)")


ABOUT_NS = 600 * SECOND_NS  # 'about ten to six' is right within ten minutes


def _loose(stamp: Stamp) -> int:
    """How long a stated end may be over: a minute that is named counts whole; a second is as written."""
    return stamp.precision_ns if stamp.precision_ns > SECOND_NS else 0


def _later(stamp: Stamp | None) -> int:
    if stamp is None:
        return SECOND_NS
    return max(ABOUT_NS if stamp.approximate else 0, stamp.precision_ns)


@correlator(gives=Collection, uses=[FileNote, ShellCommand, Clock])
def collections(case: Case) -> Iterator[Collection]:
    """A Collection for each file of which something is known."""
    paths = [f.path for f in case.files]
    clocks = {c.file: c for c in case.all(Clock)}
    made: dict[str, Collection] = {}
    last_capture: str | None = None
    for note in sorted(case.all(FileNote), key=lambda n: (n.file, n.line)):
        path = resolve(note.path, note.file, paths)
        command = note.command or ""
        refers_to = last_capture if OUTPUT_OF_ABOVE.search(command) else None
        if written := WRITES_CAPTURE.search(command):
            last_capture = resolve(written[1], note.file, paths) or path
        if path is None:
            continue
        clock = clocks.get(note.file)
        place = Citation(note.file, lines=(note.line,))
        made[path] = Collection(
            file=path,
            command=note.command,
            command_at=place,
            refers_to=refers_to,
            start_ns=clock.of(note.start) if clock and note.start else None,
            end_ns=clock.of(note.end) + _loose(note.end) if clock and note.end else None,
            earlier_ns=ABOUT_NS if note.start and note.start.approximate else 0,
            later_ns=_later(note.start),
            time_text=note.time_text,
            noted=note.remark,
            noted_at=place if note.remark else None,
            listed=True,
        )
    for ran in sorted((c for c in case.all(ShellCommand) if c.ran), key=lambda c: (c.file, c.line)):
        path = resolve(ran.about, ran.file, paths) if ran.about else None
        if path is None:
            continue
        known = made.get(path, Collection(file=path))
        if known.command is None:
            place = Citation(ran.file, lines=(ran.line,))
            made[path] = msgspec.structs.replace(known, command=ran.text, command_at=place)
    yield from made.values()
