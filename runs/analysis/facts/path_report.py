"""What mtr and pathping measure: loss and round-trip times of every hop."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class PathHop(msgspec.Struct, frozen=True, kw_only=True):
    """One hop over all probes. Loss at a hop that later hops do not share is the hop's own rate limit, no loss on the path."""

    line: int
    number: int
    address: str | None = None  # None: it never answered
    name: str | None = None
    others: tuple[str, ...] = ()  # further places that answered at this hop
    loss_permille: int = 0
    link_loss_permille: int = 0  # on the link before it; pathping alone tells it
    sent: int = 0
    average_ns: int | None = None  # None: the column was not printed, or nobody answered
    best_ns: int = 0
    worst_ns: int = 0


class PathReport(Fact, frozen=True, kw_only=True):
    """One run of mtr or pathping."""

    evidence_name: ClassVar[Message] = message("evidence.path_report", en="a path measured (mtr)", ja="経路の計測 (mtr)")

    target: str | None
    hops: tuple[PathHop, ...] = ()
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
