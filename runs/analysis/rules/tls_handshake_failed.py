"""A TLS handshake fails: a fatal alert, or no ServerHello.

Claim: one side ends the handshake with a fatal alert (named, with who sent it), or the server answers a ClientHello with nothing,
FIN or RST. A client's own words (curl 35, 60) are cited beside. The alerts close_notify and user_canceled end a connection and
are no failure, encrypted alerts are not read. `medium` where the same two complete another handshake within the next 10 s: a
client that falls back to what the server takes.

Silent where the client leaves within 5 s of its ClientHello without an answer (a browser's spare connection, a raced address),
and where the capture shows one direction or misses what the server sent.

Refuted by: a handshake of the same two that completes with the same offer.

Source: RFC 8446 §6 and RFC 5246 §7.2 (alerts); curl's manual (exit codes 35, 60).
"""

from collections.abc import Iterator

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite, frame_ns
from runs.analysis.domain.wording import responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.tls_capture import TlsHandshake
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

CURL_CODES = {35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91}
ENDS = ("close_notify", "user_canceled")
LEAST_WAIT_NS = 5 * SECOND_NS
FALLBACK_NS = 10 * SECOND_NS

TITLE = message("tls_handshake_failed", en="A TLS handshake fails", ja="TLS ハンドシェイクに失敗している")
BY = {
    "originator": message("tls_handshake_failed.originator", en="the client", ja="クライアント"),
    "responder": message("tls_handshake_failed.responder", en="the server", ja="サーバ"),
}
ALERT = message(
    "tls_handshake_failed.title_alert",
    en="The TLS handshake with {server} fails: {who} sends the fatal alert {alert} ({code:count}).",
    ja="{server} との TLS ハンドシェイクに失敗：{who}が fatal alert {alert}（{code:count}）を送る。",
)
NO_HELLO = message(
    "tls_handshake_failed.title_no_hello",
    en="{server} does not answer the ClientHello ({sni}).",
    ja="{server} は ClientHello（{sni}）に応答しない。",
)
BY_LOG = message(
    "tls_handshake_failed.title_log",
    en="The TLS handshake with {server} fails, by the client's log: {error}.",
    ja="クライアントの記録では {server} との TLS ハンドシェイクに失敗：{error}。",
)
OFFER = message(
    "tls_handshake_failed.offer",
    en="The client offers {versions:list} for {sni}.",
    ja="クライアントは {sni} に対し {versions:list} を提示する。",
)
CHOSEN = message("tls_handshake_failed.chosen", en="The server chooses {version}.", ja="サーバは {version} を選ぶ。")
SENT = message("tls_handshake_failed.sent", en="The alert {alert} stands here.", ja="alert {alert} のフレーム。")
SAID = message("tls_handshake_failed.said", en="curl says: ({code}) {error}.", ja="curl の記録：({code}) {error}。")
REFUTE = message(
    "tls_handshake_failed.refute",
    en="A handshake of the same two that completes with the same offer.",
    ja="同じ提示内容のハンドシェイクが成功すれば覆る。",
)
SHOW = message(
    "tls_handshake_failed.show", en="Show the handshake and the certificate chain.", ja="ハンドシェイクと証明書チェーンを表示する。"
)
COMPLETE = message(
    "tls_handshake_failed.complete",
    en="The TLS handshake with {server} gets its ServerHello ({version}).",
    ja="{server} との TLS ハンドシェイクは ServerHello（{version}）まで成立。",
)


@rule(
    title=TITLE,
    domain="application",
    topics=["tls"],
    needs=[(TlsHandshake, CurlAttempt)],
    uses=[Conversation],
    collect="openssl s_client -connect HOST:443 -servername HOST </dev/null 2>&1 | tee s_client.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each server and kind of failure."""
    conversations = {(c.file, c.segment, c.row): c for c in case.all(Conversation)}
    failed: dict[str, list[Found]] = {}
    fine: list[Statement] = []
    completed: dict[tuple[str, Endpoint], list[int]] = {}
    for tls in case.all(TlsHandshake):
        c = conversations.get((tls.file, tls.segment, tls.conversation_row))
        if c is not None and tls.server_hello_frame and tls.alert_level != "fatal":
            completed.setdefault((c.originator.address, c.responder), []).append(c.start_ns)
    for tls in case.all(TlsHandshake):
        c = conversations.get((tls.file, tls.segment, tls.conversation_row))
        if c is None:
            continue
        if tls.alert_frame and tls.alert_level == "fatal" and tls.alert_from and tls.alert not in ENDS:
            later = [ns - c.start_ns for ns in completed.get((c.originator.address, c.responder), ())]
            found = _alert(tls, c, any(0 < ns < FALLBACK_NS for ns in later))
        elif tls.client_hello_frame and not tls.server_hello_frame and _is_unanswered(case, tls, c):
            found = _no_hello(case, tls, c)
        elif tls.server_hello_frame:
            told = COMPLETE(server=str(c.responder), version=tls.version or "TLS")
            fine.append(
                statement(
                    told, Citation(tls.file, frames=(tls.client_hello_frame or tls.server_hello_frame, tls.server_hello_frame))
                )
            )
            continue
        else:
            continue
        failed.setdefault(str(c.responder), []).append(found)
        yield found
    yield from _by_log(case, failed)
    if fine:
        yield Excluded(statements=tuple(fine[:12]))


def _is_unanswered(case: Case, tls: TlsHandshake, c: Conversation) -> bool:
    """Whether the server had time to answer the ClientHello, or hung up, and the capture would show an answer."""
    if not c.close or c.payload_bytes[1] or not c.frames[1] or c.tcp.ack_lost_segment:
        return False
    start, end = frame_ns(case, c, tls.client_hello_frame), frame_ns(case, c, c.close_frame)
    return c.closed_by == "responder" or (start is not None and end is not None and end - start >= LEAST_WAIT_NS)


def _alert(tls: TlsHandshake, c: Conversation, is_completed: bool) -> Found:
    alert, who = tls.alert or str(tls.alert_code), tls.alert_from or "responder"
    told = [*_offer(tls), statement(SENT(alert=alert), Citation(tls.file, frames=(tls.alert_frame,)))]
    title = ALERT(server=str(c.responder), who=BY[who](), alert=alert, code=tls.alert_code)
    found = _made(c.responder, title, told, {"alert": alert, "by": who}, tls.server_name)
    return msgspec.structs.replace(found, severity="medium") if is_completed else found


def _no_hello(case: Case, tls: TlsHandshake, c: Conversation) -> Found:
    place = cite(case, c, tls.client_hello_frame, c.close_frame or c.last_frame)
    title = NO_HELLO(server=str(c.responder), sni=tls.server_name or "–")
    return _made(c.responder, title, [*_offer(tls), statement(title, place)], {"alert": "no ServerHello"}, tls.server_name)


def _offer(tls: TlsHandshake) -> Iterator[Statement]:
    if tls.client_hello_frame:
        told = OFFER(versions=list(tls.offered_versions) or ["TLS"], sni=tls.server_name or "–")
        yield statement(told, Citation(tls.file, frames=(tls.client_hello_frame,)))
    if tls.server_hello_frame and tls.version:
        yield statement(CHOSEN(version=tls.version), Citation(tls.file, frames=(tls.server_hello_frame,)))


def _by_log(case: Case, failed: dict[str, list[Found]]) -> Iterator[Found]:
    """curl's word: beside the finding from the capture where there is just one it can mean, else a finding of its own."""
    for curl in case.all(CurlAttempt):
        end = curl.reached or (curl.tries[-1].endpoint if curl.tries else None)
        if curl.exit_code not in CURL_CODES or end is None:
            continue
        error = (curl.error or "").removeprefix(f"({curl.exit_code}) ")[:200]
        told = statement(SAID(code=curl.exit_code, error=error), Citation(curl.file, lines=(curl.error_line,)))
        known = failed.get(str(end), [])
        same = [
            f
            for f in known
            if ("unknown_ca" in f.subject["alert"] or "certificate" in f.subject["alert"]) == (curl.exit_code == 60)
        ]
        if len(same) == 1:
            yield _made(
                end, same[0].title, [told], {k: same[0].subject[k] for k in ("alert", "by") if k in same[0].subject}, curl.host_name
            )
        else:
            title = BY_LOG(server=str(end), error=error)
            yield _made(end, title, [told], {"alert": f"curl {curl.exit_code}"}, curl.host_name)


def _made(server: Endpoint, title: Text, told: list[Statement], more: dict[str, str], name: str | None) -> Found:
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain",
        title=title,
        statements=tuple(told),
        subject=responder_subject(server) | more,
        endpoints=(RoleEndpoint("responder", server),),
        refuted_by=REFUTE(),
        next_actions=(
            Action(SHOW(), f"openssl s_client -connect {server} -servername {name or server.address} -showcerts </dev/null"),
        ),
    )
