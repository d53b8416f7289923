"""What the summaries of traceroute and tracepath say."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.reachability import Traceroute
from runs.analysis.messages import Text, message, plain
from runs.analysis.report import Statement

MOST = 4
REACHED = message("traceroute.summary_reached", en="{target} reached at hop {n:count}.", ja="{target} に {n:count} ホップで到達。")
REJECTED = message(
    "traceroute.summary_rejected",
    en="{target} not reached: {address} answers {mark} ({words}) at hop {n:count}.",
    ja="{target} に未到達：{n:count} ホップ目の {address} が {mark}（{words}）を返す。",
)
SILENT = message(
    "traceroute.summary_silent",
    en="{target} not reached: nothing answers behind {address} (hop {n:count}).",
    ja="{target} に未到達：{n:count} ホップ目の {address} より先は応答なし。",
)
NOTHING = message("traceroute.summary_nothing", en="{target}: no hop answers.", ja="{target}：どのホップからも応答なし。")
FAR = message(
    "traceroute.summary_far",
    en="Hop {n:count} is {address}; the target is not told.",
    ja="{n:count} ホップ目は {address}。宛先の記載なし。",
)
UNSENT = message("traceroute.summary_unsent", en="{target}: cannot be sent ({why}).", ja="{target}：送信できない（{why}）。")
MTU = message("traceroute.summary_mtu", en="Path MTU {n}.", ja="経路 MTU は {n}。")
_WORDS = {
    "!X": message("traceroute.mark_x", en="administratively prohibited", ja="管理上の禁止"),
    "!A": message("traceroute.mark_a", en="administratively prohibited", ja="管理上の禁止"),
    "!H": message("traceroute.mark_h", en="host unreachable", ja="ホスト到達不能"),
    "!N": message("traceroute.mark_n", en="network unreachable", ja="ネットワーク到達不能"),
    "!P": message("traceroute.mark_p", en="protocol unreachable", ja="プロトコル到達不能"),
    "!S": message("traceroute.mark_s", en="source route failed", ja="送信元経路の失敗"),
    "!F": message("traceroute.mark_f", en="fragmentation needed", ja="要フラグメント化"),
    "!V": message("traceroute.mark_v", en="precedence violation", ja="優先度違反"),
    "!U": message("traceroute.mark_u", en="port unreachable", ja="ポート到達不能"),
    "!Z": message("traceroute.mark_z", en="communication with the host prohibited", ja="当該ホストとの通信を禁止"),
    "!C": message("traceroute.mark_c", en="precedence cutoff", ja="優先度による遮断"),
}
UNREACHABLE = message("traceroute.mark_other", en="unreachable", ja="到達不能")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for run in [f for f in facts if isinstance(f, Traceroute)][:MOST]:
        yield _one(file.path, run)
        if run.path_mtu is not None:
            yield Statement(MTU(n=run.path_mtu), (Citation(file.path, lines=(run.path_mtu_line,)),))


def _one(path: str, run: Traceroute) -> Statement:
    target = run.target or run.name or "?"
    answering = [hop for hop in run.hops if hop.addresses]
    marked = next((hop for hop in run.hops if hop.marks), None)
    if marked is not None:
        mark = marked.marks[0]
        address = marked.addresses[0] if marked.addresses else "?"
        said = REJECTED(target=target, address=address, mark=mark, words=_words(mark), n=marked.number)
        return Statement(said, (Citation(path, lines=(marked.line,)),))
    if run.reached and answering:
        return Statement(REACHED(target=target, n=answering[-1].number), (Citation(path, lines=(answering[-1].line,)),))
    if run.failure and not answering:
        return Statement(UNSENT(target=target, why=run.failure), (Citation(path, lines=(run.failure_line,)),))
    if answering and target == "?":
        hop = answering[-1]
        return Statement(FAR(address=hop.addresses[-1], n=hop.number), (Citation(path, lines=(hop.line,)),))
    if answering:
        hop = answering[-1]
        return Statement(SILENT(target=target, address=hop.addresses[-1], n=hop.number), (Citation(path, lines=(hop.line,)),))
    return Statement(NOTHING(target=target), (Citation(path, lines=(run.first_line, run.last_line)),))


def _words(mark: str) -> Text:
    if mark[1:].strip("<>").isdigit():
        return plain(f"code {mark[1:].strip('<>')}")
    return _WORDS.get(mark[:2], UNREACHABLE)()
