"""arping: which MAC addresses answer for an address, and what more than one of them means."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.link_probe import Arping
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
DUPLICATE = message(
    "arping.summary_duplicate",
    en="{n:count} MAC addresses answer for {target}: {macs:list}. The address is in use twice.",
    ja="{target} に {n:count} つの MAC アドレスが応答：{macs:list}。アドレス重複。",
)
TAKEN = message(
    "arping.summary_taken",
    en="Duplicate detection: {target} is in use by {macs:list}.",
    ja="重複検出：{target} は {macs:list} が使用中。",
)
FREE = message("arping.summary_free", en="Duplicate detection: nobody uses {target}.", ja="重複検出：{target} の使用者なし。")
ANSWERED = message(
    "arping.summary_answered",
    en="{target} is {mac} ({n:count} {n:plural:reply|replies}).",
    ja="{target} は {mac}（応答 {n:count} 件）。",
)
SILENT = message(
    "arping.summary_silent", en="{target} does not answer ({sent:count} probes).", ja="{target} は応答なし（{sent:count} 発）。"
)
UNSENT = message("arping.summary_unsent", en="Cannot be sent: {why}.", ja="送信できない：{why}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for run in [f for f in facts if isinstance(f, Arping)][:MOST]:
        target = run.target or "?"
        lines = tuple(reply.line for reply in run.replies[:10]) or (run.received_line or run.sent_line or run.last_line,)
        place = (Citation(file.path, lines=lines),)
        if run.failure:
            yield Statement(UNSENT(why=run.failure.rstrip(".")), (Citation(file.path, lines=(run.failure_line,)),))
        elif len(run.macs) > 1:
            yield Statement(DUPLICATE(n=len(run.macs), target=target, macs=list(run.macs[:6])), place)
        elif run.duplicate_detection:
            yield Statement(TAKEN(target=target, macs=list(run.macs)) if run.macs else FREE(target=target), place)
        elif run.macs:
            yield Statement(ANSWERED(target=target, mac=run.macs[0], n=run.reply_count), place)
        else:
            yield Statement(SILENT(target=target, sent=run.sent if run.sent is not None else run.timeouts), place)
