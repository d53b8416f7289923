"""Versions and dates: what is installed."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.small import SoftwareVersion
from runs.analysis.messages import message
from runs.analysis.report import Statement

INSTALLED = message("version_text.summary", en="{name} {version}.", ja="{name} {version}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for found in [f for f in facts if isinstance(f, SoftwareVersion)][:6]:
        yield Statement(INSTALLED(name=found.name, version=found.version), (Citation(file.path, lines=(found.line,)),))
