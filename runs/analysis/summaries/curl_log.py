"""curl's logs: how each transfer ended, which addresses refused, and which conversation is its own."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import message
from runs.analysis.report import Statement

REFUSED = message("curl_log.summary_refused", en="{end} refused.", ja="{end} は拒否。")
FAILED_END = message("curl_log.summary_failed_end", en="{end}: {error}.", ja="{end}：{error}。")
STATUS = message("curl_log.summary_status", en="HTTP {status}, {n:bytes}.", ja="HTTP {status}、{n:bytes}。")
STATUS_ONLY = message("curl_log.summary_status_only", en="HTTP {status}.", ja="HTTP {status}。")
TIMED_OUT = message(
    "curl_log.summary_timed_out",
    en="(28) timed out after {waited:duration}, {n:bytes}.",
    ja="(28) {waited:duration} でタイムアウト、受信 {n:bytes}。",
)
FAILED = message("curl_log.summary_failed", en="({code}) {error}.", ja="({code}) {error}。")
JOINED = message("curl_log.summary_joined", en="Joined to {id}.", ja="会話 {id} に対応。")
OUTSIDE = {
    "after": message(
        "curl_log.summary_after",
        en="After the capture ended: no conversation to join.",
        ja="キャプチャ終了後のため対応する会話なし。",
    ),
    "before": message(
        "curl_log.summary_before",
        en="Before the capture began: no conversation to join.",
        ja="キャプチャ開始前のため対応する会話なし。",
    ),
    "filter": message("curl_log.summary_filter", en="Not in any capture.", ja="どのキャプチャにも含まれない。"),
}


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    attempts = [a for a in case.all(Attempt) if a.file == file.path]
    for curl in [f for f in facts if isinstance(f, CurlAttempt)][:6]:
        for tried in curl.tries:
            if tried.error:
                refused = "refused" in tried.error.lower()
                said = REFUSED(end=str(tried.endpoint)) if refused else FAILED_END(end=str(tried.endpoint), error=tried.error)
                yield Statement(said, (Citation(file.path, lines=(tried.result_line or tried.line,)),))
        yield from _end(file.path, curl)
    for attempt in attempts:
        if attempt.conversation and attempt.phase("connect") and not attempt.superseded:
            yield Statement(JOINED(id=attempt.conversation), ())
        elif attempt.outside in OUTSIDE:
            yield Statement(OUTSIDE[attempt.outside](), ())


def _end(path: str, curl: CurlAttempt) -> Iterator[Statement]:
    if curl.timeout_ms:
        said = TIMED_OUT(waited=curl.timeout_ms * 1_000_000, n=curl.received_bytes or 0)
        yield Statement(said, (Citation(path, lines=(curl.error_line,)),))
    elif curl.exit_code:
        said = FAILED(code=curl.exit_code, error=curl.error or "")
        yield Statement(said, (Citation(path, lines=(curl.error_line,)),) if curl.error_line else ())
    elif curl.status:
        n = curl.received_bytes
        said = STATUS(status=curl.status, n=n) if n is not None else STATUS_ONLY(status=curl.status)
        yield Statement(said, (Citation(path, lines=(curl.status_line,)),))
