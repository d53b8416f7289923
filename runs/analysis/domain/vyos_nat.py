"""NAT of a VyOS or EdgeOS configuration as rules of the table `nat`. Sources: the VyOS and EdgeOS user guides, chapter NAT."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.analysis.facts.firewall import IptablesRule
from runs.analysis.facts.router import Setting

MAX_RULES = 20_000
_CHAINS = {"source": "POSTROUTING", "destination": "PREROUTING"}
_PASSED = frozenset(("description", "log", "type", "exclude", "translation", "outside-address", "inside-address"))


@dataclass
class _Nat:
    """The settings of one rule."""

    line: int = 0
    translation_line: int = 0
    kind: str = ""  # 'source', 'destination', 'masquerade'
    said: dict[str, Any] = field(default_factory=dict)
    address: str | None = None
    port: str | None = None
    exclude: bool = False
    disabled: bool = False
    understood: bool = True

    def read(self, words: tuple[str, ...], line: int) -> None:
        self.line = self.line or line
        last = words[-1]
        if words[0] in ("translation", "outside-address", "inside-address") and len(words) > 2:
            if words[1] == "address":
                self.address, self.translation_line = last, line
            elif words[1] == "port":
                self.port = last
                self.translation_line = line
        elif words[0] == "type":
            self.kind = last
        elif words[0] == "protocol":
            self.said["protocol"] = None if last == "all" else last
        elif words[0] in ("source", "destination") and len(words) > 2 and words[1] in ("address", "port"):
            self.said[words[0] if words[1] == "address" else f"{words[0]}_ports"] = last
        elif words[0] in ("inbound-interface", "outbound-interface") and len(words) > 1:
            self.said["in_interface" if words[0][0] == "i" else "out_interface"] = last
        elif words[0] in ("exclude", "disable"):
            self.exclude, self.disabled = self.exclude or words[0] == "exclude", self.disabled or words[0] == "disable"
        elif words[0] not in _PASSED:
            self.understood = False


def read_nat(settings: Sequence[Setting]) -> list[IptablesRule]:
    """The rules of IPv4 NAT, in the order of their numbers."""
    found: dict[tuple[str, str], _Nat] = defaultdict(_Nat)
    for setting in settings:
        words = setting.words
        if words[:1] == ("nat",) and len(words) > 4 and words[1] in _CHAINS and words[2] == "rule":
            rule = found[words[1], words[3]]
            rule.kind = words[1]
            rule.read(words[4:], setting.line)
        elif words[:3] == ("service", "nat", "rule") and len(words) > 4:
            found["service", words[3]].read(words[4:], setting.line)
    made: list[IptablesRule] = []
    for (_, number), rule in sorted(found.items(), key=lambda item: (item[0][0], int(item[0][1]) if item[0][1].isdigit() else 0)):
        if not rule.disabled and len(made) < MAX_RULES:
            made += _rules(rule, number)
    return made


def _rules(rule: _Nat, number: str) -> list[IptablesRule]:
    masquerade = rule.kind == "masquerade" or rule.address == "masquerade"
    source = masquerade or rule.kind == "source"
    target = "RETURN" if rule.exclude else "MASQUERADE" if masquerade else "SNAT" if source else "DNAT"
    to = ":".join(part for part in (None if rule.address == "masquerade" else rule.address, rule.port) if part) or None
    protocol = rule.said.get("protocol")
    each: list[Any] = ["tcp", "udp"] if protocol == "tcp_udp" else [protocol]
    text = f"nat {'source' if source else 'destination'} rule {number} {target}" + (f" to {to}" if to else "")
    return [
        IptablesRule(
            line=rule.translation_line or rule.line,
            text=text,
            table="nat",
            chain=_CHAINS["source" if source else "destination"],
            target=target,
            to=to,
            understood=rule.understood,
            **{**rule.said, "protocol": one},
        )
        for one in each
    ]
