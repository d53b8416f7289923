"""Packet lists of tshark and Wireshark: as for tcpdump's text, and what Wireshark itself remarked."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.stated_remarks import StatedRemark
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries import tcpdump_text

REMARK = message("tshark_text.summary_remark", en="[{words}] {n:count} ×.", ja="[{words}] {n:count} 件。")
MOST_LISTED = 4


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    yield from tcpdump_text.summary(file, facts, case)
    remarks = sorted((f for f in facts if isinstance(f, StatedRemark)), key=lambda f: -f.count)
    for one in remarks[:MOST_LISTED]:
        yield Statement(REMARK(words=one.words, n=one.count), (Citation(file.path, lines=one.lines[:20]),))
