"""Interfaces, tunnels and static routes of a VyOS or EdgeOS configuration, from its settings."""

from collections.abc import Sequence
from typing import Any

from runs.analysis.facts.network import Route
from runs.analysis.facts.router import ConfiguredInterface, ConfiguredTunnel, Setting

MAX_INTERFACES = 5_000
MAX_ROUTES = 20_000
_TUNNEL = {
    "encapsulation": "encapsulation", "source-interface": "device", "dhcp-interface": "device",
    "source-address": "local", "local-ip": "local", "remote": "remote", "remote-ip": "remote",
}  # fmt: skip


def read_interfaces(settings: Sequence[Setting]) -> tuple[ConfiguredInterface, ...]:
    """Each interface, a VLAN of it apart."""
    found: dict[str, dict[str, Any]] = {}
    for words, line in _interface_words(settings):
        kind, name, rest = words[0], words[1], words[2:]
        while len(rest) > 1 and rest[0] in ("vif", "vif-s", "vif-c"):
            name, rest = f"{name}.{rest[1]}", rest[2:]
        if name not in found and len(found) >= MAX_INTERFACES:
            continue
        one = found.setdefault(name, {"line": line, "kind": kind, "addresses": [], "dhcpv6_options": []})
        if len(rest) > 1 and rest[0] == "address":
            one["addresses"].append((rest[1], line))
        elif rest[:2] == ("ipv6", "address") and len(rest) > 2:
            one["addresses"].append((" ".join(rest[2:]), line))
        elif rest[:1] == ("dhcpv6-options",) or rest[:1] == ("dhcpv6-pd",):
            one["dhcpv6_options"].append((" ".join(rest[1:]), line))
        elif rest[:1] == ("description",):
            one["description"] = " ".join(rest[1:])[:300]
        elif len(rest) > 1 and rest[0] == "mtu" and rest[1].isdigit():
            one["mtu"] = int(rest[1][:6])
        elif rest == ("disable",):
            one["disabled"] = True
    return tuple(
        ConfiguredInterface(
            name=name, **{**one, "addresses": tuple(one["addresses"]), "dhcpv6_options": tuple(one["dhcpv6_options"])}
        )
        for name, one in found.items()
    )


def read_tunnels(settings: Sequence[Setting]) -> tuple[ConfiguredTunnel, ...]:
    """Each tunnel interface."""
    found: dict[str, dict[str, Any]] = {}
    for words, line in _interface_words(settings):
        if words[0] not in ("tunnel", "ipv6-tunnel") or (words[1] not in found and len(found) >= MAX_INTERFACES):
            continue
        one, rest = found.setdefault(words[1], {"line": line, "addresses": []}), words[2:]
        if len(rest) > 1 and rest[0] in _TUNNEL:
            field = _TUNNEL[rest[0]]
            one[field] = rest[1]
            if field in ("local", "remote"):
                one[f"{field}_line"] = line
        elif len(rest) > 1 and rest[-2] == "encaplimit":
            one["encapsulation_limit"] = rest[-1]
        elif len(rest) > 1 and rest[0] == "address":
            one["addresses"].append((rest[1], line))
    return tuple(ConfiguredTunnel(name=name, **{**one, "addresses": tuple(one["addresses"])}) for name, one in found.items())


def _interface_words(settings: Sequence[Setting]) -> list[tuple[tuple[str, ...], int]]:
    return [(s.words[1:], s.line) for s in settings if s.words[:1] == ("interfaces",) and len(s.words) > 2]


def read_static_routes(settings: Sequence[Setting]) -> tuple[Route, ...]:
    """`protocols static route PREFIX next-hop|interface|blackhole …`, IPv4 and IPv6, VyOS and EdgeOS."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for setting in settings:
        words = setting.words
        if words[:2] != ("protocols", "static") or len(words) < 4 or len(found) >= MAX_ROUTES:
            continue
        form, prefix, rest = words[2], words[3], words[4:]
        if form not in ("route", "route6", "interface-route", "interface-route6") or not rest:
            continue
        key = (prefix, rest[1] if len(rest) > 1 else rest[0])
        one = found.setdefault(key, {"line": setting.line, "destination": prefix})
        if rest[0] == "next-hop":
            one["via"] = rest[1] if len(rest) > 1 else None
            if len(rest) > 3 and rest[2] == "interface":
                one["device"] = rest[3]
        elif rest[0] in ("interface", "next-hop-interface"):
            one["device"] = rest[1] if len(rest) > 1 else None
        elif rest[0] in ("blackhole", "reject"):
            one["kind"] = "blackhole" if rest[0] == "blackhole" else "unreachable"
        if len(rest) > 2 and rest[-2] == "distance" and rest[-1].isdigit():
            one["metric"] = int(rest[-1][:6])
    return tuple(Route(protocol="static", **one) for one in found.values())
