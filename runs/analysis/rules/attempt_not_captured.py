"""A logged attempt lies outside every capture's window or filter: its conversation is not missing, it was never recorded.

Claim (`info`): the client's log tells of an attempt, the run has captures, and none of them was running then (by the README's times) or
could have admitted it (by its filter, or by the ports that it holds). No contradiction, and no evidence of what the network did.

Refuted by: a capture of that time and port.

Source: the README's table and the captures' first and last frames.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.pairing import attempt_id, curls_by_attempt
from runs.analysis.domain.wording import statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import Collection
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

TITLE = message("attempt_not_captured", en="An attempt was never captured", ja="キャプチャされていない試行がある")
WHEN = {
    "after": message(
        "attempt_not_captured.after",
        en="The attempt in {log} to {end} came after the capture had ended: it has no conversation, which is no contradiction.",
        ja="{log} の {end} への試行はキャプチャ終了後であり、対応する会話がないことは矛盾ではない。",
    ),
    "before": message(
        "attempt_not_captured.before",
        en="The attempt in {log} to {end} came before the capture began: it has no conversation, which is no contradiction.",
        ja="{log} の {end} への試行はキャプチャ開始前であり、対応する会話がないことは矛盾ではない。",
    ),
    "filter": message(
        "attempt_not_captured.filter",
        en="No capture of the run recorded {end}: what the network did with the attempt in {log} is not in evidence.",
        ja="{end} を記録したキャプチャはなく、{log} の試行がネットワーク上でどうなったかは証跡がない。",
    ),
}
TIMES = message("attempt_not_captured.times", en="Its time as the README states it: {time}.", ja="README に記された時刻：{time}。")
REFUTE = message(
    "attempt_not_captured.refute", en="A capture of that time and port.", ja="その時刻・ポートのキャプチャがあれば覆る。"
)
CAPTURE_IT = message(
    "attempt_not_captured.capture_it", en="Repeat the attempt with the capture running.", ja="キャプチャを動かしたまま再試行する。"
)
ALL_CAPTURED = message(
    "attempt_not_captured.all",
    en="Every logged attempt has its conversation in a capture.",
    ja="記録された試行にはすべて対応する会話がある。",
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[CurlAttempt, Capture],
    uses=[Attempt, Collection],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6' & curl -v http://HOST:PORT/",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each log; pass where every attempt was captured."""
    curls = curls_by_attempt(case.all(CurlAttempt))
    collections = {c.file: c for c in case.all(Collection)}
    logged = [a for a in case.all(Attempt) if a.client and a.id in curls]
    captured: list[Statement] = []
    for attempt in logged:
        if attempt.outside in WHEN:
            yield _found(attempt, curls[attempt.id], collections.get(attempt.file))
        elif attempt.conversation:
            captured.append(statement(ALL_CAPTURED(), *attempt.citations[:2]))
    if logged and len(captured) == len(logged):
        yield Excluded(statements=(captured[0],))


def _found(attempt: Attempt, curl: CurlAttempt, collection: Collection | None) -> Found:
    end = str(attempt.target)
    title = WHEN[attempt.outside or "filter"](log=attempt.file, end=end)
    line = next(t.line for t in curl.tries if attempt_id(curl, t) == attempt.id)
    told = [statement(title, Citation(attempt.file, lines=tuple(sorted({line, curl.error_line}))))]
    if collection and collection.time_text:
        told.append(statement(TIMES(time=collection.time_text), collection.noted_at or collection.command_at))
    port = attempt.target.port
    return Found(
        outcome="info",
        severity="info",
        confidence="firm" if attempt.at_stated else "tentative",
        title=title,
        statements=tuple(told),
        subject={"address": attempt.target.address, "port": str(port), "when": attempt.outside or ""},
        endpoints=(RoleEndpoint("responder", attempt.target),),
        refuted_by=REFUTE(),
        next_actions=(Action(CAPTURE_IT(), f"sudo tcpdump -i any -s 0 -w again_{port}.pcap 'port {port} or icmp or icmp6'"),),
    )
