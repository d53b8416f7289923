"""An HTTP response says that the request failed: 4xx or 5xx.

Claim: a status of 400 or more, in a client's log, a capture or an access log; a reverse proxy's own error log is cited for the
cause where it names the upstream. 401 and 403 are `info` where the request carried no credentials: the service is there and asks
for them. 499 is nginx's note that the client left before the answer, `info`; 408 without a request is a server that ends a
connection which a browser opened in advance, `info`. So is a 404 that only an access log has: nobody of the run asked for it. 5xx
is the service's own failure, 4xx the request's. More than 8 paths with one 4xx status are one finding: scanners ask for hundreds.

Refuted by: the same request with another status.

Source: RFC 9110 §15; nginx's documentation for 499.
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.wording import responder_subject, statement
from runs.analysis.facts.access import AccessLog
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt, HttpExchange
from runs.analysis.facts.upstream import UpstreamFailure
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Severity, Statement

CLIENT_LEFT = 499
NOT_FOUND = 404
UPSTREAM_FAULTS = ("connection_refused", "syn_unanswered", "response_missing", "response_slow", "connection_reset")
REQUEST_TIMEOUT = 408
MOST_PATHS = 8
ASKS_FOR_CREDENTIALS = (401, 403)
UPSTREAM_STATUS = {502, 503, 504}
MOST_PLACES = 8

TITLE = message("http_error_status", en="An HTTP response tells of an error", ja="HTTP 応答がエラーを示す")
ERROR = message(
    "http_error_status.title",
    en="{method} {path} is answered HTTP {status}.",
    ja="{method} {path} に HTTP {status} が返る。",
)
LEFT = message(
    "http_error_status.title_left",
    en="The client of {method} {path} left before the answer (499).",
    ja="{method} {path} のクライアントが応答前に切断した（499）。",
)
MANY = message(
    "http_error_status.title_many",
    en="{n:count} paths are answered HTTP {status}.",
    ja="{n:count} 個のパスに HTTP {status} が返る。",
)
IN_LOG = message(
    "http_error_status.in_log", en="curl shows HTTP {status} of {target}.", ja="curl の記録では {target} が HTTP {status}。"
)
IN_ACCESS = message(
    "http_error_status.in_access",
    en="The access log has it {n:count} {n:plural:time|times}.",
    ja="アクセスログに {n:count} 件。",
)
IN_CAPTURE = message("http_error_status.in_capture", en="{target} sends it in the capture.", ja="キャプチャ中の {target} の応答。")
UPSTREAM = message(
    "http_error_status.upstream",
    en="The proxy's log tells of {upstream}: {cause}.",
    ja="プロキシのログ：{upstream} で {cause}。",
)
REFUTE = message(
    "http_error_status.refute", en="The same request with another status.", ja="同じ要求に別の状態コードが返れば覆る。"
)
LOGS = message("http_error_status.logs", en="Read the service's own log at that time.", ja="その時刻のサービス側ログを読む。")
FINE = message("http_error_status.fine", en="{what} is answered HTTP {status}.", ja="{what} に HTTP {status} が返っている。")


class Answer(NamedTuple):
    """One response, wherever it is told."""

    method: str
    path: str
    status: int
    said: Text
    place: Citation
    responder: Endpoint | None
    has_credentials: bool


@rule(
    title=TITLE,
    domain="application",
    topics=["http"],
    needs=[(CurlAttempt, HttpExchange, AccessLog)],
    uses=[Conversation, UpstreamFailure],
    collect="curl -v --max-time 20 http://HOST:PORT/ 2>&1 | tee curl.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each path and status; pass for the responses without an error."""
    fine: list[Statement] = []
    groups: dict[tuple[str, str, int], list[Answer]] = {}
    for answer in (*_of_curl(case), *_of_captures(case), *_of_access_logs(case)):
        if answer.status < 400:
            if len(fine) < 12:
                fine.append(statement(FINE(what=f"{answer.method} {answer.path}", status=answer.status), answer.place))
        else:
            groups.setdefault((answer.method, answer.path, answer.status), []).append(answer)
    many: dict[int, list[list[Answer]]] = {}
    for (_, _, status), answers in groups.items():
        many.setdefault(status, []).append(answers)
    for status, paths in many.items():
        if status < 500 and len(paths) > MOST_PATHS:
            together = [a for answers in paths for a in answers]
            yield _found(case, [a._replace(path="*", method="*") for a in together], len(paths))
        else:
            yield from (_found(case, answers) for answers in paths)
    if fine:
        yield Excluded(statements=tuple(fine))


def _path(target: str | None) -> str:
    return (target or "/").partition("?")[0][:120]


def _of_curl(case: Case) -> Iterator[Answer]:
    for curl in case.all(CurlAttempt):
        if curl.status:
            end = curl.reached
            said = IN_LOG(status=curl.status, target=str(end) if end else curl.host_name or "?")
            place = Citation(curl.file, lines=(curl.status_line,))
            yield Answer(curl.method or "GET", _path(curl.target), curl.status, said, place, end, False)


def _of_captures(case: Case) -> Iterator[Answer]:
    ends = {(c.file, c.segment, c.row): c.responder for c in case.all(Conversation)}
    for x in case.all(HttpExchange):
        end = ends.get((x.file, x.segment, x.conversation_row))
        if x.status and end is not None and x.method:
            place = Citation(x.file, frames=(x.response_frame,))
            yield Answer(x.method, _path(x.target), x.status, IN_CAPTURE(target=str(end)), place, end, x.has_credentials)


def _of_access_logs(case: Case) -> Iterator[Answer]:
    for log in case.all(AccessLog):
        for g in log.groups:
            place = Citation(log.file, lines=g.lines[:MOST_PLACES])
            yield Answer(g.method, _path(g.target), g.status, IN_ACCESS(n=g.count), place, None, False)


def _found(case: Case, answers: list[Answer], paths: int = 1) -> Found:
    first = answers[0]
    no_request = first.status == REQUEST_TIMEOUT and not first.method.isalpha()
    harmless = (
        no_request
        or first.status == CLIENT_LEFT
        or (first.status == NOT_FOUND and all(a.said.id == IN_ACCESS.id for a in answers))
        or (first.status in ASKS_FOR_CREDENTIALS and not any(a.has_credentials for a in answers))
    )
    severity: Severity = "info" if harmless else "high" if first.status >= 500 else "low" if first.status == 404 else "medium"
    said = LEFT if first.status == CLIENT_LEFT else ERROR
    params = {"method": first.method, "path": first.path}
    title = said(**params) if first.status == CLIENT_LEFT else said(**params, status=first.status)
    if paths > 1:
        title = MANY(n=paths, status=first.status)
    told = [statement(a.said, a.place) for a in _brief(answers)]
    failures: list[UpstreamFailure] = []
    if first.status in UPSTREAM_STATUS:
        failures = _upstream(case, answers)
        told += [_told(f) for f in failures]
    responders = {a.responder for a in answers if a.responder is not None}
    return Found(
        outcome="info" if harmless else "fail",
        severity=severity,
        confidence="certain",
        title=title,
        statements=tuple(told),
        subject={"method": first.method, "path": first.path, "status": str(first.status)},
        endpoints=tuple(RoleEndpoint("responder", r) for r in sorted(responders, key=str)),
        because=tuple(Cause(r, subject) for f in failures for subject in _upstream_subject(f) for r in UPSTREAM_FAULTS),
        refuted_by=REFUTE(),
        next_actions=(Action(LOGS()),),
    )


def _brief(answers: list[Answer]) -> list[Answer]:
    """Two places a file are enough."""
    kept: dict[str, int] = {}
    brief = []
    for a in answers:
        kept[a.place.file] = kept.get(a.place.file, 0) + 1
        if kept[a.place.file] <= 2:
            brief.append(a)
    return brief


def _upstream(case: Case, answers: list[Answer]) -> list[UpstreamFailure]:
    """The proxy's own word for this path, where its log names the request."""
    paths = {a.path for a in answers}
    return [failure for failure in case.all(UpstreamFailure) if paths & set(failure.requests)]


def _told(failure: UpstreamFailure) -> Statement:
    place = Citation(failure.file, lines=failure.lines[:5])
    return statement(UPSTREAM(upstream=failure.upstream, cause=failure.cause), place)


def _upstream_subject(failure: UpstreamFailure) -> list[dict[str, str]]:
    """The upstream as the rules about conversations call it; none for a socket in the file system."""
    address, _, port = failure.upstream.rpartition(":")
    return [responder_subject(Endpoint(address.strip("[]"), int(port)))] if port.isdigit() and address else []
