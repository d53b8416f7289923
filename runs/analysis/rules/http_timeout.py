"""A client gave up waiting: curl's (28), with the phase it hung in.

Claim: the client's own limit ended the transfer. Joined with its conversation where the capture has it (endpoint, order, duration
and time agree); then it is a consequence of what the conversation shows, and hangs beneath it.

Refuted by: a response in the same log; a limit shorter than what the service normally takes.

Source: curl's manual, exit code 28.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.pairing import attempt_id
from runs.analysis.domain.wording import quoted, responder_subject, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement

TIMED_OUT = 28
MOST_TOLD = 20
TITLE = message("http_timeout", en="An HTTP client gives up waiting", ja="HTTP クライアントがタイムアウトした")
PHASES: dict[str, Text] = {
    "resolve": message("http_timeout.resolve", en="name resolution", ja="名前解決")(),
    "connect": message("http_timeout.connect", en="the connection", ja="接続")(),
    "request": message("http_timeout.request", en="sending the request", ja="要求の送信")(),
    "acknowledged": message("http_timeout.acknowledged", en="the acknowledgment", ja="受領確認")(),
    "first_byte": message("http_timeout.first_byte", en="the first byte of the response", ja="応答の先頭バイト")(),
    "complete": message("http_timeout.complete", en="the rest of the response", ja="応答の残り")(),
    "close": message("http_timeout.close", en="the close", ja="切断")(),
}
GAVE_UP = message(
    "http_timeout.title",
    en="curl gives up on {target} {n:count} {n:plural:time|times} (28), waiting for {phase}: {waits:list}.",
    ja="curl が {target} への要求を {n:count} 回断念（28）。待っていたのは{phase}：{waits:list}。",
)
ONE = message(
    "http_timeout.one",
    en="Timed out after {waited:duration} with {got:bytes} received.",
    ja="{waited:duration} でタイムアウト、受信 {got:bytes}。",
)
WAIT = message("http_timeout.wait", en="{waited:duration}", ja="{waited:duration}")
ONE_UNTIMED = message("http_timeout.one_untimed", en="Timed out with {got:bytes} received.", ja="タイムアウト、受信 {got:bytes}。")
UNTIMED = message("http_timeout.untimed", en="(time not logged)", ja="（時間の記録なし）")
JOINED = message(
    "http_timeout.joined",
    en="Its conversation is {id}.",
    ja="対応する会話は {id}。",
)
REFUTE = message(
    "http_timeout.refute",
    en="A response to the same request within the same limit.",
    ja="同じ制限時間内に同じ要求へ応答があれば覆る。",
)
AGAIN = message(
    "http_timeout.again",
    en="Repeat with time stamps of each step and a longer limit.",
    ja="制限時間を延ばし、各段階の時刻付きで再実行する。",
)
FINISHED = message(
    "http_timeout.finished",
    en="curl got HTTP {status} from {target}.",
    ja="curl は {target} から HTTP {status} を受信。",
)


@rule(
    title=TITLE,
    domain="application",
    topics=["http", "server-slow", "port-forward"],
    needs=[CurlAttempt],
    uses=[Attempt],
    collect="curl -v --trace-time --max-time 60 http://HOST:PORT/ 2>&1 | tee curl.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each target and phase; pass for the transfers that got a status."""
    groups: dict[tuple[str, str], list[CurlAttempt]] = {}
    finished: list[Statement] = []
    for curl in case.all(CurlAttempt):
        target = _target(curl)
        if curl.exit_code == TIMED_OUT or (curl.exit_code is None and curl.timeout_ms):
            groups.setdefault((target, curl.phase), []).append(curl)
        elif curl.status:
            place = Citation(curl.file, lines=(curl.status_line,))
            finished.append(statement(FINISHED(status=curl.status, target=target), place))
    for (target, phase), curls in groups.items():
        yield _found(case, target, phase, curls)
    if finished:
        yield Excluded(statements=tuple(finished[:12]))


def _target(curl: CurlAttempt) -> str:
    end = curl.reached or (curl.tries[-1].endpoint if curl.tries else None)
    name = curl.host_name or (end.address if end else "?")
    return str(Endpoint(name, end.port if end else None))


def _waited(curl: CurlAttempt) -> int:
    """How long curl waited, in ns; 0 where it does not say."""
    return curl.timeout_ms * 1_000_000 if curl.timeout_ms else curl.elapsed_ns or 0


def _found(case: Case, target: str, phase: str, curls: list[CurlAttempt]) -> Found:
    told: list[Statement] = []
    causes: list[Cause] = []
    roles: list[RoleEndpoint] = []
    for curl in curls[:MOST_TOLD]:
        waited, got = _waited(curl), curl.received_bytes or 0
        place = Citation(curl.file, lines=(curl.error_line or curl.last_line,))
        told.append(statement(ONE(waited=waited, got=got) if waited else ONE_UNTIMED(got=got), place))
        end = curl.reached or (curl.tries[-1].endpoint if curl.tries else None)
        if end is None:
            continue
        subject, own = responder_subject(end), {attempt_id(curl, tried) for tried in curl.tries}
        causes += [
            Cause(r, subject) for r in ("response_missing", "response_slow", "syn_unanswered", "return_path_lost", "icmp_rejected")
        ]
        causes.append(Cause("forwarder_no_bypass", {"listen": str(end.port)}))
        if RoleEndpoint("responder", end) not in roles:
            roles.append(RoleEndpoint("responder", end))
        for a in case.all(Attempt):
            if a.id in own and a.conversation and a.target == end:
                told.append(statement(JOINED(id=a.conversation), *[c for c in a.citations if c.file != curl.file][:1]))
    return Found(
        outcome="fail",
        severity="medium",
        confidence="certain",
        title=GAVE_UP(
            target=target,
            n=len(curls),
            phase=PHASES.get(phase, PHASES["first_byte"]),
            waits=[WAIT(waited=waited) if (waited := _waited(c)) else UNTIMED() for c in curls[:MOST_TOLD]],
        ),
        statements=tuple(told),
        subject={"client": "curl", "target": target, "phase": phase},
        endpoints=tuple(roles),
        because=tuple(causes),
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), f"curl -v --trace-time --max-time 180 {quoted(f'http://{target}/')} 2>&1 | tee curl.log"),),
    )
