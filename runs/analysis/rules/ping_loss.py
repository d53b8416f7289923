"""A ping loses answers, in its own words or in a capture.

Claim: of n requests m were not answered. Whether the loss is spread or everything after a moment is told, since the one is a bad
path and the other a broken one. One lost answer is `info` where it is the first (address resolution), the last (ping was stopped
before it came) or one of at least 20 (monitoring over days loses one now and then), else `low`.

A capture tells it of requests that had 3 s to be answered before it ended, and only where it shows frames of both directions: a
one-sided capture proves no silence.

Refuted by: the same ping without loss at the same time from elsewhere; a host that does not answer ping by policy.

Source: ping(8), the statistics line; RFC 792, RFC 4443: an answer has the identifier and the sequence number of its request.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import family, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.icmp_echo import CapturedPing
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Severity, Statement

MANY = 20
MOST_TOLD = 12

TITLE = message("ping_loss", en="A ping loses answers", ja="ping の応答が失われている")
LOSS = message(
    "ping_loss.title",
    en="{target} answers {received:count} of {sent:count} pings ({percent}\N{NO-BREAK SPACE}% loss).",
    ja="{target} への ping は {sent:count} 回中 {received:count} 回応答（損失 {percent}\N{NO-BREAK SPACE}%）。",
)
CANNOT = message(
    "ping_loss.title_cannot",
    en="The ping to {target} cannot be sent: {failure}.",
    ja="{target} への ping は送信できない：{failure}。",
)
CANNOT_UNNAMED = message(
    "ping_loss.title_cannot_unnamed",
    en="A ping ({file}) cannot be sent: {failure}.",
    ja="ping（{file}）は送信できない：{failure}。",
)
STATISTICS = message("ping_loss.statistics", en="Its statistics stand here.", ja="統計行はここにある。")
CEASES = message(
    "ping_loss.ceases",
    en="The loss is not spread: after the answer to request {last:count} nothing comes any more.",
    ja="損失は間欠ではない：要求 {last:count} への応答を最後に、以後すべて失われている。",
)
ANSWERS = message("ping_loss.answers", en="The answers that came are these lines.", ja="届いた応答はこれらの行。")
CAPTURED = message(
    "ping_loss.captured",
    en="The capture has {n:count} {n:plural:echo request|echo requests} without an answer.",
    ja="キャプチャに応答のない echo 要求が {n:count} 件ある。",
)
ONE_SIDED = message("ping_loss.one_sided", en="answers of {target} in the capture's view", ja="{target} 側からのフレームの記録")
ANSWERS_CAPTURED = message("ping_loss.answers_captured", en="These are answers that came.", ja="届いた応答は次のとおり。")
ERRORS = message("ping_loss.errors", en="Errors come back: {what}.", ja="エラーが返っている：{what}。")
ITSELF = message("ping_loss.itself", en="ping itself could not send: {failure}.", ja="ping 自身が送信に失敗している：{failure}。")
REFUTE = message(
    "ping_loss.refute",
    en="The same ping without loss at the same time from elsewhere.",
    ja="同じ時刻に別の地点からの ping が失われなければ覆る。",
)
TRACE = message("ping_loss.trace", en="See where it ends.", ja="どこで途切れるか確認する。")
FULL = message(
    "ping_loss.full",
    en="{target} answers {received:count} of {sent:count} pings.",
    ja="{target} への ping は {sent:count} 回中 {received:count} 回応答。",
)


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-loss", "routing"],
    needs=[(Ping, CapturedPing)],
    collect="ping -c 20 TARGET | tee ping.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each target; pass for the pings that lost nothing."""
    full: list[Statement] = []
    for ping in case.all(Ping):
        target = ping.target or ping.name or ""
        if ping.failure and not ping.transmitted:
            yield _cannot(ping, target)
        elif ping.transmitted and ping.received is not None:
            if ping.received < ping.transmitted:
                yield _found(ping, target)
            else:
                told = FULL(target=target, received=ping.received, sent=ping.transmitted)
                full.append(statement(told, Citation(ping.file, lines=(ping.statistics_line,))))
    for captured in case.all(CapturedPing):
        if captured.answered < captured.sent and not captured.is_two_way:
            yield NotEvaluable(missing=(ONE_SIDED(target=captured.target),), citations=(captured.lost,))
        elif captured.answered < captured.sent:
            yield _captured(captured)
        elif len(full) < MOST_TOLD:
            full.append(statement(FULL(target=captured.target, received=captured.answered, sent=captured.sent), captured.answers))
    if full:
        yield Excluded(statements=tuple(full[:MOST_TOLD]))


def _severity(sent: int, received: int, is_at_an_end: bool) -> Severity:
    if not received:
        return "high"
    if sent - received == 1 and sent > 2:
        return "info" if sent >= MANY or is_at_an_end else "low"
    return "high" if received <= sent // 2 else "medium"


def _is_at_an_end(ping: Ping, sent: int) -> bool:
    """Whether the one answer that is missing is that of the first request or of the last."""
    answered = {r.sequence for r in ping.replies if r.result == "reply" and r.sequence is not None}
    if not answered or len(answered) != sent - 1:
        return False
    return max(answered) - min(answered) == sent - 2


def _percent(sent: int, received: int) -> str:
    return f"{100 * (sent - received) / sent:.1f}".removesuffix(".0")


def _subject(target: str) -> dict[str, str]:
    return {"target": target, "family": family(target)}


def _cannot(ping: Ping, target: str) -> Found:
    failure = ping.failure or ""
    title = CANNOT(target=target, failure=failure) if target else CANNOT_UNNAMED(file=ping.file, failure=failure)
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain",
        title=title,
        statements=(statement(title, Citation(ping.file, lines=(ping.failure_line,))),),
        subject=_subject(target) if target else {"target": "unknown", "failure": failure},
        endpoints=(RoleEndpoint("responder", Endpoint(target)),) if target else (),
        because=_causes(target) if target else (Cause("route_missing"),),
        refuted_by=REFUTE(),
        next_actions=(Action(TRACE(), f"ip route get {target or 'TARGET'}"),),
    )


def _causes(target: str) -> tuple[Cause, ...]:
    return (
        Cause("route_missing", {"destination": target}),
        Cause("tunnel_endpoint_unreachable", {"via": target}),
        Cause("interface_down", {"target": target}),
        Cause("arp_unanswered", {"address": target}),
    )


def _found(ping: Ping, target: str) -> Found:
    sent, received = ping.transmitted or 0, ping.received or 0
    answers = [r for r in ping.replies if r.result == "reply"]
    told = [statement(STATISTICS(), Citation(ping.file, lines=(ping.statistics_line,)))]
    if answers:
        told.append(statement(ANSWERS(), Citation(ping.file, lines=tuple(r.line for r in answers[:20]))))
        last = answers[-1].sequence
        if last is not None and sent - received >= 2 and len(answers) >= last and last < sent:
            told.append(statement(CEASES(last=last), Citation(ping.file, lines=(answers[-1].line,))))
    errors = [r for r in ping.replies if r.result == "error"]
    if errors:
        what = sorted({f"{r.source}: {r.error}" if r.source else r.error or "" for r in errors})
        told.append(statement(ERRORS(what=", ".join(what)), Citation(ping.file, lines=tuple(r.line for r in errors[:10]))))
    if ping.failure:
        told.append(statement(ITSELF(failure=ping.failure), Citation(ping.file, lines=(ping.failure_line,))))
    severity = _severity(sent, received, _is_at_an_end(ping, sent))
    return Found(
        outcome="info" if severity == "info" else "fail",
        severity=severity,
        confidence="certain",
        title=LOSS(target=target, received=received, sent=sent, percent=_percent(sent, received)),
        statements=tuple(told),
        subject=_subject(target),
        endpoints=(RoleEndpoint("responder", Endpoint(target)),),
        because=_causes(target),
        refuted_by=REFUTE(),
        next_actions=(Action(TRACE(), f"mtr -n -r -c 50 {target}"),),
    )


def _captured(ping: CapturedPing) -> Found:
    sent, received = ping.sent, ping.answered
    told = [statement(CAPTURED(n=sent - received), ping.lost)]
    if received:
        told.append(statement(ANSWERS_CAPTURED(), ping.answers))
    severity = _severity(sent, received, ping.is_at_an_end)
    return Found(
        outcome="info" if severity == "info" else "fail",
        severity=severity,
        confidence="firm",
        title=LOSS(target=ping.target, received=received, sent=sent, percent=_percent(sent, received)),
        statements=tuple(told),
        subject=_subject(ping.target),
        endpoints=(RoleEndpoint("originator", Endpoint(ping.source)), RoleEndpoint("responder", Endpoint(ping.target))),
        because=_causes(ping.target),
        refuted_by=REFUTE(),
        next_actions=(Action(TRACE(), f"mtr -n -r -c 50 {ping.target}"),),
    )
