"""netstat: sockets, routes or counters, whichever it was asked for."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Fact
from runs.analysis.report import Statement
from runs.analysis.summaries import _route_lines, _socket_lines


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    yield from _socket_lines.summary(file, facts, case)
    yield from _route_lines.summary(file, facts, case)
