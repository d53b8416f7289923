"""The frame list's queries: pages of the frames that a filter selects, fast at any place of millions of frames.

A page is asked for by a frame (keyset), never by a count of pages. What a filter selected is kept packed, one bit a frame, under the
names of what it was applied to; these never change, so nothing kept grows stale.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np

from runs.analysis.case import table_name
from runs.analysis.columns import Array, Table
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.octets import Origin
from runs.analysis.domain.filters.selection import Everything, Selection
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.packets.conversations import frames_of
from runs.analysis.packets.dumps import dumped_capture
from runs.models import EvidenceFile
from runs.services import storage
from runs.services.capture_view import said_of

PAGE_FRAMES = 100
KEPT_SELECTIONS_BYTES = 64 << 20
KEPT_FRAMES = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Page(NamedTuple):
    """A page of the frame list. Frames count from 1; None: there is no such page."""

    rows: Array  # indexes into `packets` (i8), rising
    selected_count: int  # frames that the filter selects
    before: int  # of them, how many stand before the first of this page
    previous: int | None  # frame: ask for the page that ends before this one by (frame, 'back')
    next: int | None  # frame: ask for the page after this one by (frame, 'on')


Wanted = str | Selection | Everything


class Kept(Generic[K, V]):
    """The values used last, within a bound; each of a size. Safe for threads; a value may be made twice at the same time."""

    def __init__(self, bound: int) -> None:
        self._bound, self._size, self._lock = bound, 0, Lock()
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K, make: Callable[[], V], size_of: Callable[[V], int]) -> V:
        """The value of the key, made where it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value, size_of(value)
                self._size += size_of(value)
            while self._size > self._bound and len(self._values) > 1:
                self._size -= self._values.popitem(last=False)[1][1]
        return value


_selections: Kept[tuple[str, str], Selection] = Kept(KEPT_SELECTIONS_BYTES)
_frames: Kept[str, "CaptureFrames | None"] = Kept(KEPT_FRAMES)


@dataclass(frozen=True)
class CaptureFrames:
    """The frames of a capture (or of a text of one), with filters applied to them. `name` tells its content."""

    name: str
    frames: Frames
    conversations: Table | None

    @cached_property
    def everything(self) -> Everything:
        """All frames."""
        return Everything(len(self.frames))

    def selection(self, text: str) -> Selection | Everything:
        """The frames that a filter selects. Raises FilterError, OSError."""
        node = parse(text)
        return self.everything if node is None else self.selected_by(node, " ".join(text.split()))

    def selection_of(self, rows: Array) -> Selection:
        """A selection of these rows (from 0), for pages of frames that are known otherwise."""
        mask = np.zeros(len(self.frames), bool)
        mask[rows[(rows >= 0) & (rows < len(mask))]] = True
        return Selection(mask)

    def selected_by(self, node: tree.Node, text: str) -> Selection:
        """The frames of a filter that is parsed already; `text` is what it is kept under."""
        return _selections.get((self.name, text), lambda: Selection(select(node, self.frames)), lambda found: found.nbytes)

    def among(self, text: str, name: str, rows: Callable[[], Array]) -> Selection:
        """The frames of a filter that are also among these rows (from 0), which `name` stands for. Raises FilterError, OSError."""

        def make() -> Selection:
            mask = np.zeros(len(self.frames), bool)
            mask[rows()] = True
            node = parse(text)
            return Selection(mask if node is None else mask & select(node, self.frames))

        return _selections.get((f"{self.name} {name}", " ".join(text.split())), make, lambda found: found.nbytes)

    def page(self, wanted: Wanted = "", frame: int = 1, direction: Literal["on", "back"] = "on", size: int = PAGE_FRAMES) -> Page:
        """The page of the wanted frames (a filter, or a selection) from this frame on, or that ends before this frame.

        Behind the last one the last page is given. Raises FilterError, OSError.
        """
        selection = self.selection(wanted) if isinstance(wanted, str) else wanted
        rank = selection.rank(frame - 1)
        if direction == "back" or rank == len(selection):
            rank = max(0, rank - size)
        return _page(selection, rank, size)

    def page_with(self, frame: int, wanted: Wanted = "", size: int = PAGE_FRAMES) -> Page:
        """The page, of those that follow one another from the first frame, that holds this frame or the next one wanted."""
        selection = self.selection(wanted) if isinstance(wanted, str) else wanted
        rank = min(selection.rank(frame - 1), max(0, len(selection) - 1))
        return _page(selection, rank // size * size, size)

    def before_and_after(self, frame: int) -> tuple[int | None, int | None]:
        """The frames before and after this one in its conversation. Raises IndexError."""
        if not 1 <= frame <= len(self.frames):
            raise IndexError(f"no frame {frame}")
        row = int(self.frames.packets["conversation"][frame - 1])
        if row < 0 or self.conversations is None:
            return None, None
        rows = frames_of(self.frames.packets, self.conversations, row)
        at = int(np.searchsorted(rows, frame - 1))
        return (int(rows[at - 1]) + 1 if at > 0 else None, int(rows[at + 1]) + 1 if at + 1 < len(rows) else None)


def capture_frames(file: EvidenceFile, first_line: int = 0) -> CaptureFrames | None:
    """The frames of a file (or of its segment that begins in this line); None where it has none."""
    if not file.artefact:
        return None
    name = f"{file.artefact}/{table_name('packets', first_line)}"
    return _frames.get(name, lambda: _open(file, name, first_line), lambda _: 1)


def _open(file: EvidenceFile, name: str, first_line: int) -> CaptureFrames | None:
    packets, addresses, conversations, octets = (
        storage.open_table(file.artefact, table_name(n, first_line)) for n in ("packets", "addresses", "conversations", "bytes")
    )
    if packets is None:
        return None
    if addresses is None:
        addresses = Table({"version": np.zeros(0, "u1"), "address": np.zeros((0, 16), "u1")})
    capture = said_of(file, first_line)[0]
    linktypes = [interface.linktype for interface in capture.interfaces]
    sha256 = str(file.blob_id)
    origin: Origin = (lambda: storage.blob_path(sha256)) if octets is None else dumped_capture(octets)
    if not linktypes or ("line" in packets and octets is None):  # a text that dumps no frames has no bytes
        return CaptureFrames(name, Frames(packets, addresses), conversations)
    return CaptureFrames(name, Frames(packets, addresses, linktypes, origin, capture.byte_order), conversations)


def _page(selection: Selection | Everything, first: int, size: int) -> Page:
    rows = selection.rows(first, size)
    following = selection.rows(first + len(rows), 1)
    return Page(
        rows=rows,
        selected_count=len(selection),
        before=first,
        previous=int(rows[0]) + 1 if first > 0 and len(rows) else None,
        next=int(following[0]) + 1 if len(following) else None,
    )
