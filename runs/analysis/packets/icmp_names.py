"""ICMP and ICMPv6 types and codes in Wireshark's manner (IANA's registries; RFC 792, RFC 4443, RFC 4861)."""

from runs.analysis.packets.schema import ICMPV6

_V4 = {
    0: "Echo (ping) reply", 3: "Destination unreachable", 4: "Source quench", 5: "Redirect", 8: "Echo (ping) request",
    9: "Router advertisement", 10: "Router solicitation", 11: "Time-to-live exceeded", 12: "Parameter problem",
    13: "Timestamp request", 14: "Timestamp reply",
}  # fmt: skip
_UNREACHABLE = {
    0: "Network unreachable", 1: "Host unreachable", 2: "Protocol unreachable", 3: "Port unreachable", 4: "Fragmentation needed",
    5: "Source route failed", 6: "Network unknown", 7: "Host unknown", 9: "Network administratively prohibited",
    10: "Host administratively prohibited", 11: "Network unreachable for TOS", 12: "Host unreachable for TOS",
    13: "Communication administratively filtered", 14: "Host precedence violation", 15: "Precedence cutoff in effect",
}  # fmt: skip
_V6 = {
    1: "Destination Unreachable", 2: "Packet Too Big", 3: "Time Exceeded", 4: "Parameter Problem", 128: "Echo (ping) request",
    129: "Echo (ping) reply", 130: "Multicast Listener Query", 131: "Multicast Listener Report", 132: "Multicast Listener Done",
    133: "Router Solicitation", 134: "Router Advertisement", 135: "Neighbor Solicitation", 136: "Neighbor Advertisement",
    137: "Redirect", 143: "Multicast Listener Report v2",
}  # fmt: skip
_UNREACHABLE_V6 = {
    0: "no route to destination", 1: "Administratively prohibited", 2: "Beyond scope of source address", 3: "Address unreachable",
    4: "Port unreachable", 5: "Source address failed ingress/egress policy", 6: "Reject route to destination",
}  # fmt: skip


def icmp_name(protocol: int, kind: int, code: int) -> str:
    """'Destination unreachable (Port unreachable)'; 'Type 42, code 0' for what has no name here."""
    names, codes, unreachable = (_V6, _UNREACHABLE_V6, 1) if protocol == ICMPV6 else (_V4, _UNREACHABLE, 3)
    name = names.get(kind)
    if name is None:
        return f"Type {kind}, code {code}"
    if kind == unreachable:
        return f"{name} ({codes.get(code, f'code {code}')})"
    return name
