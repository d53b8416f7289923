"""openssl s_client: what was agreed, who broke it off with which alert, and what is wrong with the chain."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.tls_client import TlsClientRun
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
AGREED = message("s_client.summary_agreed", en="{target}{protocol} with {cipher}.", ja="{target}{protocol}、{cipher} で成立。")
VERIFIED = message("s_client.summary_verified", en="The chain verifies.", ja="証明書チェーンの検証は成功。")
UNVERIFIED = message("s_client.summary_unverified", en="Verification fails: {text} ({code}).", ja="検証失敗：{text} ({code})。")
SUBJECT = message(
    "s_client.summary_subject", en="Certificate of {subject}, issued by {issuer}.", ja="証明書は {subject}、発行者 {issuer}。"
)
ALERT = message(
    "s_client.summary_alert",
    en="{target}the server breaks off with alert {number} ({text}).",
    ja="{target}サーバがアラート {number}（{text}）で打ち切り。",
)
UNCONNECTED = message("s_client.summary_unconnected", en="{target}no TCP connection: {why}.", ja="{target}TCP 接続できず：{why}。")
FAILED = message("s_client.summary_failed", en="{target}the handshake fails: {why}.", ja="{target}ハンドシェイク失敗：{why}。")
UNFINISHED = message("s_client.summary_unfinished", en="{target}no cipher was agreed.", ja="{target}暗号の合意に至らず。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for run in [f for f in facts if isinstance(f, TlsClientRun)][:MOST]:
        yield from _one(file.path, run)


def _one(path: str, run: TlsClientRun) -> Iterator[Statement]:
    target = f"{run.target}: " if run.target else ""
    if run.connect_error and not run.connected_line:
        yield Statement(UNCONNECTED(target=target, why=run.connect_error), (Citation(path, lines=(run.connect_error_line,)),))
    elif run.alert_number is not None:
        said = ALERT(target=target, number=run.alert_number, text=run.alert_text or "?")
        yield Statement(said, (Citation(path, lines=(run.alert_line,)),))
    elif run.error:
        yield Statement(FAILED(target=target, why=run.error), (Citation(path, lines=(run.error_line,)),))
    elif run.cipher is None:
        yield Statement(UNFINISHED(target=target), (Citation(path, lines=(run.no_certificate_line or run.last_line,)),))
    if run.cipher is None:
        return
    yield Statement(
        AGREED(target=target, protocol=run.protocol or "TLS", cipher=run.cipher), (Citation(path, lines=(run.agreed_line,)),)
    )
    if run.verify_code:
        lines = tuple(sorted({run.verify_line, *(one.line for one in run.verify_errors)}))
        yield Statement(UNVERIFIED(text=run.verify_text or "?", code=run.verify_code), (Citation(path, lines=lines),))
    elif run.verify_code == 0:
        yield Statement(VERIFIED(), (Citation(path, lines=(run.verify_line,)),))
    if run.chain:
        leaf = run.chain[0]
        yield Statement(SUBJECT(subject=leaf.subject, issuer=leaf.issuer or "?"), (Citation(path, lines=(leaf.line,)),))
