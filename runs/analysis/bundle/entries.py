"""What a bundle is made of: members that can be read as streams, and members that are refused by name."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from runs.analysis.messages import Text, message

LINK = message(
    "bundle.link",
    en="A link; links are not followed. Copy the files themselves: tar --dereference",
    ja="リンクである。リンクはたどらない。実体を固める: tar --dereference",
)
SPECIAL = message(
    "bundle.special_file",
    en="Not a regular file: a device, FIFO or socket.",
    ja="通常ファイルではない (デバイス、FIFO、ソケット)。",
)
SPARSE = message(
    "bundle.sparse_file",
    en="A sparse file; pack it again without --sparse.",
    ja="スパース形式である。--sparse を付けずに固め直す。",
)
ENCRYPTED = message(
    "bundle.encrypted_file",
    en="Encrypted; it cannot be read without its password. Upload it without encryption.",
    ja="暗号化されているため読めない。暗号化せずに送る。",
)
METHOD = message(
    "bundle.method", en="Packed by a method that is not supported ({method}).", ja="対応していない圧縮方式 ({method}) である。"
)
DAMAGED = message("bundle.damaged_file", en="Damaged in the archive: {how}.", ja="書庫の中で壊れている: {how}。")
CUT = message(
    "bundle.cut_file", en="Cut off: the archive ends inside this file.", ja="途中で切れている。書庫がこのファイルの途中で終わる。"
)
UNREADABLE = message("bundle.unreadable_file", en="Cannot be read ({reason}).", ja="読めない ({reason})。")

ONLY_PART = message(
    "bundle.only_part",
    en="The archive is cut off or damaged: only part of it is here, "
    "{count:count} whole {count:plural:member|members} before that place.",
    ja="書庫が途中で切れているか壊れている。壊れた箇所の手前の {count:count} 項目のみの、一部の束である。",
)
DAMAGED_ARCHIVE = message(
    "bundle.damaged_archive",
    en="The archive is damaged or cut off; nothing in it can be read.",
    ja="書庫が壊れているか途中で切れており、何も読めない。",
)


@dataclass(frozen=True)
class Found:
    """A member as a reader finds it, before its name is judged. `raw_name`: bytes as stored. `refusal`: why it cannot be read."""

    raw_name: bytes
    size_bytes: int | None = None
    open: Callable[[], io.RawIOBase] | None = None
    refusal: Text | None = None
    backslashes: bool = False  # packed on a system whose separator is '\'
    local: Path | None = None
    packed_bytes: int | None = None  # compressed size, where the member has one of its own


class Reader(Protocol):
    """Reads one form of bundle and counts its members. `found` raises BundleError; `problems` grow while it runs."""

    problems: list[Text]

    def found(self) -> Iterator[Found]: ...


@dataclass(frozen=True)
class Member:
    """A regular file. Its stream can be opened once, before the next entry is asked for.

    Reading raises MemberError (this file is refused, the others go on) or BundleError (all of it is).
    """

    path: str
    size_bytes: int | None  # as declared; None: unknown
    open: Callable[[], io.RawIOBase]
    local: Path | None = None  # where the file lies on disk already
    remark: Text | None = None  # that it was renamed


@dataclass(frozen=True)
class Refused:
    """A member that is listed and not taken."""

    path: str
    message: Text


Entry = Member | Refused
