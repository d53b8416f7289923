"""Tunnels as the listings of a host have them: `ip tunnel show` beside the interfaces' own lines."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runs.analysis.domain.places import same_place
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Interface, Interfaces, Tunnel

TUNNEL_KINDS = ("tunnel", "ipip", "gre", "sit")


class NamedTunnel(NamedTuple):
    """A tunnel with a remote end, where it is named, and whether its interface is up (None: no listing says)."""

    name: str
    remote: str
    by: Fact
    place: Citation
    is_up: bool | None
    state_at: Citation | None


def tunnels(settings: Iterable[Tunnel], listings: Iterable[Interfaces]) -> Iterator[NamedTunnel]:
    """Each tunnel of each listing; one without a remote end is left out."""
    listings = list(listings)
    for t in settings:
        if t.remote:
            found = next(((i, x) for x in listings if same_place(x, t) for i in x.interfaces if i.name == t.name), None)
            state_at = Citation(found[1].file, lines=(found[0].line,)) if found else None
            yield NamedTunnel(t.name, t.remote, t, Citation(t.file, lines=(t.line,)), is_up(found[0]) if found else None, state_at)
    for listing in listings:
        for i in listing.interfaces:
            if i.peer and i.kind and i.kind.startswith(TUNNEL_KINDS):
                place = Citation(listing.file, lines=(i.line,))
                yield NamedTunnel(i.name, i.peer, listing, place, is_up(i), place)


def is_up(interface: Interface) -> bool | None:
    """Whether a listing shows an interface as up; None where it shows neither flags nor state."""
    if interface.flags:
        return "UP" in interface.flags
    return None if interface.state in (None, "UNKNOWN") else interface.state == "UP"
