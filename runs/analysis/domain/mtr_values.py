"""A hop of mtr from its columns: 'Loss%', 'Snt', 'Avg' … in whatever order `-o` put them."""

import re
from collections.abc import Mapping

from runs.analysis.domain.ping_target import is_address
from runs.analysis.facts.path_report import PathHop

COLUMNS = frozenset(
    ["Loss%", "Drop", "Rcv", "Snt", "Last", "Best", "Avg", "Wrst", "StDev", "Gmean", "Jttr", "Javg", "Jmax", "Jint"]
)
_SILENT = ("???", "(waiting for reply)", "No response from host", "")
_BOTH = re.compile(r"(?P<name>\S+) \((?P<address>[0-9A-Fa-f.:%]+)\)$")


def mtr_hop(line: int, number: int, where: str, values: Mapping[str, str]) -> PathHop:
    """A hop; `where` is an address, a name, both ('gw (192.0.2.1)'), or what is printed for nobody. Times are ms, loss is %."""
    where = where.strip()
    both = _BOTH.match(where)
    name, address = (both["name"], both["address"]) if both is not None else (where, None)
    if name in _SILENT:
        name, address = None, None
    elif address is None and is_address(name):
        name, address = None, name
    sent, received = _count(values.get("Snt")), _count(values.get("Rcv"))
    loss = _thousandths(values.get("Loss%") or values.get("Loss"))
    if loss is None and sent and received is not None:
        loss = 100_000 * (sent - received) // sent
    times = {key: _thousandths(values.get(key)) for key in ("Avg", "Best", "Wrst")}
    return PathHop(
        line=line,
        number=number,
        address=address,
        name=name if name != address else None,
        loss_permille=(loss or 0) // 100,
        sent=sent or 0,
        average_ns=_ns(times["Avg"]),
        best_ns=_ns(times["Best"]) or 0,
        worst_ns=_ns(times["Wrst"]) or 0,
    )


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text[:9]) if text.isdigit() else None


def _ns(thousandths: int | None) -> int | None:
    return None if thousandths is None else thousandths * 1_000


def _thousandths(text: str | None) -> int | None:
    """A decimal number, with or without '%', times 1,000."""
    match = re.fullmatch(r"\s*(\d{1,9})(?:\.(\d*))?%?\s*", text or "")
    return int(match[1]) * 1000 + int((match[2] or "")[:3].ljust(3, "0")) if match is not None else None
