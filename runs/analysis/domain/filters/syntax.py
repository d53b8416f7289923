"""The grammar of filters: pcap-filter(7), with `remark`, `stream`, `frame` and `inner ( … )` added.

As in libpcap `and` and `or` bind equally and from the left, `not` binds tighter, a value without qualifiers takes those of the one
before it (`tcp port 80 or 443`), and each `vlan` moves what follows one tag inwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import get_args

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.tokens import FilterError, Token, tokens
from runs.analysis.domain.services import port_of
from runs.analysis.messages import message
from runs.analysis.packets.schema import PROTOCOL_NAMES, REMARK_BITS

MAX_DEPTH = 100

LINK_PROTOCOLS = {"ip": 0x0800, "ip6": 0x86DD, "arp": 0x0806, "rarp": 0x8035, "aarp": 0x80F3, "lldp": 0x88CC, "loopback": 0x9000}
IP_PROTOCOLS = {
    "icmp": 1, "igmp": 2, "igrp": 9, "tcp": 6, "udp": 17, "esp": 50, "ah": 51, "icmp6": 58, "pim": 103, "vrrp": 112, "carp": 112,
    "sctp": 132,
}  # fmt: skip
WITH_PORTS = ("tcp", "udp", "sctp")
TYPES = ("host", "net", "port", "portrange", "proto", "gateway", "protochain")
CONSTANTS = {
    "tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
    "tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
    "icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8, "icmp-routeradvert": 9,
    "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12, "icmp-tstamp": 13, "icmp-tstampreply": 14,
    "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,
    "icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4,
    "icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-routersolicit": 133, "icmp6-routeradvert": 134,
    "icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137,
}  # fmt: skip
RELATIONS = ("=", "==", "!=", "<", "<=", ">", ">=")
PRECEDENCE = {"|": 1, "^": 2, "&": 3, "<<": 4, ">>": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}

EXPECTED = message("filter.expected", en="Expected {what} here.", ja="ここには {what} が必要。")
UNEXPECTED = message("filter.unexpected", en="“{text}” is not expected here.", ja="ここに「{text}」は置けない。")
ENDS = message(
    "filter.ends", en="The filter ends too early: {what} is missing.", ja="フィルタが途中で終わっている：{what} がない。"
)
TOO_DEEP = message("filter.too_deep", en="Nested too deeply.", ja="入れ子が深すぎる。")
NO_NAMES = message(
    "filter.no_names",
    en="“{text}” is no address; names are not resolved here.",
    ja="「{text}」はアドレスではない（名前解決は行わない）。",
)
NO_PORT = message("filter.no_port", en="“{text}” is no port.", ja="「{text}」はポートではない。")
NO_PROTOCOL = message("filter.no_protocol", en="“{text}” is no protocol.", ja="「{text}」はプロトコル名ではない。")
NOT_SUPPORTED = message("filter.not_supported", en="“{text}” is not supported.", ja="「{text}」には対応していない。")
NO_REMARK = message(
    "filter.no_remark", en="“{text}” is no remark. Known: {known:list}.", ja="「{text}」という注記はない。候補：{known:list}。"
)
BAD_NETWORK = message("filter.bad_network", en="“{text}” is no network.", ja="「{text}」はネットワークではない。")
NO_PORT_OF = message("filter.no_port_of", en="{protocol} has no ports.", ja="{protocol} にポートはない。")
NOTHING_BEFORE = message(
    "filter.nothing_before",
    en="“{text}” needs a word before it that says what it is (host, port …).",
    ja="「{text}」の前に種類を表す語（host、port など）が必要。",
)
ADDRESS, NUMBER, WORD = "an address", "a number", "a condition"


@dataclass(frozen=True)
class Qualifiers:
    """What stands before a value: protocol, direction, type."""

    protocol: str | None = None
    direction: tree.Direction = "either"
    type: str | None = None


def parse(text: str) -> tree.Node | None:
    """The meaning of a filter; None for an empty one (every frame). Raises FilterError."""
    parser = _Parser(tokens(text))
    if parser.now.kind == "":
        return None
    node = parser.expression(0)
    if parser.now.kind:
        raise FilterError(UNEXPECTED(text=parser.now.text), parser.now.position)
    return node


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.at, self.vlans = found, 0, 0
        self.last: Qualifiers | None = None

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.now
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def take_if(self, *texts: str) -> Token | None:
        return self.take() if self.now.text in texts else None

    def expect(self, text: str) -> Token:
        if self.now.text != text:
            raise self.wrong(f"“{text}”")
        return self.take()

    def wrong(self, what: str) -> FilterError:
        said = EXPECTED(what=what) if self.now.kind else ENDS(what=what)
        return FilterError(said, self.now.position)

    # ---- logic ------------------------------------------------------------------------------------------------------
    def expression(self, depth: int) -> tree.Node:
        if depth > MAX_DEPTH:
            raise FilterError(TOO_DEEP(), self.now.position)
        node = self.term(depth)
        while joined := self.take_if("and", "&&", "or", "||"):
            right = self.term(depth)
            node = tree.And(node, right) if joined.text in ("and", "&&") else tree.Or(node, right)
        return node

    def term(self, depth: int) -> tree.Node:
        negations = 0
        while self.take_if("not", "!"):
            negations += 1
        node = self.relation(depth) or self.primary(depth)
        return tree.Not(node) if negations % 2 else node

    def primary(self, depth: int) -> tree.Node:
        token = self.now
        if self.take_if("("):
            node = self.expression(depth + 1)
            self.expect(")")
            return node
        if token.kind == "word" and token.text in OWN_WORDS:
            self.take()
            return OWN_WORDS[token.text](self, depth)
        if token.kind == "word" and not token.text.startswith("\\"):
            qualifiers = self.qualifiers()
            if qualifiers is not None:
                return self.qualified(qualifiers, depth)
        return self.bare(token)

    def bare(self, token: Token) -> tree.Node:
        """A value alone: with the qualifiers of the one before it; an address alone is a host."""
        if token.kind in ("ipv4", "ipv6", "mac") and self.last is None:
            self.last = Qualifiers(type="host")
        if self.last is None or token.kind not in ("ipv4", "ipv6", "mac", "number", "range", "word"):
            if token.kind in ("number", "word", "range"):
                raise FilterError(NOTHING_BEFORE(text=token.text), token.position)
            raise self.wrong(WORD)
        return self.value(self.last)

    # ---- qualifiers -------------------------------------------------------------------------------------------------
    def qualifiers(self) -> Qualifiers | None:
        """Protocol, direction and type as far as they stand here; None where none does."""
        start = self.at
        found = Qualifiers()
        word = self.now.text
        if word in LINK_PROTOCOLS or word in IP_PROTOCOLS or word in ("ether", "link"):
            found = replace(found, protocol="ether" if word == "link" else word)
            self.take()
        if direction := self.direction():
            found = replace(found, direction=direction)
        if self.now.text in TYPES and self.now.kind == "word":
            found = replace(found, type=self.take().text)
        return found if self.at > start else None

    def direction(self) -> tree.Direction | None:
        first = self.take_if("src", "dst")
        if first is None:
            return None
        joins, second = self.now, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if joins.text in ("or", "and") and second.text in ("src", "dst") and second.text != first.text:
            self.at += 2
            return "either" if joins.text == "or" else "both"
        return "src" if first.text == "src" else "dst"

    def qualified(self, q: Qualifiers, depth: int) -> tree.Node:
        token = self.now
        alone = q.type is None and q.direction == "either"
        if alone and token.text in ("broadcast", "multicast") and q.protocol in ("ether", "ip", "ip6"):
            self.take()
            return tree.Cast("broadcast" if token.text == "broadcast" else "multicast", q.protocol, self.vlans)  # type: ignore[arg-type]
        if alone and token.text == "stream" and q.protocol in IP_PROTOCOLS:
            self.take()
            return self.stream(q.protocol)
        if q.type is None and token.kind not in ("ipv4", "ipv6", "mac", "number", "range") and token.text != "(":
            if q.direction == "either" and q.protocol in {*LINK_PROTOCOLS, *IP_PROTOCOLS}:
                return tree.Protocol(str(q.protocol), self.vlans)
            raise self.wrong(ADDRESS)
        if token.text == "(" and q.type is None and q.direction == "either":
            return tree.Protocol(str(q.protocol), self.vlans) if q.protocol != "ether" else self.values(q, depth)
        return self.values(q, depth)

    def values(self, q: Qualifiers, depth: int) -> tree.Node:
        """One value, or several in parentheses: `port (80 or 443)`."""
        q = replace(q, type=q.type or "host")
        self.last = q
        if not self.take_if("("):
            return self.value(q)
        if depth > MAX_DEPTH:
            raise FilterError(TOO_DEEP(), self.now.position)
        node = self.value(q)
        while joined := self.take_if("or", "||", "and", "&&"):
            right = self.value(q)
            node = tree.And(node, right) if joined.text in ("and", "&&") else tree.Or(node, right)
        self.expect(")")
        return node

    # ---- values -----------------------------------------------------------------------------------------------------
    def value(self, q: Qualifiers) -> tree.Node:
        token = self.now
        if not token.kind:
            raise self.wrong(ADDRESS)
        if q.type in ("port", "portrange"):
            return self.port(q)
        if q.type == "proto":
            return self.protocol_number(q)
        if q.type == "net":
            return self.network(q)
        if q.type in ("gateway", "protochain"):
            raise FilterError(NOT_SUPPORTED(text=q.type), token.position)
        return self.host(q)

    def host(self, q: Qualifiers) -> tree.Node:
        token = self.take()
        if token.kind == "mac" or q.protocol == "ether":
            if token.kind != "mac":
                raise FilterError(NO_NAMES(text=token.text), token.position)
            octets = bytes(int(part, 16) for part in token.text.replace("-", ":").split(":"))
            return tree.EtherHost(octets, q.direction)
        if token.kind not in ("ipv4", "ipv6", "number") or "/" in token.text:
            raise FilterError(NO_NAMES(text=token.text), token.position)
        text = token.text + ".0" * (3 - token.text.count(".")) if token.kind != "ipv6" else token.text
        try:
            address = ip_address(text)
        except ValueError:
            raise FilterError(NO_NAMES(text=token.text), token.position) from None
        return tree.Network(f"{address}/{address.max_prefixlen}", q.direction, q.protocol, self.vlans)

    def network(self, q: Qualifiers) -> tree.Node:
        token = self.take()
        text = token.text
        try:
            if token.kind in ("ipv4", "number"):
                base, _, length = text.partition("/")
                octets = base.split(".")
                length = length or str(8 * len(octets))
                base = ".".join(octets + ["0"] * (4 - len(octets)))
                if self.take_if("mask"):
                    length = self.take().text
                found = ip_network(f"{base}/{length}", strict=False)
            else:
                found = ip_network(text, strict=False)
        except ValueError:
            raise FilterError(BAD_NETWORK(text=text), token.position) from None
        return tree.Network(str(found), q.direction, q.protocol, self.vlans)

    def port(self, q: Qualifiers) -> tree.Node:
        token = self.take()
        if q.protocol is not None and q.protocol not in (*WITH_PORTS, "ip", "ip6"):
            raise FilterError(NO_PORT_OF(protocol=q.protocol), token.position)
        first, _, last = token.text.partition("-") if token.kind == "range" else (token.text, "", token.text)
        ports = port_of(first), port_of(last)
        if ports[0] is None or ports[1] is None or (token.kind == "range" and q.type == "port"):
            raise FilterError(NO_PORT(text=token.text), token.position)
        return tree.Port(min(ports), max(ports), q.direction, q.protocol, self.vlans)  # type: ignore[type-var]

    def protocol_number(self, q: Qualifiers) -> tree.Node:
        token = self.take()
        name = token.text.removeprefix("\\")
        if q.protocol == "ether":
            number = int(name, 0) if token.kind == "number" else LINK_PROTOCOLS.get(name)
            if number is None:
                raise FilterError(NO_PROTOCOL(text=token.text), token.position)
            return tree.EtherProtocol(number, self.vlans)
        by_name = {**{n: i for i, n in PROTOCOL_NAMES.items()}, **IP_PROTOCOLS}
        number = int(name, 0) if token.kind == "number" and "/" not in name else by_name.get(name)
        if number is None or number > 255:
            raise FilterError(NO_PROTOCOL(text=token.text), token.position)
        return tree.IpProtocol(number, q.protocol, self.vlans)

    # ---- arithmetic -------------------------------------------------------------------------------------------------
    def relation(self, depth: int) -> tree.Relation | None:
        """A comparison, if one stands here; else nothing is taken."""
        start, vlans = self.at, self.vlans
        token = self.now
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)].text
        begins = token.text in ("len", "-", "(") or token.kind == "number" or following == "[" or token.text in CONSTANTS
        if not begins:
            return None
        try:
            left = self.arithmetic(0, depth)
            sign = self.take_if(*RELATIONS)
        except FilterError:
            if following == "[" or token.text == "len":
                raise
            self.at, self.vlans = start, vlans
            return None
        if sign is None:
            if following == "[" or token.text == "len":
                raise self.wrong("=, !=, <, >")
            self.at, self.vlans = start, vlans
            return None
        return tree.Relation(sign.text, left, self.arithmetic(0, depth))

    def arithmetic(self, least: int, depth: int) -> tree.Value:
        if depth > MAX_DEPTH:
            raise FilterError(TOO_DEEP(), self.now.position)
        left = self.operand(depth)
        while PRECEDENCE.get(self.now.text, -1) > least:
            sign = self.take().text
            left = tree.Computed(sign, left, self.arithmetic(PRECEDENCE[sign], depth + 1))
        return left

    def operand(self, depth: int) -> tree.Value:
        token = self.take()
        if token.text == "(":
            value = self.arithmetic(0, depth + 1)
            self.expect(")")
            return value
        if token.text == "-":
            return tree.Computed("-", tree.Number(0), self.operand(depth + 1))
        if token.kind == "number" and "/" not in token.text:
            return tree.Number(int(token.text, 0) & 0xFFFFFFFF)
        if token.text == "len":
            return tree.Length()
        if token.text in CONSTANTS and self.now.text != "[":
            return tree.Number(CONSTANTS[token.text])
        if self.now.text == "[" and (token.text in LINK_PROTOCOLS or token.text in IP_PROTOCOLS or token.text in ("ether", "link")):
            return self.header_bytes("ether" if token.text == "link" else token.text, depth)
        self.at -= 1 if token.kind else 0
        raise self.wrong(NUMBER)

    def header_bytes(self, protocol: str, depth: int) -> tree.Value:
        self.expect("[")
        at = self.arithmetic(0, depth + 1)
        size = 1
        if self.take_if(":"):
            token = self.take()
            if token.text not in ("1", "2", "4"):
                raise FilterError(EXPECTED(what="1, 2, 4"), token.position)
            size = int(token.text)
        self.expect("]")
        return tree.Bytes(protocol, at, size, self.vlans)

    # ---- words with a meaning of their own --------------------------------------------------------------------------
    def numbers(self, most: int) -> tuple[int, int]:
        """`N` or `N-M`."""
        token = self.take()
        first, _, last = token.text.partition("-") if token.kind == "range" else (token.text, "", token.text)
        if token.kind not in ("number", "range") or not first.isdigit() or not last.isdigit():
            self.at -= 1 if token.kind else 0
            raise self.wrong(NUMBER)
        return min(int(first), most), min(int(last), most)

    def stream(self, protocol: str) -> tree.Node:
        first, last = self.numbers(2**31 - 1)
        return tree.Stream(first, last, protocol)

    def frame(self, depth: int) -> tree.Node:
        first, last = self.numbers(2**62)
        return tree.Frame(first, last)

    def remark(self, depth: int) -> tree.Node:
        token = self.take()
        name = token.text.replace("-", "_")
        if name not in REMARK_BITS and name != "any":
            raise FilterError(NO_REMARK(text=token.text, known=["any", *REMARK_BITS]), token.position)
        return tree.Remark(name)

    def inner(self, depth: int) -> tree.Node:
        self.expect("(")
        node = self.expression(depth + 1)
        self.expect(")")
        return tree.Inner(node)

    def vlan(self, depth: int) -> tree.Node:
        number = None
        if self.now.kind == "number" and self.now.text.isdigit():
            number = int(self.take().text)
        node = tree.Vlan(number, self.vlans)
        self.vlans += 1
        return node

    def length(self, sign: str) -> tree.Node:
        token = self.take()
        if token.kind != "number" or "/" in token.text:
            self.at -= 1 if token.kind else 0
            raise self.wrong(NUMBER)
        return tree.Relation(sign, tree.Length(), tree.Number(int(token.text, 0)))

    def cast(self, kind: str) -> tree.Node:
        return tree.Cast("broadcast" if kind == "broadcast" else "multicast", "ether", self.vlans)


OWN_WORDS: dict[str, Callable[[_Parser, int], tree.Node]] = {
    "stream": lambda parser, depth: parser.stream("tcp"),
    "frame": _Parser.frame,
    "remark": _Parser.remark,
    "inner": _Parser.inner,
    "vlan": _Parser.vlan,
    "less": lambda parser, depth: parser.length("<="),
    "greater": lambda parser, depth: parser.length(">="),
    "broadcast": lambda parser, depth: parser.cast("broadcast"),
    "multicast": lambda parser, depth: parser.cast("multicast"),
}
assert set(get_args(tree.Direction)) == {"src", "dst", "either", "both"}
