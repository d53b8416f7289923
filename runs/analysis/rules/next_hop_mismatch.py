"""A next hop is called one device, and its address belongs to another.

Claim: a document calls a link-local address a device's (in a sentence about the way, a table's row, a route's command), while the MAC address
that it is made of (modified EUI-64) is listed as another device's, or the neighbour table resolves it to another device's MAC. Packets
then go to that other device. `certain` where a neighbour table or a host's own listing shows it, else `firm`.

Silent for link-local addresses that are made otherwise (stable privacy, set by hand) unless a neighbour table resolves them; for sentences
that name both devices, or speak of the mix-up itself; for MACs that nothing names.

Refuted by: a neighbour table on the sending host that resolves the next hop to the device that was meant.

Source: RFC 4291 appendix A (modified EUI-64); RFC 4861 (neighbour discovery).
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.eui64 import LINK_LOCAL, mac_of, normal_link_local, normal_mac
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.devices import Device
from runs.analysis.facts.network import Neighbours, RoutingTable
from runs.analysis.facts.notes import Note, ShellCommand
from runs.analysis.facts.router import RouterConfig
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

NEAR = 60  # characters between a device's name and the address that it is called
_WAY = re.compile(r"\bvia\b|経由|next[- ]?hop|ネクストホップ|経路|ルート|\broute|default", re.IGNORECASE)
_BESIDE = re.compile(r"[\s`'\"(（「『\[=:：→は]*|\s*(?:is|at)\s*")
_MIX_UP = re.compile(
    r"取り違え|誤り|誤って|間違|ではな[くい]|勘違い|思っていた|\bnot\b|mistak|wrong|instead of|mix(?:ed)?[- ]?up|confus",
    re.IGNORECASE,
)

TITLE = message("next_hop_mismatch", en="A next hop is another device", ja="ネクストホップが別の機器")
OTHER = message(
    "next_hop_mismatch.title",
    en="{address} is called {named}, and it is {owner}.",
    ja="{address} は {named} とされているが、実際は {owner} のアドレス。",
)
CALLED = message("next_hop_mismatch.called", en="Here it is called {named}.", ja="ここでは {named} とされている。")
MADE_OF = message(
    "next_hop_mismatch.made_of",
    en="The address is made of the MAC {mac} (EUI-64), which is listed as {owner}.",
    ja="このアドレスは MAC {mac} から作られたもの（EUI-64）で、その MAC は {owner} のものとして載っている。",
)
RESOLVED = message(
    "next_hop_mismatch.resolved",
    en="The neighbour table resolves it to {mac}, which is listed as {owner}.",
    ja="近隣テーブルでは {mac} に解決されており、その MAC は {owner} のものとして載っている。",
)
USED = message("next_hop_mismatch.used", en="Routes lead to it.", ja="経路がこのアドレスを指している。")
IS = message(
    "next_hop_mismatch.is", en="Next hop {address} is {owner} (MAC {mac}).", ja="ネクストホップ {address} は {owner}（MAC {mac}）。"
)
REFUTE = message(
    "next_hop_mismatch.refute",
    en="A neighbour table that resolves {address} to {named}.",
    ja="近隣テーブルで {address} が {named} に解決されれば覆る。",
)
NEIGH = message(
    "next_hop_mismatch.neigh", en="Resolve the next hop on the sending host.", ja="送信側のホストでネクストホップを解決する。"
)


class Naming(NamedTuple):
    """An address, the device that it is called, and where."""

    address: str
    named: Device
    place: Citation


class Owner(NamedTuple):
    """The device that an address belongs to: by which MAC, and what proves it."""

    device: Device
    mac: str
    proof: Statement
    is_certain: bool


@rule(
    title=TITLE,
    domain="network",
    topics=["routing", "address-resolution", "map-e"],
    needs=[Device],
    uses=[Neighbours, RoutingTable, RouterConfig, Note, ShellCommand],
    collect="ip -6 neigh show; ip -6 route show; ip link",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each address that is called another device than it is."""
    by_mac: dict[str, list[tuple[Device, Citation]]] = {}
    for device in case.all(Device):
        for mac in device.macs:
            by_mac.setdefault(mac.address, []).append((device, mac.place))
    used = _used(case)
    wrong: dict[tuple[str, str], tuple[Naming, Owner, list[Citation]]] = {}
    for naming in _namings(case):
        owner = _owner(case, naming.address, by_mac)
        if owner is not None and not _same(owner.device, naming.named):
            wrong.setdefault((naming.address, naming.named.name), (naming, owner, []))[2].append(naming.place)
    for naming, owner, places in wrong.values():
        yield _found(naming, owner, places, used.get(naming.address, []))
    if not wrong:
        right = [(a, o, p) for a, p in used.items() if (o := _owner(case, a, by_mac)) is not None]
        told = [statement(IS(address=a, owner=o.device.name, mac=o.mac), *p[:3], *o.proof.citations) for a, o, p in right]
        if told:
            yield Excluded(statements=once(told))


def _same(a: Device, b: Device) -> bool:
    """Whether two names can be one device: equal, one within the other, or with a MAC in common."""
    first, second = a.name.casefold(), b.name.casefold()
    return first in second or second in first or bool({m.address for m in a.macs} & {m.address for m in b.macs})


def _owner(case: Case, address: str, by_mac: dict[str, list[tuple[Device, Citation]]]) -> Owner | None:
    """Whose address it is: by a neighbour table, else by the MAC in it. None where unknown, or two devices have that MAC."""
    for listing in case.all(Neighbours):
        for one in listing.neighbours:
            mac = normal_mac(one.mac) if one.mac else None
            if mac in by_mac and mac is not None and normal_link_local(one.address) == address:
                device, place = by_mac[mac][0]
                proof = statement(RESOLVED(mac=mac, owner=device.name), Citation(listing.file, lines=(one.line,)), place)
                return Owner(device, mac, proof, True) if len(by_mac[mac]) == 1 else None
    mac = mac_of(address)
    if mac is None or len(by_mac.get(mac, ())) != 1:
        return None
    device, place = by_mac[mac][0]
    return Owner(device, mac, statement(MADE_OF(mac=mac, owner=device.name), place), False)


def _namings(case: Case) -> Iterator[Naming]:
    """Every place that calls an address a device's: rows and lines about devices, sentences about the way, commands."""
    devices = case.all(Device)
    for device in devices:
        for one in device.link_locals:
            yield Naming(one.address, device, one.place)
    sentences = [(n.file, s.line, s.text) for n in case.all(Note) for s in (*n.statements, *n.succeeded, *n.learned, *n.actions)]
    sentences += [(c.file, c.line, c.text) for c in case.all(ShellCommand)]
    for file, line, text in sentences:
        text = text[:1000]
        if _MIX_UP.search(text) is not None:
            continue
        for match in LINK_LOCAL.finditer(text):
            address, named = normal_link_local(match[1]), _named(text, match.start(), match.end(), devices)
            if address is not None and named is not None:
                yield Naming(address, named, Citation(file, lines=(line,)))


def _named(text: str, start: int, end: int, devices: Sequence[Device]) -> Device | None:
    """The one device that a sentence names beside an address; None where it names several or none."""
    folded = text.casefold()
    found = [(folded.find(d.name.casefold()), d) for d in devices]
    found = [(at, d) for at, d in found if at >= 0 and (len(d.name) > 2 or not d.name.isascii())]
    inside = [d for _, d in found if not any(d is not o and d.name.casefold() in o.name.casefold() for _, o in found)]
    if len(inside) != 1:
        return None
    at, length = next((at, len(d.name)) for at, d in found if d is inside[0])
    apart = start - (at + length) if at < start else at - end
    beside = at < start and _BESIDE.fullmatch(text[at + length : start]) is not None
    of_the_way = _WAY.search(text[:at] + text[at + length :]) is not None  # a device may be called a gateway
    return inside[0] if beside or (of_the_way and apart <= NEAR) else None


def _used(case: Case) -> dict[str, list[Citation]]:
    """Link-local next hops of routes in force and in configurations, with their places."""
    found: dict[str, list[Citation]] = {}
    routes = [(t.file, r) for t in case.all(RoutingTable) for r in t.routes]
    routes += [(c.file, r) for c in case.all(RouterConfig) if not c.prescribed for r in c.static_routes]
    for file, route in routes:
        address = normal_link_local(route.via) if route.via else None
        if address is not None:
            found.setdefault(address, []).append(Citation(file, lines=(route.line,)))
    return found


def _found(naming: Naming, owner: Owner, places: Sequence[Citation], used: Sequence[Citation]) -> Found:
    told = [statement(CALLED(named=naming.named.name), *places[:10]), owner.proof]
    if used:
        told.append(statement(USED(), *used[:10]))
    return Found(
        outcome="fail",
        severity="high" if used else "medium",
        confidence="certain" if owner.is_certain else "firm",
        title=OTHER(address=naming.address, named=naming.named.name, owner=owner.device.name),
        statements=tuple(told),
        subject={"address": naming.address, "named": naming.named.name.casefold()},
        endpoints=(RoleEndpoint("router", Endpoint(naming.address)),),
        refuted_by=REFUTE(address=naming.address, named=naming.named.name),
        next_actions=(Action(NEIGH(), f"ip -6 neigh show {quoted(naming.address)}"),),
    )
