"""What a filter means: a tree of conditions on one frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Direction = Literal["src", "dst", "either", "both"]


@dataclass(frozen=True)
class And:
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Or:
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Not:
    of: "Node"


@dataclass(frozen=True)
class Inner:
    """`inner ( … )`: the condition reads the innermost headers."""

    of: "Node"


@dataclass(frozen=True)
class Protocol:
    """`tcp`, `ip6`, `arp` …; `vlans`: how many `vlan` words stand before it."""

    name: str
    vlans: int


@dataclass(frozen=True)
class IpProtocol:
    """`ip proto N`, `ip6 proto N`, `proto N`."""

    number: int
    family: str | None  # 'ip', 'ip6'; None: either
    vlans: int


@dataclass(frozen=True)
class EtherProtocol:
    """`ether proto N`."""

    number: int
    vlans: int


@dataclass(frozen=True)
class Network:
    """`host`, `net`: an address within a network, in text form with its prefix length."""

    network: str
    direction: Direction
    family: str | None  # 'ip', 'ip6', 'arp', 'rarp'; None: any of them
    vlans: int


@dataclass(frozen=True)
class Port:
    """`port`, `portrange`: first to last, inclusive."""

    first: int
    last: int
    direction: Direction
    protocol: str | None  # 'tcp', 'udp', 'sctp'; None: any of them
    vlans: int


@dataclass(frozen=True)
class EtherHost:
    """`ether host`: six octets."""

    address: bytes
    direction: Direction
    position: int = field(default=0, compare=False)  # in the text


@dataclass(frozen=True)
class Cast:
    """`broadcast`, `multicast`, with the layer it speaks of."""

    kind: Literal["broadcast", "multicast"]
    layer: Literal["ether", "ip", "ip6"]
    vlans: int
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Vlan:
    """`vlan [id]`; `vlans`: how many `vlan` words stand before it."""

    id: int | None
    vlans: int


@dataclass(frozen=True)
class Remark:
    """`remark NAME`: a TCP analysis flag, or `any`."""

    name: str


@dataclass(frozen=True)
class Stream:
    """`stream N` or `stream N-M`, of TCP unless a protocol is named before it (`udp stream 3`)."""

    first: int
    last: int
    protocol: str


@dataclass(frozen=True)
class Frame:
    """`frame N` or `frame N-M`, counted from 1."""

    first: int
    last: int


@dataclass(frozen=True)
class Number:
    value: int


@dataclass(frozen=True)
class Length:
    """`len`: bytes on the wire."""


@dataclass(frozen=True)
class Bytes:
    """`tcp[13]`, `ip[2:2]`: `size` bytes of a header, big-endian; `at` may be computed."""

    protocol: str
    at: "Value"
    size: int
    vlans: int
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Computed:
    """Arithmetic on 32-bit unsigned numbers."""

    sign: str
    left: "Value"
    right: "Value"


@dataclass(frozen=True)
class Relation:
    """A comparison of two values."""

    sign: str
    left: "Value"
    right: "Value"


Value: TypeAlias = Number | Length | Bytes | Computed
Condition: TypeAlias = Protocol | IpProtocol | EtherProtocol | Network | Port | EtherHost | Cast | Vlan
Node: TypeAlias = And | Or | Not | Inner | Condition | Remark | Stream | Frame | Relation


def parts(node: Node) -> Iterator[Node | Value]:
    """The node and everything below it."""
    left: list[Node | Value] = [node]
    while left:
        found = left.pop()
        yield found
        match found:
            case And(a, b) | Or(a, b):
                left += [b, a]
            case Not(of) | Inner(of):
                left.append(of)
            case Relation(_, x, y) | Computed(_, x, y):
                left += [y, x]
            case Bytes(at=at):
                left.append(at)
