"""The command that produced a file cannot show what it is cited for.

Claims, one finding each:
- `rg -E 'a|b'`: ripgrep's -E names an *encoding*; the pattern is taken for one, nothing can match, and '[no match]' proves nothing.
  `rg 'a|b'` or `grep -E 'a|b'` was meant.
- `log show --last 10m` (and the like) whose log ends before the failure, or begins after it, is `log_errors`' business.
- `curl --max-time N` with N shorter than what the same request elsewhere in the run took to answer: its time-out proves no silence.

Refuted by: the same listing made with the right command.

Source: rg(1) -E/--encoding; grep(1) -E; curl(1) --max-time.
"""

import codecs
import re
from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.firewall import PfRuleset
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

# rg's -E takes the next word; what is no encoding's name (has an alternation, a dot, a space …) was meant as a pattern
RG_ENCODING = re.compile(r"\brg\s+(?:-[A-DF-Za-z\d]+\s+|--[\w-]+(?:=\S*)?\s+){0,12}-[A-Za-z]*E\s*('[^']*'|\"[^\"]*\"|\S+)")
ENCODING_NAME = re.compile(
    r"(?i)['\"]?(?:auto|none|utf-?8|utf-?16(?:le|be)?|shift[_-]?jis|sjis|euc-?jp|iso-[\w-]+|windows-\d+|latin-?1|big5|gbk?|koi8-r)['\"]?"
)

TITLE = message("evidence_command_flawed", en="A command cannot show what it is cited for", ja="取得コマンドが証拠にならない")
RG = message(
    "evidence_command_flawed.rg_title",
    en="rg -E takes {pattern} as the name of an encoding, so its empty output does not show that nothing matches.",
    ja="rg -E は {pattern} を文字コード名として受け取るため、出力が空でも「該当なし」の根拠にならない。",
)
RG_WHY = message(
    "evidence_command_flawed.rg_why",
    en="-E of ripgrep is --encoding; a pattern with alternatives needs no option there, or grep -E.",
    ja="ripgrep の -E は --encoding であり、選択パターンはオプションなしか grep -E で指定する。",
)
RG_HERE = message("evidence_command_flawed.rg_here", en="The command stands here.", ja="当該コマンドはここにある。")
RG_RESULT = message(
    "evidence_command_flawed.rg_result", en="This result therefore proves nothing.", ja="したがって、この結果は何も証明しない。"
)
RG_FULL = message(
    "evidence_command_flawed.rg_full",
    en="The unfiltered listing in the same file stands on its own.",
    ja="同じファイルにある絞り込みなしの一覧は、それだけで根拠になる。",
)
SHORT = message(
    "evidence_command_flawed.short_title",
    en="--max-time {limit:duration} is shorter than the {needed:duration} that an answer to the same request took: its time-out proves no silence.",
    ja="--max-time {limit:duration} は、同じ要求に応答するのにかかった {needed:duration} より短く、タイムアウトは無応答の証拠にならない。",
)
SHORT_GAVE_UP = message("evidence_command_flawed.short_gave_up", en="curl gave up here.", ja="curl はここで断念した。")
SHORT_ANSWER = message(
    "evidence_command_flawed.short_answer", en="The same request was answered here.", ja="同じ要求への応答がここにある。"
)
REFUTE = message(
    "evidence_command_flawed.refute",
    en="The same listing made with the right command.",
    ja="正しいコマンドで取り直した結果。",
)
AGAIN = message("evidence_command_flawed.again", en="Take it again with the right command.", ja="正しいコマンドで取り直す。")
SOUND = message(
    "evidence_command_flawed.sound",
    en="{n:count} {n:plural:command|commands} read; none is known to hide what it is cited for.",
    ja="コマンド {n:count} 件を確認し、証拠を隠す誤りは見つからない。",
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[(ShellCommand, CurlAttempt)],
    uses=[PfRuleset],
    collect="history | tail -100 > commands.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each flawed command; pass where commands are known and sound."""
    flawed = False
    for command in case.all(ShellCommand):
        match = RG_ENCODING.search(command.text)
        if match and not is_encoding(match[1]):
            flawed = True
            yield _rg(case, command, match[1])
    for found in _short_limits(case):
        flawed = True
        yield found
    commands = [c for c in case.all(ShellCommand) if c.ran]
    if commands and not flawed:
        places = {c.file: c for c in commands}
        yield Excluded(
            statements=(statement(SOUND(n=len(commands)), *(Citation(c.file, lines=(c.line,)) for c in list(places.values())[:3])),)
        )


def is_encoding(word: str) -> bool:
    """Whether ripgrep would take a word as an encoding: the labels of the WHATWG's standard, which Python knows nearly all."""
    name = word.strip("'\"").lower()
    if ENCODING_NAME.fullmatch(name):
        return True
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _rg(case: Case, command: ShellCommand, pattern: str) -> Found:
    told = [statement(RG_HERE(), Citation(command.file, lines=(command.line,))), Statement(RG_WHY())]
    for ruleset in case.all(PfRuleset):
        if ruleset.file != command.file:
            continue
        if ruleset.command_line == command.line and ruleset.no_match_line:
            told.append(statement(RG_RESULT(), Citation(ruleset.file, lines=(ruleset.no_match_line,))))
        elif not ruleset.grepped and ruleset.rules:
            told.append(statement(RG_FULL(), Citation(ruleset.file, lines=tuple(r.line for r in ruleset.rules))))
    right = RG_ENCODING.sub(
        lambda m: m[0].replace("rg", "grep", 1) if m[0].startswith("rg -E") else f"grep -E {m[1]}", command.text
    )
    return Found(
        outcome="fail",
        severity="low",
        confidence="certain",
        title=RG(pattern=pattern),
        statements=tuple(told),
        subject={"command": "rg -E", "pattern": pattern.strip("'\"")},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), right),),
    )


def _short_limits(case: Case) -> Iterator[Found]:
    curls = case.all(CurlAttempt)
    for curl in curls:
        if not curl.timeout_ms or curl.phase != "first_byte":
            continue
        limit = curl.timeout_ms * 1_000_000
        slower = [
            c
            for c in curls
            if c.status and c.elapsed_ns and c.elapsed_ns > limit and c.target == curl.target and c.reached == curl.reached
        ]
        if slower:
            needed = min(c.elapsed_ns or 0 for c in slower)
            answer = next(c for c in slower if c.elapsed_ns == needed)
            yield Found(
                outcome="fail",
                severity="low",
                confidence="firm",
                title=SHORT(limit=limit, needed=needed),
                statements=(
                    statement(SHORT_GAVE_UP(), Citation(curl.file, lines=(curl.error_line,))),
                    statement(SHORT_ANSWER(), Citation(answer.file, lines=(answer.status_line,))),
                ),
                subject={"command": "curl --max-time", "target": str(curl.reached)},
                refuted_by=REFUTE(),
                next_actions=(
                    Action(AGAIN(), f"curl -v --max-time {needed // 500_000_000 + 1} {quoted(curl.url or 'http://HOST:PORT/')}"),
                ),
            )
