"""The run as a README.md: heading with the RUN_ID, facts, verdict, the file table, findings and next actions.

What stands in the evidence (names, commands, notes) is written so that no Markdown reader makes anything of it but text.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from runs.analysis.facts.base import Citation
from runs.analysis.facts.clock import zone_of
from runs.analysis.messages import clock_time, message, render
from runs.analysis.next_capture.script import to_script
from runs.analysis.report import FileReport, Finding, Report, Statement

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

HEADING = message("markdown.heading", en="network diagnosis evidence", ja="ネットワーク診断ログ一覧")
COLLECTED = message("markdown.collected", en="Collected ({zone})", ja="収集日時 ({zone})")
PURPOSE = message("markdown.purpose", en="Purpose", ja="目的")
VERDICT = message("markdown.verdict", en="Verdict", ja="判定")
RATED = message("markdown.rated", en="{severity}, {confidence}", ja="{severity}、{confidence}")
FILES = message("markdown.files", en="Files", ja="ファイル別サマリ")
FILE = message("markdown.file", en="File", ja="ファイル")
HOW = message("markdown.how", en="How collected", ja="取得方法")
WHEN = message("markdown.when", en="Time ({zone})", ja="取得時刻 ({zone})")
FOUND = message("markdown.found", en="Machine's finding", ja="所見（解析）")
NOTED = message("markdown.noted", en="Noted", ja="所見（記録者）")
FINDINGS = message("markdown.findings", en="Findings and next actions", ja="所見と次アクション")
NO_FINDING = message("markdown.no_finding", en="No rule found a fault.", ja="障害を検出した規則はない。")
NEXT = message("markdown.next", en="Next", ja="次")
REFUTED = message("markdown.refuted", en="Refuted by", ja="反証")
UNKNOWN = message("markdown.unknown", en="Not evaluable", ja="判定不能")
COLLECT = message("markdown.collect", en="collect", ja="取得")
SUSPECTED = message("markdown.suspected", en="What was suspected", ja="仮説と証跡")
FOR = message("markdown.for", en="For", ja="支持")
AGAINST = message("markdown.against", en="Against", ja="反証")
STANDING = {
    "supported": message("markdown.supported", en="the evidence shows this cause", ja="証跡に裏付けあり"),
    "contradicted": message("markdown.contradicted", en="the evidence speaks against this cause", ja="証跡はこの原因に否定的"),
    "both": message("markdown.both", en="the evidence speaks for and against", ja="支持・反証の両方あり"),
    "open": message("markdown.open", en="open: the evidence does not tell", ja="未判定（証跡からは言えない）"),
}
CAPTURE = message("markdown.next_capture", en="Next capture to take", ja="次の採取")
PLANNED = message("markdown.planned", en="Planned in the notes", ja="メモにある次アクション")
UNDECIDED = message("markdown.undecided", en="Not decidable from this bundle", ja="この束では判断できないこと")
INCOMPLETE = message("markdown.incomplete", en="Incomplete", ja="不完全")

WORDS = {
    "critical": message("word.critical", en="critical", ja="重大"),
    "high": message("word.high", en="high", ja="高"),
    "medium": message("word.medium", en="medium", ja="中"),
    "low": message("word.low", en="low", ja="低"),
    "info": message("word.info", en="info", ja="参考"),
    "certain": message("word.certain", en="certain", ja="確実"),
    "firm": message("word.firm", en="firm", ja="有力"),
    "tentative": message("word.tentative", en="tentative", ja="暫定"),
    "partial": message("word.partial", en="partial", ja="一部解析"),
    "unrecognised": message("word.unrecognised", en="unrecognised", ja="種別不明"),
    "failed": message("word.failed", en="failed", ja="失敗"),
    "refused": message("word.refused", en="refused", ja="受入拒否"),
}


def to_markdown(report: Report, lang: str = "en") -> str:
    """The README as text, lines ended by '\\n'."""
    return "\n".join(_Writer(report, lang).lines()) + "\n"


def safe(text: str) -> str:
    """Text that a Markdown reader shows as it is: active characters escaped, unseen ones and line ends written by number."""
    return _ACTIVE.sub(r"\\\1", _UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text).replace("\\u", "\ue000")).replace(
        "\ue000", "\\\\u"
    )


def code(text: str) -> str:
    """Text as a code span, with a fence longer than any run of backticks in it; pipes are escaped for tables."""
    text = _UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if text[:1] == "`" or text[-1:] == "`" else f"{fence}{text}{fence}"


def cited(citation: Citation) -> str:
    """'file#4-6' for frames, 'file:10,13' for lines, 'file' as a whole."""
    marks = [mark + ranges(numbers) for mark, numbers in (("#", citation.frames), (":", citation.lines)) if numbers]
    return code(citation.file + "".join(marks))


def ranges(numbers: Sequence[int]) -> str:
    """'1-3,7'."""
    runs: list[list[int]] = []
    for n in sorted(numbers):
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


class _Writer:
    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang, self.zone = report, lang, zone_of(report.timezone)
        self.zone_name = "JST" if report.timezone == "Asia/Tokyo" else report.timezone
        self.colon = "：" if lang == "ja" else ": "

    def say(self, text: object) -> str:
        return render(text, self.lang, self.zone)  # type: ignore[arg-type]

    def statement(self, statement: Statement) -> str:
        places = " ".join(cited(c) for c in statement.citations)
        return f"{safe(self.say(statement.text))}{' ' + places if places else ''}"

    def moment(self, ns: int, dated: bool) -> str:
        shown = clock_time(ns, self.zone)
        if not dated:
            return shown
        try:
            day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ns // 10**9)).astimezone(self.zone)
        except OverflowError:
            return shown
        return f"{day:%Y-%m-%d} {shown}"

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._verdict()
        yield from self._table()
        yield from self._findings()
        yield from self._rest()

    def _head(self) -> Iterator[str]:
        report = self.report
        yield f"# RUN_ID={safe(report.run_id)} {self.say(HEADING())}"
        yield ""
        if report.window:
            span = f"{self.moment(report.window.start_ns, True)}〜{self.moment(report.window.end_ns, False)}"
            yield f"- {self.say(COLLECTED(zone=self.zone_name))}{self.colon}{span}"
        if report.purpose:
            yield f"- {self.say(PURPOSE())}{self.colon}{safe(report.purpose)}"
        for problem in report.problems:
            yield f"- {self.say(INCOMPLETE())}{self.colon}{safe(self.say(problem))}"
        yield ""

    def _verdict(self) -> Iterator[str]:
        verdict = self.report.verdict
        yield f"## {self.say(VERDICT())}"
        rated = ""
        if verdict.outcome == "fail":
            words = RATED(severity=WORDS[verdict.severity](), confidence=WORDS[verdict.confidence]())
            rated = f" ({self.say(words)})"
        yield f"**{safe(self.say(verdict.title))}**{rated}"
        yield ""
        for statement in verdict.statements:
            yield f"- {self.statement(statement)}"
        if verdict.undecided:
            yield f"- {self.say(UNDECIDED())}{self.colon}{' '.join(self.statement(s) for s in verdict.undecided)}"
        yield ""

    def _table(self) -> Iterator[str]:
        yield f"## {self.say(FILES())}"
        heads = (FILE(), HOW(), WHEN(zone=self.zone_name), FOUND(), NOTED())
        yield "| " + " | ".join(self.say(h) for h in heads) + " |"
        yield "| --- | --- | --- | --- | --- |"
        for file in self.report.files:
            cells = (code(file.path), code(file.command) if file.command else "", self._time(file), self._summary(file))
            yield "| " + " | ".join((*cells, safe(file.noted or ""))) + " |"
        yield ""

    def _time(self, file: FileReport) -> str:
        if file.window:
            start, end = self.moment(file.window.start_ns, False), self.moment(file.window.end_ns, False)
            return start if start == end else f"{start}〜{end}"
        return safe(file.noted_time or "")

    def _summary(self, file: FileReport) -> str:
        said = " ".join(self.statement(s) for s in file.summary)
        if file.state != "parsed":
            problem = safe(self.say(file.problems[0].message)) if file.problems else ""
            said = f"{self.say(WORDS[file.state]())}{self.colon + problem if problem else ''} {said}".strip()
        return said

    def _findings(self) -> Iterator[str]:
        yield f"## {self.say(FINDINGS())}"
        if not self.report.findings:
            yield f"- {self.say(NO_FINDING())}"
        for finding in self.report.findings:
            yield from self._finding(finding)
        yield ""

    def _finding(self, finding: Finding) -> Iterator[str]:
        severity = self.say(WORDS[finding.severity]())
        confidence = self.say(WORDS[finding.confidence]())
        indent = "  " if finding.because else ""
        yield f"{indent}- **{finding.id} {safe(self.say(finding.title))}** ({severity}, {confidence}, {code(finding.rule)})"
        for statement in finding.statements:
            yield f"{indent}  - {self.statement(statement)}"
        yield f"{indent}  - {self.say(REFUTED())}{self.colon}{safe(self.say(finding.refuted_by))}"
        for action in finding.next_actions:
            command = f" {code(action.command)}" if action.command else ""
            yield f"{indent}  - {self.say(NEXT())}{self.colon}{safe(self.say(action.text))}{command}"

    def _rest(self) -> Iterator[str]:
        unknown = [c for c in self.report.checks if c.outcome == "not_evaluable"]
        if unknown:
            yield f"## {self.say(UNKNOWN())}"
            for check in unknown:
                missing = ("、" if self.lang == "ja" else "; ").join(safe(self.say(m)) for m in check.missing)
                collect = f" {self.say(COLLECT())}{self.colon}{code(check.collect)}" if check.collect else ""
                yield f"- {code(check.rule)}{self.colon}{missing}{collect}"
            yield ""
        if self.report.hypotheses:
            yield f"## {self.say(SUSPECTED())}"
            for one in self.report.hypotheses:
                yield f"- {safe(one.text)} {cited(Citation(one.file, lines=(one.line,)))} ({self.say(STANDING[one.standing]())})"
                yield from (f"  - {self.say(FOR())}{self.colon}{self.statement(s)}" for s in one.pro)
                yield from (f"  - {self.say(AGAINST())}{self.colon}{self.statement(s)}" for s in one.con)
            yield ""
        if self.report.next_capture is not None:
            yield f"## {self.say(CAPTURE())}"
            script = to_script(self.report.next_capture, self.report.run_id, self.lang, self.zone).rstrip("\n")
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", script)), default=0))
            yield from (f"{fence}sh", script, fence, "")
        if self.report.actions:
            yield f"## {self.say(PLANNED())}"
            for action in self.report.actions:
                yield f"- [ ] {safe(action.text)} {cited(Citation(action.file, lines=(action.line,)))}"
