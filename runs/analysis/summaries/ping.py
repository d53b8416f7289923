"""ping: how many probes were answered, since when not, and what came back instead."""

from collections import Counter
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
ALL = message(
    "ping.summary_all",
    en="{target}: {received:count}/{sent:count} answered, {rtt:duration} on average.",
    ja="{target}：{sent:count} 発すべて応答（{received:count} 件、平均 {rtt:duration}）。",
)
ANSWERED = message(
    "ping.summary_answered",
    en="{target}: {received:count}/{sent:count} answered.",
    ja="{target}：{sent:count} 発中 {received:count} 応答。",
)
SOME = message(
    "ping.summary_some",
    en="{target}: {received:count}/{sent:count} answered ({loss} % lost).",
    ja="{target}：{sent:count} 発中 {received:count} 応答（損失 {loss}%）。",
)
NONE = message(
    "ping.summary_none", en="{target}: no answer to {sent:count} probes.", ja="{target}：{sent:count} 発すべて応答なし。"
)
FROM = message("ping.summary_from", en="Nothing from sequence {first:count} on.", ja="{first:count} 番以降はすべて応答なし。")
UNTIL = message("ping.summary_until", en="Answers begin at sequence {first:count}.", ja="応答は {first:count} 番から。")
ERRORS = message("ping.summary_errors", en="{source} reports '{error}' ({n:count} ×).", ja="{source} から「{error}」{n:count} 件。")
ITSELF = message(
    "ping.summary_itself", en="ping itself says '{error}' ({n:count} ×).", ja="ping 自身が「{error}」と表示（{n:count} 件）。"
)
UNNAMED = message(
    "ping.summary_unnamed",
    en="'{error}' comes back ({n:count} ×); from whom is not printed.",
    ja="「{error}」が返っている（{n:count} 件）。送信元の表示なし。",
)
DUPLICATES = message("ping.summary_duplicates", en="{n:count} duplicate {n:plural:reply|replies}.", ja="重複応答 {n:count} 件。")
UNSENT = message("ping.summary_unsent", en="{target}: cannot be sent ({why}).", ja="{target}：送信できない（{why}）。")
UNSENT_ANY = message("ping.summary_unsent_any", en="Cannot be sent ({why}).", ja="送信できない（{why}）。")
CUT = message(
    "ping.summary_cut",
    en="{target}: {n:count} replies, then the text ends without statistics.",
    ja="{target}：応答 {n:count} 件。統計行の前で記録が切れている。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for ping in [f for f in facts if isinstance(f, Ping)][:MOST]:
        yield from _one(file.path, ping)


def _one(path: str, ping: Ping) -> Iterator[Statement]:
    target = ping.target or ping.name
    if ping.failure and not ping.transmitted:
        said = UNSENT(target=target, why=ping.failure) if target else UNSENT_ANY(why=ping.failure)
        yield Statement(said, (Citation(path, lines=(ping.failure_line,)),))
        return
    target = target or "?"
    sent, received = ping.transmitted, ping.received
    if sent is None or received is None:
        answered = tuple(r.line for r in ping.replies if r.result == "reply")
        yield Statement(CUT(target=target, n=len(answered)), (Citation(path, lines=(*answered[:5], ping.last_line)),))
        yield from _errors(path, ping)
        return
    place = (Citation(path, lines=(ping.statistics_line,)),)
    if received >= sent:
        rtt = ping.rtt_avg_ns
        yield Statement(
            ALL(target=target, received=received, sent=sent, rtt=rtt)
            if rtt
            else ANSWERED(target=target, received=received, sent=sent),
            place,
        )
    elif received == 0:
        yield Statement(NONE(target=target, sent=sent), place)
    else:
        loss = f"{(sent - received) * 100 / sent:.1f}".removesuffix(".0")
        yield Statement(SOME(target=target, received=received, sent=sent, loss=loss), place)
        yield from _pattern(path, ping)
    if ping.failure:
        yield Statement(ITSELF(error=ping.failure, n=1), (Citation(path, lines=(ping.failure_line,)),))
    yield from _errors(path, ping)
    if ping.duplicates:
        lines = tuple(r.line for r in ping.replies if r.result == "duplicate")[:10]
        yield Statement(DUPLICATES(n=ping.duplicates), (Citation(path, lines=(*lines, ping.statistics_line)),))


def _errors(path: str, ping: Ping) -> Iterator[Statement]:
    """The two most frequent errors, and who said them: a router, ping itself (no probe is named), or somebody not printed."""
    errors = Counter((r.source, r.error) for r in ping.replies if r.error)
    for (source, error), n in errors.most_common(2):
        said = [r for r in ping.replies if (r.source, r.error) == (source, error)]
        place = (Citation(path, lines=tuple(dict.fromkeys(r.line for r in said))[:10]),)
        if source:
            yield Statement(ERRORS(source=source, error=error, n=n), place)
        else:
            yield Statement((ITSELF if said[0].sequence is None else UNNAMED)(error=error, n=n), place)


def _pattern(path: str, ping: Ping) -> Iterator[Statement]:
    """Whether the losses are one stretch at the end, or one at the start."""
    answered = sorted(r.sequence for r in ping.replies if r.result == "reply" and r.sequence is not None)
    if not answered or len(answered) != ping.received or answered[-1] - answered[0] + 1 != len(answered):
        return
    base = 0 if answered[0] == 0 else ping.first_sequence
    last = next(r.line for r in ping.replies if r.sequence == answered[-1] and r.result == "reply")
    first = next(r.line for r in ping.replies if r.sequence == answered[0] and r.result == "reply")
    if answered[0] == base:
        yield Statement(FROM(first=answered[-1] + 1), (Citation(path, lines=(last,)),))
    elif answered[-1] - base + 1 == ping.transmitted:
        yield Statement(UNTIL(first=answered[0]), (Citation(path, lines=(first,)),))
