"""Configuration of a router as its own language states it: what is set, not what is in force."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Route
from runs.analysis.messages import Message, message


class Setting(msgspec.Struct, frozen=True):
    """One leaf of a configuration: its words without `set`, quotes and braces; the last is the value where it has one."""

    line: int
    words: tuple[str, ...]


class ConfiguredInterface(msgspec.Struct, frozen=True, kw_only=True):
    """An interface with what is set for it."""

    line: int  # of its first setting
    name: str  # 'eth1', with its VLAN 'eth1.20'
    kind: str  # 'ethernet', 'tunnel', 'pppoe', 'bridge' …
    addresses: tuple[tuple[str, int], ...] = ()  # '192.0.2.1/24', 'dhcp', 'autoconf', with lines
    description: str | None = None
    mtu: int | None = None
    disabled: bool = False
    dhcpv6_options: tuple[tuple[str, int], ...] = ()  # 'pd 0 length 56', with lines


class ConfiguredTunnel(msgspec.Struct, frozen=True, kw_only=True):
    """A tunnel as it is set; a line is 0 where it does not say."""

    line: int
    name: str
    encapsulation: str | None = None  # as written: 'ipip6', 'gre', 'sit'
    local: str | None = None
    local_line: int = 0
    remote: str | None = None
    remote_line: int = 0
    device: str | None = None  # the interface it goes out of
    encapsulation_limit: str | None = None
    addresses: tuple[tuple[str, int], ...] = ()


class RouterConfig(Fact, frozen=True, kw_only=True):
    """A configuration, whole or in part. Its filters and NAT stand in an IptablesRuleset of form 'vyos' beside it."""

    evidence_name: ClassVar[Message] = message("evidence.router_config", en="a router's configuration", ja="ルーターの設定")

    language: str = "vyos"
    form: str = "set"  # 'set', 'braces'
    settings: tuple[Setting, ...] = ()  # in the order of the text
    deleted: tuple[Setting, ...] = ()  # `delete …`
    interfaces: tuple[ConfiguredInterface, ...] = ()
    tunnels: tuple[ConfiguredTunnel, ...] = ()
    static_routes: tuple[Route, ...] = ()
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
    partial: bool = False  # a grep, or a few lines of it: what is not here proves nothing
    prescribed: bool = False  # commands in a document: what somebody set or would set, no listing of a router

    def values(self, path: str) -> Iterator[tuple[str, int]]:
        """The values set at a path such as 'interfaces tunnel tun3 remote', with their lines; '' for a leaf without one."""
        words = tuple(path.split())
        for setting in self.settings:
            if setting.words[: len(words)] == words and len(setting.words) <= len(words) + 1:
                yield (setting.words[-1] if len(setting.words) > len(words) else ""), setting.line
