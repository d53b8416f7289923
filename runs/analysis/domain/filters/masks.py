"""Apply a filter to a capture: one bool a frame, and the filter's own words `remark`, `stream` and `frame`.

Frames whose columns tell everything are judged by columns, the others by their bytes as libpcap's program reads them: exact, and fast
at millions of frames. A frame whose captured bytes end where the filter looks is not selected.
"""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.by_bytes import ByBytes
from runs.analysis.domain.filters.by_columns import by_columns
from runs.analysis.domain.filters.chunk import Chunk, Networks, stretches
from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.header_bytes import HeaderBytes, known_column
from runs.analysis.domain.filters.innermost import innermost
from runs.analysis.domain.filters.octets import Octets
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.domain.filters.values import RELATIONS, headers_read, numbers_of
from runs.analysis.domain.filters.vocabulary import IP_PROTOCOLS
from runs.analysis.messages import message
from runs.analysis.packets.link import ETHERNET, LINUX_SLL, LINUX_SLL2
from runs.analysis.packets.schema import REMARK_BITS

NEEDS_BYTES = message(
    "filter.needs_bytes",
    en="“{text}” needs the bytes of the frames, which are not at hand.",
    ja="「{text}」にはフレームのバイト列が必要だが、ここにはない。",
)
NO_ETHERNET = message(
    "filter.no_ethernet",
    en="“{text}” needs Ethernet; this capture has none.",
    ja="「{text}」は Ethernet が対象だが、このキャプチャにはない。",
)


def select(node: tree.Node | None, frames: Frames) -> Array:
    """Whether each frame fits (bool, one a frame); no node: all do.

    Raises FilterError where the filter asks for bytes or addresses that this capture does not have, OSError where it cannot be read.
    """
    found = np.ones(len(frames), bool)
    if node is None:
        return found
    refuse_unanswerable(node, frames)
    networks = Networks(frames.addresses)
    with Octets(frames.origin) as octets:
        for start, stop in stretches(frames.packets, frames.has_bytes):
            chunk = Chunk(frames.packets, start, stop, octets, networks)
            found[start:stop] = _selected(node, frames, chunk)
    return found


def _selected(node: tree.Node, frames: Frames, chunk: Chunk) -> Array:
    regular = frames.regular(chunk)
    if regular is None:
        everyone = np.ones(len(chunk), bool)
        return chunk.alive(_Judge(frames, chunk, True, False).truth(node, everyone))
    by_column = _Judge(frames, chunk, True, False).truth(node, regular)
    return chunk.alive(by_column | _Judge(frames, chunk, False, False).truth(node, ~regular))


def refuse_unanswerable(node: tree.Node, frames: Frames) -> None:
    """Raise FilterError where the filter asks for what this capture does not hold."""
    linktypes = set(frames.linktypes.tolist())
    for part in tree.parts(node):
        match part:
            case tree.Bytes() if not frames.has_bytes and known_column(part) is None:
                raise FilterError(NEEDS_BYTES(text=f"{part.protocol}[…]"), part.position)
            case tree.EtherHost() | tree.Cast(layer="ether"):
                text = "ether host" if isinstance(part, tree.EtherHost) else part.kind
                allowed = {ETHERNET} if isinstance(part, tree.EtherHost) else {ETHERNET, LINUX_SLL, LINUX_SLL2}
                if not frames.has_bytes:
                    raise FilterError(NEEDS_BYTES(text=text), part.position)
                if not linktypes & allowed:
                    raise FilterError(NO_ETHERNET(text=text), part.position)


class _Judge(NamedTuple):
    """Judges the frames of one chunk in one way: by columns or by bytes, outermost or innermost headers."""

    frames: Frames
    chunk: Chunk
    is_regular: bool
    is_inner: bool

    def truth(self, node: tree.Node, active: Array) -> Array:
        """Which of the active frames fit. A later condition looks only at frames that the earlier ones leave open."""
        spine: list[tree.And | tree.Or] = []
        while isinstance(node, (tree.And, tree.Or)):  # chains lean to the left: no recursion along them
            spine.append(node)
            node = node.left
        found = self._one(node, active)
        for parent in reversed(spine):
            if isinstance(parent, tree.And):
                found = self.truth(parent.right, found) if found.any() else found
            else:
                found = found | self.truth(parent.right, self.chunk.alive(active & ~found))
        return found

    def _one(self, node: tree.Node, active: Array) -> Array:
        match node:
            case tree.Not(of):
                return self.chunk.alive(active & ~self.truth(of, active))
            case tree.Inner(of):
                return self._replace(is_inner=True).truth(of, active)
            case tree.Relation():
                return self._relation(node, active)
            case tree.Remark(name):
                remarks = self.chunk.column("remarks")
                return np.asarray(active & (remarks != 0 if name == "any" else remarks & np.uint32(REMARK_BITS[name]) != 0))
            case tree.Frame(first, last):
                found = np.zeros(len(active), bool)
                wanted = slice(max(0, first - 1 - self.chunk.start), max(0, last - self.chunk.start))
                found[wanted] = active[wanted]
                return found
            case tree.Stream():
                stream = self.chunk.column("stream")
                found = (stream >= node.first) & (stream <= node.last)
                return np.asarray(active & found & (self.chunk.column("protocol") == IP_PROTOCOLS[node.protocol]))
            case tree.And() | tree.Or():
                return self.truth(node, active)
            case _:
                return self._condition(node, active)

    def _condition(self, node: tree.Condition, active: Array) -> Array:
        if self.is_inner:
            found = innermost(node, self.chunk)
            return self._by_bytes(node, active) if found is None else active & found
        if not self.is_regular:
            return self._by_bytes(node, active)
        found = by_columns(node, self.chunk)
        if found is None:
            return self._by_bytes(node, active) if self.frames.has_bytes else np.zeros(len(active), bool)
        found = active & found
        vlans = 0 if isinstance(node, tree.EtherHost) else node.vlans
        if vlans and self.frames.has_bytes:  # behind a tag that is not there libpcap reads whatever stands there
            fewer = active & (self.chunk.column("vlan_count") < vlans)
            if fewer.any():
                found |= self._by_bytes(node, fewer)
        return found

    def _by_bytes(self, node: tree.Condition, active: Array) -> Array:
        found = np.zeros(len(active), bool)
        found[ByBytes(self.frames, self.chunk).test(node, np.flatnonzero(active))[0]] = True
        return self.chunk.alive(found)

    def _relation(self, node: tree.Relation, active: Array) -> Array:
        read = HeaderBytes(ByBytes(self.frames, self.chunk), self.is_regular, self.is_inner)
        rows = np.flatnonzero(active)
        for value in (node.left, node.right):
            for header in headers_read(value):
                rows = read.guard(header, rows)
        found = np.zeros(len(active), bool)
        if len(rows):
            left, right = (numbers_of(value, rows, self.chunk, read.read) for value in (node.left, node.right))
            found[rows] = RELATIONS[node.sign](left, right)
        return self.chunk.alive(found)
