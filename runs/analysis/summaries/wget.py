"""wget's logs: how each request ended, which addresses refused, and which conversation is its own."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries import curl_log

FAILED = message("wget.summary_failed", en="{url}: {error}.", ja="{url}：{error}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    yield from curl_log.summary(file, facts, case)
    for request in [f for f in facts if isinstance(f, CurlAttempt)][:6]:
        refused = any(tried.error == request.error for tried in request.tries)
        if request.error and not request.status and not refused:
            said = FAILED(url=request.url or request.host_name or "?", error=request.error)
            yield Statement(said, (Citation(file.path, lines=(request.error_line,)),))
