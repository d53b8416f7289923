"""`ipconfig` and `ipconfig /all` of Windows, in English and Japanese: adapters, addresses, gateways, DNS servers, leases.

    Ethernet adapter Ethernet:
       Physical Address. . . . . . . . . : 02-00-5E-00-00-07
       DHCP Enabled. . . . . . . . . . . : Yes
       IPv4 Address. . . . . . . . . . . : 192.0.2.7(Preferred)
       Subnet Mask . . . . . . . . . . . : 255.255.255.0
       Default Gateway . . . . . . . . . : 192.0.2.254
       DNS Servers . . . . . . . . . . . : 192.0.2.53

Yields an Interfaces and, where gateways or servers are named, a RoutingTable of the default routes (partial: no other is shown) and a
ResolverConfig for each adapter with servers. Refuses ifconfig.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces, Route, RoutingTable
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("windows_ipconfig.title", en="network adapters (ipconfig)", ja="ネットワークアダプター (ipconfig)")
MAX_ADAPTERS = 2_000
MAX_ITEMS = 200
_ADAPTER = re.compile(r"(?P<kind>[^\s:][^:]{0,80}?(?: adapter| アダプター?)) (?P<name>[^:]{1,200}):\s*$")
_HOST = re.compile(r"\s+(?:Host Name|ホスト名)[ .]*: (?P<name>\S+)\s*$")
_FIELD = re.compile(r"\s{2,8}(?P<name>[^\s.:][^:]*?)[ .]*: ?(?P<value>.*?)\s*$")
_MORE = re.compile(r"\s{20,}(?P<value>\S+)\s*$")
_NAMES = (
    ("state", re.compile(r"Media State|メディアの状態")),
    ("suffix", re.compile(r"Connection-specific DNS Suffix|接続固有の DNS サフィックス")),
    ("mac", re.compile(r"Physical Address|物理アドレス")),
    ("gateway", re.compile(r"Default Gateway|デフォルト ?ゲートウェイ")),
    ("dns", re.compile(r"DNS Servers|DNS サーバー")),
    ("mask", re.compile(r"Subnet Mask|サブネット ?マスク")),
    ("link", re.compile(r"Link-local IPv6 Address|リンクローカル IPv6 アドレス")),
    ("temporary", re.compile(r"Temporary IPv6 Address|一時 IPv6 アドレス")),
    ("six", re.compile(r"IPv6 Address|IPv6 アドレス")),
    ("automatic", re.compile(r"Autoconfiguration IPv4 Address|自動構成 IPv4 アドレス")),
    ("four", re.compile(r"(?:IPv4 |IP )Address|IPv4 アドレス|IP アドレス")),
)
_SURE = re.compile(
    r"Windows IP (?:Configuration|構成)|[^\s:][^:]{0,80}?(?: adapter| アダプター?) [^:]{1,200}:\s*$"
    r"|\s+(?:Media State|Default Gateway|Subnet Mask) [. ]{4,}:"
)
_OFF = re.compile(r"disconnected|切断|接続されていません", re.IGNORECASE)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by ipconfig's own title or an adapter's line."""
    return recognise(head, TITLE, _SURE, ("ipconfig",), least=2)


def parse(source: Source) -> Parsed:
    """The adapters of each command."""
    return parse_sections(source, _facts, "listings")


@dataclass
class _Adapter:
    name: str
    kind: str
    line: int
    is_off: bool = False
    mac: str | None = None
    addresses: list[InterfaceAddress] = field(default_factory=list)
    gateways: list[tuple[str, int]] = field(default_factory=list)
    servers: list[tuple[str, int]] = field(default_factory=list)
    suffixes: list[tuple[str, int]] = field(default_factory=list)
    last: str | None = None

    def read(self, text: str, line: int) -> None:
        more = _MORE.match(text)
        found = None if more else _FIELD.match(text)
        if more is not None and self.last in ("gateway", "dns"):
            self._item(self.last, more["value"], line)
        elif found is not None:
            self.last = next((name for name, form in _NAMES if form.match(found["name"])), None)
            if self.last is not None and found["value"]:
                self._item(self.last, found["value"], line)

    def _item(self, name: str, value: str, line: int) -> None:
        bare = re.sub(r"[(（].*$", "", value).partition("%")[0].partition("/")[0].strip()
        if name == "state":
            self.is_off = bool(_OFF.search(value))
        elif name == "mac":
            self.mac = value.replace("-", ":").lower()[:32]
        elif name == "mask" and self.addresses:
            self.addresses[-1] = _with_length(self.addresses[-1], value)
        elif name in ("four", "automatic", "six", "temporary", "link") and len(self.addresses) < MAX_ITEMS and bare:
            self.addresses.append(_address(name, bare, value, line))
        elif name in ("gateway", "dns", "suffix") and bare:
            held = {"gateway": self.gateways, "dns": self.servers, "suffix": self.suffixes}[name]
            if len(held) < MAX_ITEMS:
                held.append((bare[:255], line))


def _address(name: str, bare: str, value: str, line: int) -> InterfaceAddress:
    words = (
        ("tentative", r"Tentative|仮"),
        ("duplicated", r"Duplicate|重複"),
        ("deprecated", r"Deprecated|非推奨"),
        ("temporary", r"^$"),
    )
    flags = [flag for flag, form in words if re.search(form, value[len(bare) :].strip() or "-")]
    flags += ["temporary"] if name == "temporary" else ["autoconf"] if name == "automatic" else []
    is_link = name in ("link", "automatic")
    length = 64 if ":" in bare else 32
    return InterfaceAddress(
        line=line, address=bare, prefix_length=length, scope="link" if is_link else "global", flags=tuple(flags)
    )


def _with_length(address: InterfaceAddress, mask: str) -> InterfaceAddress:
    try:
        length = IPv4Network(f"0.0.0.0/{mask.strip()}").prefixlen
    except ValueError:
        return address
    return InterfaceAddress(
        line=address.line, address=address.address, prefix_length=length, scope=address.scope, flags=address.flags
    )


def _facts(section: Section) -> Iterator[Fact]:
    adapters: list[_Adapter] = []
    host = section.host
    for line in section.lines:
        text = line.text[:500]
        if (head := _ADAPTER.match(text)) is not None and len(adapters) < MAX_ADAPTERS:
            adapters.append(_Adapter(head["name"], head["kind"], line.number))
        elif not adapters and (named := _HOST.match(text)) is not None:
            host = host or named["name"]
        elif adapters:
            adapters[-1].read(text, line.number)
    if not adapters:
        return
    first, last = first_full_line(section), last_full_line(section)
    interfaces = tuple(
        Interface(
            line=one.line,
            name=one.name,
            state="DOWN" if one.is_off else "UP",
            kind="tunnel" if re.search("Tunnel|トンネル", one.kind) else "ether",
            mac=one.mac,
            addresses=tuple(one.addresses),
        )
        for one in adapters
    )
    yield Interfaces(host=host, interfaces=interfaces, command=section.command, first_line=first, last_line=last)
    ways = [(gateway, line, one.name) for one in adapters for gateway, line in one.gateways]
    for version in (4, 6):
        routes = tuple(
            Route(line=line, destination="::/0" if version == 6 else "0.0.0.0/0", via=gateway, device=device)
            for gateway, line, device in ways
            if (":" in gateway) == (version == 6)
        )
        if routes:
            yield RoutingTable(
                host=host,
                version=version,
                routes=routes,
                command=section.command,
                first_line=routes[0].line,
                last_line=routes[-1].line,
                partial=True,
            )
    for one in adapters:
        if one.servers:
            yield ResolverConfig(
                host=host,
                servers=tuple(one.servers),
                search=tuple(one.suffixes),
                interface=one.name,
                command=section.command,
                first_line=one.line,
                last_line=one.servers[-1][1],
            )
