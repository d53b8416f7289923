"""Rules of pf: `pfctl -sr`, `-sn`, `-vvsr`, `-s Anchors`, pf.conf, and greps of these; several commands in one file.

    $ sudo pfctl -sr
    scrub in all fragment reassemble
    anchor "com.vendor/*" all
    block return in quick on en0 inet proto tcp from any to any port = 8443
    $ sudo pfctl -sr | grep 5432
    [no match]

Yields a PfRuleset for each command (one for a file without prompts) and a ShellCommand for each prompt. Counters of -v are passed
over. Refuses other packet filters. A remark instead of output ('[no match]') is noted as such, never taken for a rule.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, outside_fences, prose_share
from runs.analysis.domain.grep import flaw, is_filtered
from runs.analysis.domain.pf_syntax import is_rule, read_macro, read_rule
from runs.analysis.domain.shell import Section, program, read_prompt, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import PfRule, PfRuleset
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("pf_rules.title", en="rules of pf", ja="pf の規則")
NOT_READ = message("pf_rules.not_read", en="this line is no rule of pf: {text}", ja="pf の規則として読めない行: {text}")
TOO_MANY = message(
    "pf_rules.too_many", en="more than {most:count} rules; the rest is not read", ja="規則が {most:count} 件を超え、以降は読まない"
)
MAX_RULES = 20_000
_REMARK = re.compile(
    r"\s*[\[(（<【]?\s*(?:no match(?:es)?|match\s*(?:なし|無し)|一致(?:なし|無し)|該当(?:なし|無し)|マッチ(?:なし|せず|無し)"
    r"|none|なし|空|empty|no output|出力なし)"
    r"\s*[\])）>】]?\s*", re.IGNORECASE
)  # fmt: skip
_CHATTER = re.compile(
    r"\s*\[ |No ALTQ support|ALTQ related functions|pfctl: |rg: |grep: |Status: (?:En|Dis)abled|(?:TRANSLATION|FILTER|DUMMYNET) RULES:|"
    r"pf(?:ctl)? (?:enabled|disabled)|Token : |Password:|#"
)
_FORM = re.compile(
    r"(?:@\d+(?:\(\d+\))? )?(?:(?:scrub-|nat-|rdr-|dummynet-)?anchor \"|scrub (?:in|out|on|all)"
    r"|(?:pass|block|match)(?: drop| return\S*)?(?: \(.*?\))?"
    r"(?: log| in| out| quick| on| all| inet6?| proto| from| to)|(?:nat|rdr|binat)(?: pass)? on |load anchor \""
    r"|set (?:skip on|block-policy|limit|state-policy)|table <)"
)
_COMMANDS = re.compile(r"(?:.*\s)?-\w*s\s?(?P<what>[A-Za-z]\w*)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a pfctl prompt or two rules; strong by one."""
    lines = outside_fences(head.head_lines)
    prompts = [(line.number, prompt.command) for line in lines if (prompt := read_prompt(line.text)) and prompt.command]
    asked = [number for number, command in prompts if program(command) == "pfctl"]
    if asked and len(asked) == len(prompts):
        return because(TITLE, asked[0], CERTAIN)
    rules = [line.number for line in lines if _FORM.match(line.text.strip())]
    if not rules or (prompts and not asked):
        return None
    if prose_share(lines) > 0.3:
        return because(TITLE, rules[0], TYPICAL)
    return because(TITLE, rules[0], CERTAIN if len(rules) > 1 or name.endswith("pf.conf") else STRONG)


def parse(source: Source) -> Parsed:
    """A ruleset for each command, in order."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    rules = 0
    for section in sections(bounded_lines(source)):
        if section.command is not None and section.command:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if section.command is None and not any(line.text.strip() for line in section.lines):
            continue
        if section.command == "" or (section.command and program(section.command) not in ("pfctl", "cat", "grep", "rg", "less")):
            continue
        ruleset = _ruleset(section, problems, MAX_RULES - rules)
        rules += len(ruleset.rules)
        facts.append(ruleset)
        if len(facts) >= 1000:
            break
    return Parsed(facts=[*facts, *commands[:1000]], problems=problems, counts={"rules": rules, "listings": len(facts)})


def _ruleset(section: Section, problems: list[Problem], room: int) -> PfRuleset:
    command = section.command
    asked = _COMMANDS.match(command) if command else None
    lists_anchors = bool(asked and asked["what"].lower().startswith("a") and asked["what"].lower() != "all")
    rules: list[PfRule] = []
    anchors: list[tuple[str, int]] = []
    macros: dict[str, str] = {}
    remark = 0
    held, held_line = "", 0
    for line in section.lines:
        text = line.text.rstrip()
        if held:
            text = held + text.lstrip()
        number = held_line or line.number
        if text.endswith("\\") and len(text) < 8192:
            held, held_line = text[:-1] + " ", number
            continue
        held, held_line = "", 0
        if not text.strip():
            continue
        if _REMARK.fullmatch(text):
            remark = remark or number
        elif lists_anchors and re.fullmatch(r"\s*[\w./*-]{1,255}\s*", text):
            if len(anchors) < 1000:
                anchors.append((text.strip(), number))
        elif (macro := read_macro(text)) is not None:
            if len(macros) < 1000:
                macros[macro[0]] = macro[1][:1024]
        elif is_rule(text):
            if len(rules) < room:
                rules.append(read_rule(text, number, macros))
            elif len(rules) == room:
                problems.append(Problem(TOO_MANY(most=MAX_RULES), line=number, lost=True))
                break
        elif not _CHATTER.match(text) and len(problems) < 100:
            problems.append(Problem(NOT_READ(text=text.strip()[:120]), line=number))
    numbers = [line.number for line in section.lines] or [section.command_line or 1]
    return PfRuleset(
        host=section.host,
        command=command or None,
        command_line=section.command_line,
        rules=tuple(rules),
        listed=tuple(anchors),
        first_line=section.command_line or numbers[0],
        last_line=numbers[-1],
        grepped=bool(command and is_filtered(command)),
        grep_flawed=bool(command and flaw(command)),
        no_match_line=remark,
    )
