"""Which capture tcpdump's statistics belong to: by the README's 'output of the tcpdump above', by the text they stand in, or by
being the only pair whose names share a word.
"""

import re
from collections.abc import Iterator
from posixpath import basename

from runs.analysis.case import Case
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.facts.joined import CaptureRun, Collection
from runs.analysis.registry import correlator

_WORD = re.compile(r"[A-Za-z]+|\d+")
_COMMON = {"tcpdump", "stdout", "stderr", "log", "txt", "pcap", "pcapng", "cap", "capture", "out", "output", "stats", "statistics"}
LOOPBACK_LINKTYPES = (0, 108)


@correlator(gives=CaptureRun, needs=[CaptureStatistics, Capture], uses=[Collection])
def capture_runs(case: Case) -> Iterator[CaptureRun]:
    """A CaptureRun for each statistics that belong to a capture for sure."""
    captures = {c.file: c for c in reversed(case.all(Capture))}
    parts = {(c.file, c.segment): c for c in case.all(Capture)}
    told = {c.file: c.refers_to for c in case.all(Collection) if c.refers_to}
    for statistics in case.all(CaptureStatistics):
        path = told.get(statistics.file) or (statistics.file if statistics.file in captures else None)
        path = path or _by_name(statistics.file, [c for c in captures.values() if not c.is_text])
        capture = parts.get((statistics.file, statistics.segment)) if path == statistics.file else captures.get(path or "")
        if capture is None:
            continue
        dropped = [n for n in (statistics.dropped_by_kernel, statistics.dropped_by_interface) if n is not None]
        worse = (statistics.dropped_by_interface or 0) > (statistics.dropped_by_kernel or 0)
        yield CaptureRun(
            file=capture.file,
            statistics_file=statistics.file,
            frame_count=capture.frame_count,
            captured=statistics.captured,
            captured_line=statistics.captured_line,
            received=statistics.received_by_filter,
            received_line=statistics.received_line,
            dropped=sum(dropped) if dropped else None,
            dropped_line=statistics.dropped_by_interface_line if worse else statistics.dropped_line,
            loopback=any(i.linktype in LOOPBACK_LINKTYPES for i in capture.interfaces) or (statistics.interface or "")[:2] == "lo",
        )


def _words(path: str) -> set[str]:
    return {w.lower() for w in _WORD.findall(basename(path))} - _COMMON


def _by_name(statistics: str, captures: list[Capture]) -> str | None:
    shared = [(len(_words(statistics) & _words(c.file)), c.file) for c in captures]
    shared.sort(reverse=True)
    if not shared or shared[0][0] == 0 or (len(shared) > 1 and shared[1][0] == shared[0][0]):
        return None
    return shared[0][1]
