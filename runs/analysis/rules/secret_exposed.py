"""A secret lies in the evidence: an Authorization header, a cookie, a password, key or token.

Claim: lines of a text, or requests of a capture, hold a credential. Whoever sees the run could use it, so its value is masked wherever it is
shown or exported, citations name the place only, and it should be changed.

Refuted by: a value that is public or only looks like a credential.

Source: RFC 9110 §11.6.2 (Authorization), RFC 6265 (cookies), RFC 7468 (private keys).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.http import HttpExchange
from runs.analysis.facts.secret import ExposedSecrets
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

TITLE = message("secret_exposed", en="Secrets lie in the evidence", ja="証跡に秘密情報が含まれる")
LIES = message(
    "secret_exposed.title",
    en="{n:count} {n:plural:place holds|places hold} a credential, password, key or token; the values are masked here.",
    ja="{n:count} か所に認証情報・パスワード・鍵・トークンが含まれる（値は伏せて表示する）。",
)
LINES = message("secret_exposed.lines", en="In these lines of {file}.", ja="{file} のこれらの行。")
FRAMES = message("secret_exposed.frames", en="In these requests of {file}.", ja="{file} のこれらの要求。")
REFUTE = message(
    "secret_exposed.refute", en="A value that is public or no credential.", ja="公開情報または認証情報でない値であれば覆る。"
)
CHANGE = message("secret_exposed.change", en="Change what was exposed.", ja="漏れた認証情報を変更する。")
NONE = message(
    "secret_exposed.none",
    en="No credential was found in {n:count} {n:plural:text|texts}.",
    ja="テキスト {n:count} 件に認証情報は見つからない。",
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["secrets"],
    needs=[(ExposedSecrets, HttpExchange)],
    collect="curl -v URL 2>&1 | tee curl.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for the whole run."""
    told: list[Statement] = []
    count = 0
    searched = case.all(ExposedSecrets)
    for found in searched:
        if found.lines:
            count += len(found.lines)
            told.append(statement(LINES(file=found.file), Citation(found.file, lines=found.lines)))
    by_file: dict[str, list[int]] = {}
    for exchange in case.all(HttpExchange):
        if exchange.has_credentials and exchange.request_frame:
            by_file.setdefault(exchange.file, []).append(exchange.request_frame)
    for file, frames in by_file.items():
        count += len(frames)
        told.append(statement(FRAMES(file=file), Citation(file, frames=tuple(sorted(set(frames)))[:50])))
    if told:
        yield Found(
            outcome="fail",
            severity="medium",
            confidence="firm",
            title=LIES(n=count),
            statements=tuple(told),
            subject={"what": "secrets"},
            refuted_by=REFUTE(),
            next_actions=(Action(CHANGE()),),
        )
    elif searched:
        yield Excluded(statements=(Statement(NONE(n=len(searched)), tuple(Citation(s.file) for s in searched[:4])),))
