"""Exit codes: which command ended how."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.small import ExitCode
from runs.analysis.messages import message
from runs.analysis.report import Statement

CODE = message("exit_code.summary", en="Exit code {code}.", ja="終了コード {code}。")
LABELLED = message("exit_code.summary_labelled", en="{label}: exit code {code}.", ja="{label}：終了コード {code}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for found in [f for f in facts if isinstance(f, ExitCode)][:10]:
        said = LABELLED(label=found.label, code=found.code) if found.label else CODE(code=found.code)
        yield Statement(said, (Citation(file.path, lines=(found.line,)),))
