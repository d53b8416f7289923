"""mtr: loss and delay at the last hop, and from which hop on the loss stays."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.path_report import PathReport
from runs.analysis.messages import message
from runs.analysis.report import Statement

END = message(
    "mtr.summary_end",
    en="{target}: {loss} % lost of {sent:count} at hop {n:count}, {time:duration} on average.",
    ja="{target}：{n:count} ホップ目で {sent:count} 発中 {loss}% 損失、平均 {time:duration}。",
)
END_LOSS = message(
    "mtr.summary_end_loss",
    en="{target}: {loss} % lost of {sent:count} at hop {n:count}.",
    ja="{target}：{n:count} ホップ目で {sent:count} 発中 {loss}% 損失。",
)
END_BARE = message(
    "mtr.summary_end_bare", en="{target}: {loss} % lost at hop {n:count}.", ja="{target}：{n:count} ホップ目で {loss}% 損失。"
)
SILENT = message(
    "mtr.summary_silent", en="{target}: nothing answers from hop {n:count} on.", ja="{target}：{n:count} ホップ目以降は応答なし。"
)
SINCE = message(
    "mtr.summary_since",
    en="The loss begins at hop {n:count} ({address}) and stays.",
    ja="損失は {n:count} ホップ目 ({address}) から末端まで続く。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for report in [f for f in facts if isinstance(f, PathReport) and f.hops][:4]:
        hops, last = report.hops, report.hops[-1]
        target = report.target or last.address or last.name or "?"
        if last.loss_permille >= 1000:
            first = next(h for i, h in enumerate(hops) if all(x.loss_permille >= 1000 for x in hops[i:]))
            yield Statement(SILENT(target=target, n=first.number), (Citation(file.path, lines=(first.line,)),))
            continue
        loss = f"{last.loss_permille / 10:.1f}".removesuffix(".0")
        said = END_LOSS(target=target, loss=loss, sent=last.sent, n=last.number)
        if not last.sent:
            said = END_BARE(target=target, loss=loss, n=last.number)
        elif last.average_ns is not None:
            said = END(target=target, loss=loss, sent=last.sent, n=last.number, time=last.average_ns)
        yield Statement(said, (Citation(file.path, lines=(last.line,)),))
        if last.loss_permille:
            lossy = next((h for i, h in enumerate(hops) if (h.address or h.name) and all(x.loss_permille for x in hops[i:])), last)
            place = lossy.address or lossy.name or "?"
            yield Statement(SINCE(n=lossy.number, address=place), (Citation(file.path, lines=(lossy.line,)),))
