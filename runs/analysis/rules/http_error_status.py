"""An HTTP response says that the request failed: 4xx or 5xx.

Claim: a client's log shows a status of 400 or more. 401 and 403 are `info` where the request carried no credentials: the service is there and
asks for them. 5xx is the service's own failure, 4xx the request's.

Refuted by: the same request with another status.

Source: RFC 9110 §15.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

TITLE = message("http_error_status", en="An HTTP response tells of an error", ja="HTTP 応答がエラーを示す")
ERROR = message(
    "http_error_status.title",
    en="{target} answers HTTP {status} to {method} {path}.",
    ja="{target} は {method} {path} に HTTP {status} を返す。",
)
HERE = message("http_error_status.here", en="HTTP {status} stands here.", ja="HTTP {status} の応答行。")
REFUTE = message(
    "http_error_status.refute", en="The same request with another status.", ja="同じ要求に別の状態コードが返れば覆る。"
)
LOGS = message("http_error_status.logs", en="Read the service's own log at that time.", ja="その時刻のサービス側ログを読む。")
FINE = message("http_error_status.fine", en="{target} answers HTTP {status}.", ja="{target} は HTTP {status} を返す。")


@rule(
    title=TITLE,
    domain="application",
    topics=["http"],
    needs=[CurlAttempt],
    collect="curl -v --max-time 20 http://HOST:PORT/ 2>&1 | tee curl.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each target, path and status; pass for the responses without an error."""
    fine: list[Statement] = []
    for curl in case.all(CurlAttempt):
        end = curl.reached
        if not curl.status or end is None:
            continue
        place = Citation(curl.file, lines=(curl.status_line,))
        if curl.status < 400:
            fine.append(statement(FINE(target=str(end), status=curl.status), place))
            continue
        asked = curl.status in (401, 403)
        title = ERROR(target=str(end), status=curl.status, method=curl.method or "GET", path=(curl.target or "/")[:120])
        yield Found(
            outcome="info" if asked else "fail",
            severity="info" if asked else "high" if curl.status >= 500 else "medium",
            confidence="certain",
            title=title,
            statements=(statement(HERE(status=curl.status), place),),
            subject={"address": end.address, "port": str(end.port), "status": str(curl.status)},
            endpoints=(RoleEndpoint("responder", end),),
            refuted_by=REFUTE(),
            next_actions=(Action(LOGS()),),
        )
    if fine:
        yield Excluded(statements=tuple(fine[:12]))
