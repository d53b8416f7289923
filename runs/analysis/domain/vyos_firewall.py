"""Filters and NAT of a VyOS or EdgeOS configuration as the chains and rules that iptables would show.

A named filter becomes a chain whose last rule is its default action; where an interface or a pair of zones uses it, the base chain
has a jump. Sources: the VyOS user guide (firewall of 1.3, of 1.4 and later; zones; NAT), the EdgeOS user guide.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.analysis.facts.firewall import IptablesChain, IptablesRule
from runs.analysis.facts.router import Setting

_TARGETS = {"accept": "ACCEPT", "drop": "DROP", "reject": "REJECT", "return": "RETURN", "queue": "QUEUE"}
_BASES = {"forward": "FORWARD", "input": "INPUT", "output": "OUTPUT", "prerouting": "PREROUTING"}
_ATTACHED = {"in": ("FORWARD", "in_interface"), "out": ("FORWARD", "out_interface"), "local": ("INPUT", "in_interface")}
_FAMILY_OF = {"name": 4, "ipv6-name": 6}
# What narrows nothing that a rule matches.
_PASSED = frozenset(
    ("description", "log", "log-options", "enable-default-log", "default-log", "jump-target", "default-jump-target", "action")
)
MAX_RULES = 50_000

Words = tuple[str, ...]


@dataclass
class _Body:
    """The settings of one rule."""

    line: int = 0
    action_line: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    action: str | None = None
    jump: str | None = None
    disabled: bool = False
    understood: bool = True

    def read(self, words: Words, line: int) -> None:
        self.line = self.line or line
        last = words[-1]
        if words[0] == "action":
            self.action, self.action_line = last, line
        elif words[0] == "jump-target":
            self.jump = last
        elif words[0] == "disable":
            self.disabled = True
        elif words[0] == "protocol":
            self.said["protocol"] = None if last == "all" else last
        elif words[0] == "state" and len(words) > 1:
            if last != "disable":
                self.states.append(words[1].upper())
        elif words[0] in ("source", "destination") and len(words) > 2 and words[1] in ("address", "port"):
            name = words[0] if words[1] == "address" else f"{words[0]}_ports"
            self.said[name] = f"! {last[1:]}" if last.startswith("!") else last
        elif words[0] in ("inbound-interface", "outbound-interface") and len(words) > 1:
            self.said["in_interface" if words[0][0] == "i" else "out_interface"] = last
            self.understood = self.understood and "group" not in words
        elif words[0] not in _PASSED:
            self.understood = False


@dataclass
class Filters:
    """Chains and rules of one family."""

    chains: dict[str, IptablesChain] = field(default_factory=dict)
    rules: list[IptablesRule] = field(default_factory=list)

    def chain(self, name: str, line: int, policy: str | None = None) -> None:
        if name not in self.chains or policy:
            self.chains[name] = IptablesChain(table="filter", name=name, policy=policy, line=line)

    def add(self, chain: str, body: _Body, target: str | None, text: str) -> None:
        protocols = body.said.get("protocol")
        each: list[Any] = ["tcp", "udp"] if protocols == "tcp_udp" else [protocols]
        for protocol in each:
            if len(self.rules) < MAX_RULES:
                said = {**body.said, "protocol": protocol, "states": tuple(body.states)}
                line = body.action_line or body.line
                self.rules.append(
                    IptablesRule(
                        line=line, text=text, table="filter", chain=chain, target=target, understood=body.understood, **said
                    )
                )


def read_filters(settings: Sequence[Setting]) -> dict[int, Filters]:
    """Filters by IP version; none where the configuration has none for it."""
    bodies: dict[tuple[int, str], dict[str, _Body]] = defaultdict(lambda: defaultdict(_Body))
    defaults: dict[tuple[int, str], tuple[str, int]] = {}
    states: dict[str, tuple[str, int]] = {}
    for setting in settings:
        if setting.words[:1] != ("firewall",):
            continue
        for version, chain, rest in _chain_of(setting.words[1:]):
            if rest[:1] == ("default-action",) and len(rest) == 2:
                defaults[version, chain] = (rest[1], setting.line)
            elif rest[:1] == ("rule",) and len(rest) > 2:
                bodies[version, chain][rest[1]].read(rest[2:], setting.line)
        policy = setting.words[2:] if setting.words[1] == "global-options" else setting.words[1:]
        if policy[:1] == ("state-policy",) and len(policy) > 3 and policy[2] == "action":
            states[policy[1]] = (policy[3], setting.line)
    found: dict[int, Filters] = {}
    for version in sorted({key[0] for key in (*bodies, *defaults)} | ({4} if states else set())):
        filters = found[version] = Filters()
        for chain in ("INPUT", "FORWARD", "OUTPUT"):
            action, line = defaults.get((version, chain), ("accept", settings[0].line))
            filters.chain(chain, line, _TARGETS.get(action, action.upper()))
        _state_rules(filters, states)
        _jumps(filters, settings, version)
        for key in dict.fromkeys([*bodies, *defaults]):
            if key[0] == version:
                _chain_rules(filters, key[1], bodies.get(key, {}), defaults.get(key))
        _zone_defaults(filters, settings)
    return found


def _chain_of(words: Words) -> Iterator[tuple[int, str, Words]]:
    """IP version, chain and what stands behind it, of the words behind 'firewall'."""
    if len(words) > 2 and words[0] in _FAMILY_OF:
        yield _FAMILY_OF[words[0]], words[1], words[2:]
    elif len(words) > 3 and words[0] in ("ipv4", "ipv6"):
        version = 4 if words[0] == "ipv4" else 6
        if words[1] in ("name", "ipv6-name"):
            yield version, words[2], words[3:]
        elif words[1] in _BASES:
            yield version, _BASES[words[1]], words[3:]


def _chain_rules(filters: Filters, chain: str, bodies: dict[str, _Body], default: tuple[str, int] | None) -> None:
    for number in sorted(bodies, key=lambda n: int(n) if n.isdigit() else 0):
        body = bodies[number]
        if body.disabled:
            continue
        target = body.jump if body.action == "jump" else _TARGETS.get(body.action or "")
        filters.add(chain, body, target, f"{chain} rule {number} action {body.action or '-'}")
    if chain in _BASES.values():
        return
    action, line = default or ("drop", min((body.line for body in bodies.values()), default=0))  # a named filter drops by default
    filters.chain(chain, line)
    filters.add(chain, _Body(line=line), _TARGETS.get(action, action.upper()), f"{chain} default-action {action}")


def _state_rules(filters: Filters, states: dict[str, tuple[str, int]]) -> None:
    for state, (action, line) in states.items():
        for chain in ("INPUT", "FORWARD", "OUTPUT"):
            filters.add(
                chain, _Body(line=line, states=[state.upper()]), _TARGETS.get(action), f"state-policy {state} action {action}"
            )


def _jumps(filters: Filters, settings: Sequence[Setting], version: int) -> None:
    """Where interfaces (VyOS 1.3, EdgeOS) and zones use a named filter."""
    zones = _zone_members(settings)
    for setting in settings:
        words = setting.words
        if words[:1] == ("interfaces",) and "firewall" in words[3:]:
            at = words.index("firewall", 3)
            rest = words[at + 1 :]
            if len(rest) == 3 and rest[0] in _ATTACHED and _FAMILY_OF.get(rest[1]) == version:
                chain, side = _ATTACHED[rest[0]]
                name = ".".join([words[2], *(words[i + 1] for i in range(3, at - 1) if words[i] in ("vif", "vif-s", "vif-c"))])
                body = _Body(line=setting.line, said={side: name})
                filters.add(chain, body, rest[2], f"{name} firewall {rest[0]} {rest[2]}")
        zone = words[words.index("zone") + 1 :] if "zone" in words[:2] and words[0] in ("firewall", "zone-policy") else ()
        if len(zone) == 6 and zone[1] == "from" and zone[3] == "firewall" and _FAMILY_OF.get(zone[4]) == version:
            for body, chain in _pairs(zones, zone[2], zone[0], setting.line):
                filters.add(chain, body, zone[5], f"zone {zone[0]} from {zone[2]} {zone[5]}")


def _zone_members(settings: Sequence[Setting]) -> dict[str, list[str]]:
    """Zone to its interfaces; the zone of the router itself has none."""
    found: dict[str, list[str]] = defaultdict(list)
    for setting in settings:
        words = setting.words
        if words[:1] == ("zone-policy",) or words[:2] == ("firewall", "zone"):
            zone = words[words.index("zone") + 1 :] if "zone" in words else ()
            if len(zone) > 2 and (zone[1] == "interface" or zone[1:3] == ("member", "interface")):
                found[zone[0]].append(zone[-1])
    return found


def _pairs(zones: dict[str, list[str]], source: str, target: str, line: int) -> Iterator[tuple[_Body, str]]:
    for inner in zones.get(source, [""])[:100]:
        for outer in zones.get(target, [""])[:100]:
            said: dict[str, Any] = {key: name for key, name in (("in_interface", inner), ("out_interface", outer)) if name}
            yield _Body(line=line, said=said), "FORWARD" if inner and outer else "OUTPUT" if outer else "INPUT"


def _zone_defaults(filters: Filters, settings: Sequence[Setting]) -> None:
    """What goes into a zone and no filter took is dropped (or as its default action says)."""
    for zone, members in _zone_members(settings).items():
        for setting in settings:
            if setting.words[-3:] == (zone, "default-action", setting.words[-1]) and "zone" in setting.words[:3]:
                target = _TARGETS.get(setting.words[-1])
                for member in members:
                    body = _Body(line=setting.line, said={"out_interface": member})
                    filters.add("FORWARD", body, target, f"zone {zone} default-action {setting.words[-1]}")
