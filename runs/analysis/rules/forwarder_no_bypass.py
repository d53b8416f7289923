"""A forwarder was put in front of the service, and the attempt through it fails in the same phase as the attempt without it.

Claim: socat, ssh -L or the like accepts the connection and the request, and the answer is missing exactly as it is when the service
is asked directly. What both ways share, the service's own port and what lies behind it, is where it stops; going round by this
forwarder helps nobody.

Needs the forwarder's mapping, from a command, the README or a configuration. A forwarder whose own port refuses is not this.

Refuted by: an answer through the forwarder, or a direct attempt that succeeds.

Source: reasoning by elimination; RFC 9293 for what an acknowledgment proves (the stack has it, not the program).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import is_loopback, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation
from runs.analysis.facts.joined import Forwarder
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, merge_citations

TITLE = message("forwarder_no_bypass", en="Going through a forwarder fails alike", ja="中継を挟んでも同じ障害")
FAILS_ALIKE = message(
    "forwarder_no_bypass.title",
    en="Through {program} ({listen} → {target}) it fails in the same phase: the fault lies behind the common part, {target}.",
    ja="{program} 経由（{listen} → {target}）でも同じ段階で止まる。障害は共通部分である {target} から先にある。",
)
THROUGH = message(
    "forwarder_no_bypass.through",
    en="Through {program} {sent:bytes} are sent and {got:bytes} come back.",
    ja="{program} 経由では {sent:bytes} を送り、返ったデータは {got:bytes}。",
)
DIRECT = message(
    "forwarder_no_bypass.direct",
    en="Asked directly, {target} gives {got:bytes} for {sent:bytes}.",
    ja="直接の要求でも、{target} が {sent:bytes} に対して返すのは {got:bytes}。",
)
MAPPING = message(
    "forwarder_no_bypass.mapping",
    en="{program} listens on {listen} and connects to {target}.",
    ja="{program} は {listen} で待ち受け、{target} へ接続する。",
)
REFUTE = message(
    "forwarder_no_bypass.refute",
    en="An answer through {program}, or a direct attempt to {target} that succeeds.",
    ja="{program} 経由で応答があるか、{target} への直接の試行が成功すれば覆る。",
)
BETWEEN = message(
    "forwarder_no_bypass.between",
    en="Capture between {program} and {target} while repeating the request.",
    ja="{program} と {target} の間を採取しながら要求を繰り返す。",
)
PASSES = message(
    "forwarder_no_bypass.passes",
    en="Through {program} {got:bytes} come back.",
    ja="{program} 経由で {got:bytes} の応答がある。",
)
NO_ATTEMPT = message(
    "forwarder_no_bypass.no_attempt",
    en="no attempt through {program} on {listen} that got as far as a request",
    ja="{program}（{listen}）経由で要求まで進んだ試行の記録がない",
)


@rule(
    title=TITLE,
    domain="application",
    topics=["forwarder", "port-forward"],
    needs=[Forwarder, Attempt],
    collect="curl -v --max-time 60 http://localhost:FORWARDED_PORT/ 2>&1 | tee curl_via_forwarder.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """For each forwarder: fails alike, passes, or was not tried."""
    for forwarder in case.all(Forwarder):
        through = [a for a in case.all(Attempt) if forwarder.accepts(a.target) and _asked(a)]
        direct = [a for a in case.all(Attempt) if forwarder.leads_to(a.target) and not forwarder.accepts(a.target) and _asked(a)]
        if not through:
            listen = f"{forwarder.listen.port}"
            yield NotEvaluable(
                missing=(NO_ATTEMPT(program=forwarder.program, listen=listen),),
                collect=f"curl -v --max-time 60 http://localhost:{listen}/ 2>&1 | tee curl_via_{listen}.log",
                citations=(forwarder.citation,),
            )
        for attempt in through:
            phase = attempt.phase("first_byte")
            if phase is not None and phase.result == "ok":
                told = PASSES(program=forwarder.program, got=attempt.response_bytes)
                request = attempt.phase("request")
                places = merge_citations([*(request.citations if request else ()), *phase.citations])
                yield Excluded(statements=(statement(told, *places),))
            elif same := [d for d in direct if d.stopped_at == attempt.stopped_at]:
                yield _found(forwarder, attempt, same)


def _asked(attempt: Attempt) -> bool:
    request = attempt.phase("request")
    return request is not None and request.result == "ok"


def _found(forwarder: Forwarder, attempt: Attempt, direct: list[Attempt]) -> Found:
    program, target = forwarder.program, str(forwarder.target)
    listen = str(attempt.target)
    told = [
        statement(MAPPING(program=program, listen=listen, target=target), forwarder.citation),
        statement(
            THROUGH(program=program, sent=attempt.request_bytes, got=attempt.response_bytes), *merge_citations(_proof(attempt))
        ),
    ]
    told += [
        statement(DIRECT(target=str(d.target), sent=d.request_bytes, got=d.response_bytes), *merge_citations(_proof(d)))
        for d in direct[:2]
    ]
    captured = attempt.conversation is not None and any(d.conversation for d in direct)
    interface = "lo0" if is_loopback(attempt.target.address) else "any"
    return Found(
        outcome="fail",
        severity="high",
        confidence="firm" if captured else "tentative",
        title=FAILS_ALIKE(program=program, listen=listen, target=target),
        statements=tuple(told),
        subject={"program": program, "listen": str(forwarder.listen.port), "target": target, "phase": attempt.stopped_at or ""},
        endpoints=(RoleEndpoint("forwarder", attempt.target), RoleEndpoint("responder", direct[0].target)),
        refuted_by=REFUTE(program=program, target=target),
        next_actions=(
            Action(
                BETWEEN(program=program, target=target),
                f"sudo tcpdump -i {interface} -s 0 -w between.pcap 'port {forwarder.listen.port} or port {forwarder.target.port} or icmp or icmp6'",
            ),
        ),
    )


def _proof(attempt: Attempt) -> list[Citation]:
    phases = (attempt.phase(n) for n in ("connect", "request", "acknowledged", "first_byte", "close"))
    return [c for phase in phases if phase is not None for c in phase.citations]
