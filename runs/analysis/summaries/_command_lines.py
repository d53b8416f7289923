"""What the commands of a document set up, for the lines of notes and READMEs."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.commanded import CommandedRoute, CommandedTunnel, ConfigurationCommands
from runs.analysis.messages import message
from runs.analysis.report import Statement

RULES = message(
    "commands.summary_rules",
    en="Commands for {n:count} packet-filter {n:plural:rule|rules} ({targets:list}).",
    ja="フィルタ規則のコマンド {n:count} 件（{targets:list}）。",
)
ROUTES = message(
    "commands.summary_routes",
    en="Commands for {n:count} {n:plural:route|routes}: {routes:list}.",
    ja="経路のコマンド {n:count} 件：{routes:list}。",
)
TUNNELS = message(
    "commands.summary_tunnels",
    en="Commands for {n:count} {n:plural:tunnel|tunnels}: {tunnels:list}.",
    ja="トンネルのコマンド {n:count} 件：{tunnels:list}。",
)
MOST = 3


def command_lines(file: CaseFile, facts: Sequence[Fact]) -> Iterator[Statement]:
    """A sentence for rules, one for routes, one for tunnels that commands add (what they take away is not told)."""
    held = [fact for fact in facts if isinstance(fact, ConfigurationCommands)]
    rules = [one.rule for fact in held for one in fact.rules if not one.deletes]
    routes = [one for fact in held for one in fact.routes if not one.deletes]
    tunnels = [one for fact in held for one in fact.tunnels if not one.deletes]
    if rules:
        targets = list(dict.fromkeys(rule.target for rule in rules if rule.target))[:MOST]
        yield Statement(RULES(n=len(rules), targets=targets), (_lines(file, [rule.line for rule in rules]),))
    if routes:
        shown = list(dict.fromkeys(_route(one) for one in routes))[:MOST]
        yield Statement(ROUTES(n=len(routes), routes=shown), (_lines(file, [one.route.line for one in routes]),))
    if tunnels:
        shown = list(dict.fromkeys(_tunnel(one) for one in tunnels))[:MOST]
        yield Statement(TUNNELS(n=len(tunnels), tunnels=shown), (_lines(file, [one.line for one in tunnels]),))


def _route(one: CommandedRoute) -> str:
    return " ".join(part for part in (one.route.destination, "→", one.route.via or one.route.device or one.route.kind) if part)


def _tunnel(one: CommandedTunnel) -> str:
    return f"{one.name} → {one.remote}" if one.remote else one.name


def _lines(file: CaseFile, numbers: Sequence[int]) -> Citation:
    return Citation(file.path, lines=tuple(dict.fromkeys(numbers)))
