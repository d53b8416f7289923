"""The grammar of values behind qualifiers: addresses, networks, ports, protocol numbers."""

from ipaddress import ip_address, ip_network

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.arithmetic import Arithmetic
from runs.analysis.domain.filters.cursor import Qualifiers
from runs.analysis.domain.filters.port_names import protocol_of
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.domain.filters.vocabulary import (
    ADDRESS,
    BAD_NETWORK,
    IP_PROTOCOLS,
    LINK_PROTOCOLS,
    NO_DIRECTION,
    NO_NAMES,
    NO_PORT,
    NO_PORT_OF,
    NO_PROTOCOL,
    NOT_OF,
    NOT_SUPPORTED,
    WITH_PORTS,
)
from runs.analysis.domain.services import port_of
from runs.analysis.packets.schema import PROTOCOL_NAMES

LARGEST_OCTET, LARGEST_ETHERTYPE = 255, 65_535


class Qualified(Arithmetic):
    """Reads one value, given what stands before it."""

    def value(self, q: Qualifiers) -> tree.Condition:
        """The value at hand. Raises FilterError."""
        token = self.now
        if not token.kind:
            raise self.wrong(ADDRESS)
        if q.type in ("port", "portrange"):
            return self.port(q)
        if q.type == "proto":
            return self.protocol_number(q)
        if q.type in ("gateway", "protochain"):
            raise FilterError(NOT_SUPPORTED(text=q.type), token.position)
        if q.protocol == "ether" or token.kind == "mac":
            return self.ether_host(q)
        if q.protocol is not None and q.protocol not in ("ip", "ip6", "arp", "rarp"):
            raise FilterError(NOT_OF(protocol=q.protocol, what=q.type), token.position)
        return self.network(q)

    def ether_host(self, q: Qualifiers) -> tree.EtherHost:
        """Six octets: `00:1b:21:3c:4d:5e`, with `-`, or in the form `001b.213c.4d5e`."""
        token = self.take()
        if token.kind != "mac" or q.type != "host" or q.protocol not in ("ether", None):
            raise FilterError(NO_NAMES(text=token.text), token.position)
        if "." in token.text:
            octets = bytes.fromhex(token.text.replace(".", ""))
        else:
            octets = bytes(int(part, 16) for part in token.text.replace("-", ":").split(":"))
        return tree.EtherHost(octets, q.direction, token.position)

    def network(self, q: Qualifiers) -> tree.Network:
        """`10.0.0.1`, `10.0.0.0/8`, `10.1` (its first octets), `10.0.0.0 mask 255.0.0.0`, `2001:db8::/32`."""
        token = self.take()
        if token.kind not in ("ipv4", "ipv6", "number"):
            raise FilterError(NO_NAMES(text=token.text), token.position)
        text = token.text
        try:
            if token.kind == "number" and q.type == "host" and "/" not in text:
                text = f"{ip_address(int(text, 0))}/32"
            elif token.kind != "ipv6":
                base, _, length = text.partition("/")
                octets = base.split(".")
                text = f"{'.'.join(octets + ['0'] * (4 - len(octets)))}/{length or self.mask() or 8 * len(octets)}"
            found = ip_network(text, strict=False)
        except ValueError:
            raise FilterError(BAD_NETWORK(text=token.text), token.position) from None
        if q.protocol is not None and (found.version == 6) != (q.protocol == "ip6"):
            raise FilterError(NOT_OF(protocol=q.protocol, what=token.text), token.position)
        return tree.Network(str(found), q.direction, q.protocol, self.vlans)

    def mask(self) -> str:
        """What stands behind the word `mask`; '' where it does not stand here."""
        return self.take().text if self.take_if("mask") else ""

    def port(self, q: Qualifiers) -> tree.Port:
        """`80`, `http`, of `portrange` also `8000-8080`."""
        token = self.take()
        if q.protocol is not None and q.protocol not in WITH_PORTS:
            raise FilterError(NO_PORT_OF(protocol=q.protocol), token.position)
        is_range = token.kind == "range" and q.type == "portrange"
        first, last = (port_of(part) for part in (token.text.split("-") if is_range else (token.text, token.text)))
        if first is None or last is None:
            raise FilterError(NO_PORT(text=token.text), token.position)
        protocol = q.protocol or protocol_of(token.text)
        return tree.Port(min(first, last), max(first, last), q.direction, protocol, self.vlans)

    def protocol_number(self, q: Qualifiers) -> tree.Condition:
        """`6`, `\\tcp`; of `ether` an ethertype."""
        token = self.take()
        name = token.text.removeprefix("\\")
        if q.direction != "either":
            raise FilterError(NO_DIRECTION(what="proto"), token.position)
        if q.protocol not in (None, "ip", "ip6", "ether"):
            raise FilterError(NOT_OF(protocol=q.protocol, what="proto"), token.position)
        is_ether = q.protocol == "ether"
        names = LINK_PROTOCOLS if is_ether else {**{n: i for i, n in PROTOCOL_NAMES.items()}, **IP_PROTOCOLS}
        number = names.get(name)
        if token.kind == "number" and "/" not in name:
            number = int(name, 16) if name[:2] in ("0x", "0X") else int(name)
        if number is None or number > (LARGEST_ETHERTYPE if is_ether else LARGEST_OCTET):
            raise FilterError(NO_PROTOCOL(text=token.text), token.position)
        if is_ether:
            return tree.EtherProtocol(number, self.vlans)
        return tree.IpProtocol(number, q.protocol, self.vlans)
