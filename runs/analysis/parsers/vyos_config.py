"""Configurations of VyOS, EdgeOS and Vyatta: `set …` lines (show configuration commands), braces (config.boot), single `set`s typed.

    vyos@gw7:~$ show configuration commands
    set interfaces ethernet eth3 address '192.0.2.7/24'
    set protocols static route 0.0.0.0/0 next-hop 192.0.2.254
    firewall {
        name WAN_IN {
            default-action drop

Yields a RouterConfig (settings, interfaces, tunnels, static routes) for each listing, and an IptablesRuleset of form 'vyos' for
each IP version that it filters or translates; what other `show` commands print is a segment. Refuses configurations whose
statements end in semicolons (Junos).
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, outside_fences
from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import Section, read_prompt, sections
from runs.analysis.domain.terminal import MAX_COMMANDS, first_full_line
from runs.analysis.domain.vyos_firewall import Filters, read_filters
from runs.analysis.domain.vyos_interfaces import read_interfaces, read_static_routes, read_tunnels
from runs.analysis.domain.vyos_nat import read_nat
from runs.analysis.domain.vyos_tree import MAX_SETTINGS, OPENING, SET_LINE, Tree, read_tree
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesChain, IptablesRuleset
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.router import RouterConfig
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason, Segment
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 4
TITLE = message("vyos_config.title", en="a router's configuration (VyOS)", ja="ルーターの設定 (VyOS)")
NOT_READ = message("vyos_config.not_read", en="this line is no setting: {text}", ja="設定として読めない行: {text}")
UNCLOSED = message(
    "vyos_config.unclosed",
    en="the block that opens here is never closed: the text was cut",
    ja="ここから始まるブロックが閉じていない（途中で切れた設定）",
)
TOO_MANY = message(
    "vyos_config.too_many",
    en="more than {most:count} settings; the rest is not read",
    ja="設定が {most:count} 件を超え、以降は読まない",
)
_NESTED = re.compile(r"\s+[\w.-]+(?: [\w.:/-]+)? \{\s*$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two settings, or a block with a block in it; strong by one setting."""
    lines = outside_fences(head.head_lines)
    texts = [(line.number, (prompt.command if (prompt := read_prompt(line.text)) else line.text)[:1000]) for line in lines]
    settings = [number for number, text in texts if SET_LINE.match(text)]
    opened = [number for number, text in texts if OPENING.match(text)]
    if not settings and not (opened and any(_NESTED.match(text) for _, text in texts)):
        return None
    if sum(text.rstrip().endswith(";") for _, text in texts) * 3 > len(texts):
        return None
    line = (settings or opened)[0]
    if is_quoted(lines, line):
        return because(TITLE, line, TYPICAL)
    return because(TITLE, line, CERTAIN if len(settings) > 1 or opened else STRONG)


def parse(source: Source) -> Parsed:
    """A configuration for each listing; settings that were typed one by one are one configuration."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    typed: list[Line] = []
    segments: list[Segment] = []
    count = 0
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_COMMANDS:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if section.command and SET_LINE.match(section.command):
            if len(typed) < MAX_SETTINGS:
                typed.append(Line(section.command_line, section.command, 0))
            continue
        tree = read_tree(section.lines)
        if section.command and not tree.settings and not tree.deleted:
            segments += _foreign(section)[: MAX_COMMANDS - len(segments)]
            continue
        count += len(tree.settings)
        if (tree.settings or tree.deleted) and len(facts) < 1000:
            facts += _facts(tree, section)
            problems += _problems(tree)
    if typed:
        tree = read_tree(typed)
        count += len(tree.settings)
        facts += _facts(tree, Section(None, None, 0, typed), typed_in=True)
    return Parsed(facts=[*facts, *commands], segments=segments, problems=problems[:200], counts={"settings": count})


def _foreign(section: Section) -> list[Segment]:
    """What another command printed, with its prompt: evidence of its own kind."""
    lines = list(section.lines)
    while lines and not lines[-1].text.strip():
        lines.pop()
    if not lines or all(line.text.strip().startswith("[edit") for line in lines):
        return []
    gap = min(100, max(1, lines[0].number - section.command_line))
    text = f"$ {section.command}" + "\n" * gap + "\n".join(line.text for line in lines) + "\n"
    return [Segment(text, section.command_line, lines[-1].number, section.host, section.command)]


def _problems(tree: Tree) -> list[Problem]:
    found = [Problem(NOT_READ(text=line.text.strip()[:100]), line=line.number) for line in tree.unread]
    if tree.unclosed:
        found.append(Problem(UNCLOSED(), line=tree.unclosed, lost=True))
    if len(tree.settings) + len(tree.deleted) >= MAX_SETTINGS:
        found.append(Problem(TOO_MANY(most=MAX_SETTINGS), line=tree.settings[-1].line if tree.settings else None, lost=True))
    return found


def _facts(tree: Tree, section: Section, typed_in: bool = False) -> list[Fact]:
    settings = tree.settings
    lines = [setting.line for setting in (*settings, *tree.deleted)]
    # a whole configuration names its interfaces and its system (host name, login, clock); a grep or an excerpt does not
    filtered = bool(section.command and is_filtered(section.command))
    partial = filtered or typed_in or bool(tree.unclosed) or not tree.tops >= {"interfaces", "system"}
    config = RouterConfig(
        host=section.host,
        form=tree.form,
        settings=tuple(settings),
        deleted=tuple(tree.deleted),
        interfaces=read_interfaces(settings),
        tunnels=read_tunnels(settings),
        static_routes=read_static_routes(settings),
        command=section.command,
        first_line=first_full_line(section),
        last_line=max(lines),
        partial=partial,
    )
    return [config, *_rulesets(config)]


def _rulesets(config: RouterConfig) -> list[Fact]:
    filters, nat = read_filters(config.settings), read_nat(config.settings)
    if nat:
        filters.setdefault(4, Filters())
    made: list[Fact] = []
    for version, own in filters.items():
        translated = nat if version == 4 else []
        chains = [*own.chains.values()]
        chains += [
            IptablesChain(table="nat", name=name, policy="ACCEPT", line=config.first_line)
            for name in sorted({rule.chain for rule in translated})
        ]
        made.append(
            IptablesRuleset(
                host=config.host,
                version=version,
                command=config.command,
                form="vyos",
                chains=tuple(chains),
                rules=(*own.rules, *translated),
                first_line=config.first_line,
                last_line=config.last_line,
                grepped=config.partial,
            )
        )
    return made
