"""The base of all facts, and the small things that facts are made of: stamps, endpoints, citations."""

from typing import ClassVar

import msgspec

from runs.analysis.messages import Message, message

SECOND_NS = 1_000_000_000


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing that a file says. Bounded in number: never one per packet or per log line (those are table rows).

    A parser leaves `file` empty: facts are kept by content, and the same bytes may lie in several runs. The pipeline fills it in.
    """

    evidence_name: ClassVar[Message] = message("evidence.fact", en="evidence", ja="証跡")
    """What this fact is called in 'not evaluable: no … in the bundle'."""

    of_packets: ClassVar[bool] = False
    """Whether it is made of packets: of a text that only shows a capture of the run such facts are not counted again."""

    file: str = ""  # path in the bundle, '/' separated; filled by the pipeline
    segment: int = 0  # first line of the part of the file that it comes from; 0: the whole file; filled by the pipeline
    host: str | None = None  # host the evidence was taken on, where a prompt or heading names it

    def wall_window(self) -> "WallWindow | None":
        """The first and last time of this fact on the file's own clock face; None where it has no times."""
        return None


def as_prescribed(fact: Fact) -> Fact:
    """A fact that a document's commands state: marked, where its kind can also be read from a host's own listing."""
    return msgspec.structs.replace(fact, prescribed=True) if hasattr(fact, "prescribed") else fact


class WallWindow(msgspec.Struct, frozen=True):
    """A stretch of time on a file's own clock face."""

    first_ns: int
    last_ns: int
    zone: str | None = None  # as stated
    has_date: bool = True
    month_day: tuple[int, int] | None = None  # of the midnight that times count from, where the year alone is missing


class Stamp(msgspec.Struct, frozen=True):
    """A time as the file says it; made into UTC by the run's clocks (`domain/times.py`), never here."""

    wall_ns: int  # ns since 1970-01-01 00:00 of the file's own clock face; since midnight where the date is missing
    zone: str | None = None  # 'Z', '+09:00' or an IANA name where the file states it
    has_date: bool = True
    precision_ns: int = SECOND_NS  # the last digit written
    approximate: bool = False  # '23:26頃', 'about 30 minutes later'


class Endpoint(msgspec.Struct, frozen=True):
    """One end of a conversation: numeric address (or a host name where the text has nothing else) and port."""

    address: str
    port: int | None = None

    def __str__(self) -> str:
        shown = f"[{self.address}]" if ":" in self.address and self.port is not None else self.address
        return shown if self.port is None else f"{shown}:{self.port}"


class Citation(msgspec.Struct, frozen=True):
    """Where a sentence's proof stands: frames of a capture or physical lines of a text, both counted from 1.

    Neither frames nor lines: the file as a whole.
    """

    file: str
    frames: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
