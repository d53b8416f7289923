"""Sequence numbers as tcpdump prints them, made absolute again.

tcpdump prints numbers relative to the first segment with ACK that it saw of a connection, which it prints absolute itself;
segments without ACK stay absolute, and `-S` leaves all as they are. Source: print-tcp.c, 'record the initial sequence numbers'.
A text whose beginning was cut has relative numbers from its first line on: their base is unknown, so they stand as they are.
"""

from dataclasses import dataclass, field

_MASK = 0xFFFFFFFF
_SMALL = 1 << 24  # the first numbers of a cut text are hardly larger; an absolute number is below it once in 256
MAX_CONNECTIONS = 500_000
End = tuple[str, int | None]


@dataclass
class _Connection:
    """Bases of both directions: what is added to a relative number. `absolute`: the text prints no relative numbers."""

    bases: dict[End, int]
    absolute: bool | None = None
    following: dict[End, int] = field(default_factory=dict)  # the number after the last one seen: that of a segment without any
    acknowledged: dict[End, int] = field(default_factory=dict)  # by each side, last: that of a line that was cut before its ack


class Sequences:
    """Remembers the bases of each connection."""

    def __init__(self) -> None:
        self._known: dict[frozenset[End], _Connection] = {}

    def absolute(
        self, source: End, destination: End, flags: int, sequence: int | None, ack: int | None, length: int
    ) -> tuple[int | None, int | None]:
        """The segment's numbers, absolute. A segment without data has no sequence number in print: it has the one that is next."""
        key = frozenset((source, destination))
        known = self._known.get(key)
        if flags & 16:
            if known is not None and not flags & 2:
                sequence, ack = _made_absolute(known, source, destination, sequence, ack)
            elif ack is not None:
                known = self._first(key, source, destination, flags, sequence, ack)
        if known is not None:
            if ack is not None:
                known.acknowledged[source] = ack
            elif flags & 16:
                ack = known.acknowledged.get(source)
            if sequence is None:
                sequence = known.following.get(source)
            else:
                following = (sequence + length + (flags & 1) + (flags >> 1 & 1)) & _MASK
                last = known.following.get(source)
                if last is None or flags & 2 or (following - last) & _MASK < 1 << 31:
                    known.following[source] = following
        return sequence, ack

    def quoted(self, source: End, destination: End, flags: int, sequence: int | None) -> int | None:
        """The absolute number of a segment that an ICMP error quotes; it is printed relative to the same base."""
        known = self._known.get(frozenset((source, destination)))
        if known is None or sequence is None or flags & 2:
            return sequence
        return _made_absolute(known, source, destination, sequence, None)[0]

    def _first(self, key: frozenset[End], source: End, destination: End, flags: int, sequence: int | None, ack: int) -> _Connection:
        if len(self._known) >= MAX_CONNECTIONS:
            self._known.clear()
        if not flags & 2 and (sequence or 0) < _SMALL and ack < _SMALL:
            made = _Connection({}, absolute=True)  # a cut text: relative to a base that is not there
        else:
            made = _Connection({destination: (ack - 1) & _MASK})
            if sequence is not None:
                made.bases[source] = sequence
            made.following[destination] = ack
        self._known[key] = made
        return made


def _made_absolute(
    known: _Connection, source: End, destination: End, sequence: int | None, ack: int | None
) -> tuple[int | None, int | None]:
    base, other = known.bases.get(source), known.bases.get(destination)
    if known.absolute is None and other is not None and ack:
        known.absolute = (ack - other) & _MASK < ack  # nearer to the base than to 0: printed with -S
    if known.absolute:
        return sequence, ack
    if sequence is not None and base is not None:
        sequence = (sequence + base) & _MASK
    if other is not None and ack is not None:
        ack = (ack + other) & _MASK
    return sequence, ack
