"""Policy routing: which routing table a packet is looked up in."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class PolicyRule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `ip rule`. None: not narrowed by it."""

    line: int
    priority: int
    text: str  # as written, without the priority
    negated: bool = False  # 'not from …'
    source: str | None = None  # prefix; None: all
    destination: str | None = None
    in_interface: str | None = None
    out_interface: str | None = None
    mark: str | None = None  # '0x10/0xff'
    table: str | None = None  # 'main', '100', a VRF's; None where the rule rejects
    action: str = "lookup"  # 'lookup', 'blackhole', 'unreachable', 'prohibit', 'goto', 'nop'


class RoutingPolicy(Fact, frozen=True, kw_only=True):
    """One listing of `ip rule`, in the order in which the rules are asked."""

    evidence_name: ClassVar[Message] = message(
        "evidence.routing_policy", en="the routing policy (ip rule)", ja="ポリシールーティング (ip rule)"
    )

    version: int = 4
    rules: tuple[PolicyRule, ...] = ()
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
