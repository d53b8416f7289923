"""nc and its like: which ports answered how, and what silence is worth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import PortProbe
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
_RESULTS = {
    "open": message(
        "nc.summary_open", en="{end} ({protocol}) is open ({n:count} ×).", ja="{end} ({protocol}) は接続成功（{n:count} 回）。"
    ),
    "refused": message(
        "nc.summary_refused", en="{end} ({protocol}) refused ({n:count} ×).", ja="{end} ({protocol}) は拒否（{n:count} 回）。"
    ),
    "timed_out": message(
        "nc.summary_timed_out",
        en="{end} ({protocol}) timed out ({n:count} ×).",
        ja="{end} ({protocol}) はタイムアウト（{n:count} 回）。",
    ),
    "unreachable": message(
        "nc.summary_unreachable",
        en="{end} ({protocol}) unreachable ({n:count} ×).",
        ja="{end} ({protocol}) は到達不能（{n:count} 回）。",
    ),
    "unrefused": message(
        "nc.summary_unrefused",
        en="{end} ({protocol}): no error came back ({n:count} ×), which proves neither open nor closed.",
        ja="{end} ({protocol}) はエラーなし（{n:count} 回）。開閉いずれの根拠にもならない。",
    ),
    "failed": message(
        "nc.summary_failed", en="{end} ({protocol}) failed ({n:count} ×).", ja="{end} ({protocol}) は失敗（{n:count} 回）。"
    ),
}
SILENT_UDP = message(
    "nc.summary_silent_udp",
    en="The command printed nothing: over UDP that proves neither open nor closed.",
    ja="出力なし。UDP では開閉いずれの根拠にもならない。",
)
SILENT = message("nc.summary_silent", en="The command printed nothing.", ja="コマンドの出力なし。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for probe in (f for f in facts if isinstance(f, PortProbe)):
        end = str(Endpoint(probe.target or "?", probe.port))
        groups[end, probe.protocol, probe.result].append(probe.line)
    for (end, protocol, result), lines in list(groups.items())[:MOST]:
        said = _RESULTS[result](end=end, protocol=protocol, n=len(lines))
        yield Statement(said, (Citation(file.path, lines=tuple(lines[:10])),))
    commands = [f for f in facts if isinstance(f, ShellCommand)]
    if not groups and commands:
        over_udp = any(word.startswith("-") and "u" in word for word in commands[0].text.split())
        yield Statement(SILENT_UDP() if over_udp else SILENT(), (Citation(file.path, lines=(commands[0].line,)),))
