"""Texts of captures: whether each record is a frame of a capture in the run, else what the text itself shows."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries import _capture_lines as lines

ALL_EQUAL = message(
    "tcpdump_text.summary_equal",
    en="All {n:count} packets equal frames of {capture}; not counted twice.",
    ja="{n:count} 件すべて {capture} のフレームと一致（二重には数えない）。",
)
DIFFER = message(
    "tcpdump_text.summary_differ",
    en="{n:count} of {all:count} packets equal frames of {capture}; {rest:count} do not.",
    ja="{all:count} 件中 {n:count} 件が {capture} のフレームと一致、{rest:count} 件は一致しない。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    same = next((s for s in case.all(SameTraffic) if s.file == file.path), None)
    if same is not None and same.matched == same.text_count:
        yield Statement(ALL_EQUAL(n=same.matched, capture=same.capture), (Citation(same.capture),))
    elif same is not None:
        said = DIFFER(n=same.matched, all=same.text_count, capture=same.capture, rest=same.text_count - same.matched)
        yield Statement(said, (Citation(file.path, lines=same.differing_lines),))
    elif any(isinstance(f, Capture) for f in facts):
        yield from lines.summary(file, facts, case)
