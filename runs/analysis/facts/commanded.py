"""What commands in a document set up on a host: somebody typed them or prescribes them; no listing shows that they are in force."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesRule
from runs.analysis.facts.network import Route
from runs.analysis.messages import Message, message


class CommandedRule(msgspec.Struct, frozen=True, kw_only=True):
    """`iptables -A …`, `nft add rule …`: a rule of a packet filter or of NAT."""

    rule: IptablesRule  # with its line
    program: str  # 'iptables', 'ip6tables', 'nft'
    deletes: bool = False


class CommandedRoute(msgspec.Struct, frozen=True, kw_only=True):
    """`ip route add …`, `ip -6 route replace …`, `route add default gw …`."""

    route: Route  # with its line
    version: int
    table: str | None = None  # None: main
    deletes: bool = False


class CommandedTunnel(msgspec.Struct, frozen=True, kw_only=True):
    """`ip tunnel add …`, `ip link add … type ipip remote …`."""

    line: int
    name: str
    mode: str | None = None  # as written: 'ip4ip6', 'ipip6', 'gre', 'sit'
    local: str | None = None
    remote: str | None = None
    device: str | None = None
    encapsulation_limit: str | None = None
    deletes: bool = False


class CommandedSetting(msgspec.Struct, frozen=True, kw_only=True):
    """What changes an interface, a routing policy or the kernel: an address, a state, an MTU, a rule of `ip rule`, a sysctl."""

    line: int
    what: str  # 'address', 'link', 'policy rule', 'sysctl'
    subject: str  # the interface, the selector, the key
    value: str  # '192.0.2.7/32', 'up', 'mtu 1460', 'lookup 100', '1'
    deletes: bool = False


class ConfigurationCommands(Fact, frozen=True, kw_only=True):
    """The commands of a document that configure a host, in the order of the text; those that were run apart from those prescribed."""

    evidence_name: ClassVar[Message] = message(
        "evidence.configuration_commands", en="commands that configure a host", ja="ホストを設定するコマンド"
    )

    ran: bool = True  # false: prescribed, not run
    purpose: str | None = None  # 'rollback': they undo the work
    rules: tuple[CommandedRule, ...] = ()
    routes: tuple[CommandedRoute, ...] = ()
    tunnels: tuple[CommandedTunnel, ...] = ()
    settings: tuple[CommandedSetting, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """The line of each command."""
        held = [*(one.rule.line for one in self.rules), *(one.route.line for one in self.routes)]
        return tuple(sorted([*held, *(one.line for one in self.tunnels), *(one.line for one in self.settings)]))
