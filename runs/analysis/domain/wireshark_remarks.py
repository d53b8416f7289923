"""Wireshark's TCP remarks in a packet list, collected by remark."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runs.analysis.domain.wireshark_info import Info, Remark
from runs.analysis.facts.stated_remarks import StatedRemark
from runs.analysis.packets.schema import REMARK_BITS, REMARKS

MAX_LISTED = 50
_WORDS = {remark.name: remark.words for remark in REMARKS}


@dataclass
class _Seen:
    words: str
    first_ns: int
    last_ns: int
    count: int = 0
    numbers: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refers_to: dict[int, None] = field(default_factory=dict)


class Remarks:
    """Collects the remarks of one list."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def add(self, cells: Mapping[str, str], info: Info, line: int, ts_ns: int) -> None:
        """Look at a row."""
        found = list(info.remarks)
        found += [Remark(name, _WORDS[name], None) for name in cells.get("remarks", "").split() if name in REMARK_BITS]
        for remark in found:
            seen = self._seen.setdefault(remark.name, _Seen(remark.words, ts_ns, ts_ns))
            seen.count += 1
            seen.last_ns = ts_ns
            if len(seen.lines) < MAX_LISTED:
                number = cells.get("number", "")
                seen.numbers.append(int(number) if number.isdecimal() and len(number) < 10 else 0)
                seen.lines.append(line)
            if remark.of is not None and len(seen.refers_to) < MAX_LISTED:
                seen.refers_to[remark.of] = None

    def facts(self) -> list[StatedRemark]:
        """One fact for each remark, in the order in which they appear."""
        return [
            StatedRemark(
                name=name,
                words=seen.words,
                count=seen.count,
                numbers=tuple(seen.numbers),
                lines=tuple(seen.lines),
                refers_to=tuple(seen.refers_to),
                first_ns=seen.first_ns,
                last_ns=seen.last_ns,
            )
            for name, seen in self._seen.items()
        ]
