"""`scutil --dns`: which resolvers are asked, for which domain, by which interface."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Fact
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.report import Statement
from runs.analysis.summaries._resolver_lines import resolver_lines


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    yield from resolver_lines(file, [fact for fact in facts if isinstance(fact, ResolverConfig)])
