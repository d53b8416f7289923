"""Which process holds an endpoint, by the socket listings of its host (ss -p, netstat -p, lsof).

A socket that is bound to the very address names it, but for loopback addresses, which every host has: those and sockets on all addresses count only
where the listing's host is known to own the address, or where all listings are of one host. Two processes on one end: nobody knows which.
"""

from collections.abc import Iterable, Sequence

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.places import same_host
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.network import Interfaces
from runs.analysis.facts.process import ProcessIds
from runs.analysis.facts.sockets import Listener, SocketTable
from runs.analysis.report import Finding, PortOwner, RoleEndpoint

ANY = ("*", "0.0.0.0", "::")  # noqa: S104  # what listings print, nothing is bound here
Holder = tuple[Fact, str, str | None, int | None, int]  # listing, address as bound, process, pid, line


def with_processes(case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, their endpoints with the processes that hold them where the evidence names one."""
    by_port = _holders(case)
    if not by_port:
        return list(findings)
    owners: dict[Endpoint, PortOwner | None] = {}

    def named(one: RoleEndpoint) -> RoleEndpoint:
        if one.endpoint not in owners:
            owners[one.endpoint] = _owner(case, one.endpoint, by_port.get(one.endpoint.port or 0, ()))
        owner = owners[one.endpoint]
        return one if owner is None else msgspec.structs.replace(one, process=owner)

    return [msgspec.structs.replace(f, endpoints=tuple(named(e) for e in f.endpoints)) for f in findings]


def _holders(case: Case) -> dict[int, list[Holder]]:
    """The sockets whose process is known, by local port."""
    found: dict[int, list[Holder]] = {}
    for listener in case.all(Listener):
        if listener.process or listener.pid:
            found.setdefault(listener.port, []).append((listener, listener.address, listener.process, listener.pid, listener.line))
    for table in case.all(SocketTable):
        for socket in table.sockets:
            if (socket.process or socket.pid) and socket.local.port:
                found.setdefault(socket.local.port, []).append(
                    (table, socket.local.address, socket.process, socket.pid, socket.line)
                )
    return found


def _owner(case: Case, end: Endpoint, holders: Iterable[Holder]) -> PortOwner | None:
    holding = [h for h in holders if _holds(case, h, end)]
    if len({(process, pid) for _, _, process, pid, _ in holding if process or pid}) != 1:
        return None
    fact, _, process, pid, line = holding[0]
    files = [c for ids in case.all(ProcessIds) for c in _pid_places(ids, pid)]
    return PortOwner(process=process, pid=pid, citations=(Citation(fact.file, lines=(line,)), *files[:2]))


def _pid_places(ids: ProcessIds, pid: int | None) -> list[Citation]:
    return [Citation(ids.file, lines=(line,)) for one, line in zip(ids.pids, ids.lines, strict=True) if one == pid]


def _holds(case: Case, holder: Holder, end: Endpoint) -> bool:
    """Whether a socket holds an endpoint, by its address and by whose host it is."""
    listing, address = holder[0], holder[1].partition("%")[0]
    is_loopback = end.address == "::1" or end.address.startswith("127.")
    if address == end.address and not is_loopback:
        return True
    is_any = address == "*" or (address in ANY and (":" in address) == (":" in end.address))
    if not is_any and address != end.address:
        return False
    owning = [i for i in case.all(Interfaces) if any(a.address == end.address for n in i.interfaces for a in n.addresses)]
    if is_loopback:
        return len(_hosts(case)) == 1
    return any(same_host(i, listing) for i in owning)


def _hosts(case: Case) -> set[str | None]:
    """The hosts that listings and addresses are of."""
    return {f.host for kind in (Listener, SocketTable, Interfaces) for f in case.all(kind)}
