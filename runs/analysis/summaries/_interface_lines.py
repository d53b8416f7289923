"""What the summaries of interfaces say: which are up, with which addresses, what is unusual about them, and their counters."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Interface, Interfaces
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries._counter_lines import counter_lines

MOST = 5
USUAL_MTU = (1500, 65536, 16384)
UP = message("interfaces.summary_up", en="Up: {names:list}.", ja="稼働中：{names:list}。")
DOWN = message("interfaces.summary_down", en="Down: {names:list}.", ja="停止：{names:list}。")
MTU = message("interfaces.summary_mtu", en="MTU {mtu} on {name}.", ja="{name} の MTU は {mtu}。")
TENTATIVE = message(
    "interfaces.summary_tentative", en="{address} on {name} is {flags:list}.", ja="{name} の {address} は {flags:list}。"
)
TUNNEL = message("interfaces.summary_tunnel", en="Tunnel {name}: {local} → {peer}.", ja="トンネル {name}：{local} → {peer}。")
_BAD = ("tentative", "dadfailed", "deprecated", "duplicated")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    seen: dict[tuple[str | None, str], Interface] = {}
    for listing in (f for f in facts if isinstance(f, Interfaces)):
        for one in listing.interfaces:
            known = seen.get((listing.host, one.name))
            seen[listing.host, one.name] = one if known is None else _joined(known, one)
    found = [one for one in seen.values() if "LOOPBACK" not in one.flags and not one.name.startswith("lo")]
    up = [one for one in found if one.state != "DOWN" and one.state != "LOWERLAYERDOWN"]
    down = [one for one in found if one not in up]
    if up:
        names = [" ".join([one.name, *_addresses(one)]) for one in up[:MOST]]
        yield Statement(UP(names=names), (Citation(file.path, lines=tuple(one.line for one in up[:MOST])),))
    if down:
        yield Statement(
            DOWN(names=[one.name for one in down[:10]]), (Citation(file.path, lines=tuple(one.line for one in down[:10])),)
        )
    for one in found[:50]:
        place = (Citation(file.path, lines=(one.line,)),)
        if one.local and one.peer:
            yield Statement(TUNNEL(name=one.name, local=one.local, peer=one.peer), place)
        if one.mtu is not None and one.mtu not in USUAL_MTU and one in up:
            yield Statement(MTU(mtu=one.mtu, name=one.name), place)
        for address in one.addresses:
            flags = [flag for flag in address.flags if flag in _BAD]
            if flags:
                said = TENTATIVE(address=address.address, name=one.name, flags=flags)
                yield Statement(said, (Citation(file.path, lines=(address.line,)),))
    yield from counter_lines(file, facts)


def _joined(first: Interface, second: Interface) -> Interface:
    """One interface out of two listings of it: `ip -br addr` has the addresses, `ip link` the MTU. The line is where the MTU stands."""
    line = first.line if first.mtu is not None or second.mtu is None else second.line
    mtu = first.mtu if first.mtu is not None else second.mtu
    return replace(first, line=line, addresses=first.addresses or second.addresses, mtu=mtu, flags=first.flags or second.flags)


def _addresses(one: Interface) -> list[str]:
    shown = [a for a in one.addresses if not a.address.lower().startswith("fe80")]
    return [f"{a.address}/{a.prefix_length}" for a in shown[:2]]
