"""Reads a tar as one pass over a stream: ustar, GNU and pax (POSIX.1-2017, 'pax'; GNU tar manual, appendix D).

Names, sizes and links are taken after pax and GNU extensions have replaced them, so that no extension passes by a check.
Permissions, owners and times are not used.
"""

import io
from collections.abc import Iterator

from runs.analysis.bundle.entries import CUT, DAMAGED, DAMAGED_ARCHIVE, LINK, ONLY_PART, SPARSE, SPECIAL, Found
from runs.analysis.bundle.limits import MAX_HEADER_BYTES, TOO_LARGE, Budget, BundleError, MemberError
from runs.analysis.bundle.streams import StreamError, read_exactly, read_up_to, skip
from runs.analysis.messages import Text, plain

BLOCK_BYTES = 512
_ZEROS = b"\0" * BLOCK_BYTES
_REGULAR = (b"0", b"\0", b"7")  # 7: contiguous, read as regular
_LINKS = (b"1", b"2")


def looks_like_tar(block: bytes) -> bool:
    """Whether 512 bytes are a tar header: its checksum, which counts the checksum's own field as blanks."""
    if len(block) < BLOCK_BYTES or block == _ZEROS:
        return False
    stated = _octal(block[148:156])
    return stated is not None and stated == sum(block[:148]) + 8 * 0x20 + sum(block[156:512])


def _octal(field: bytes) -> int | None:
    """A number of a header: octal digits, or base 256 where the first bit is set; None where it is neither."""
    if field[:1] in (b"\x80", b"\xff"):
        value = int.from_bytes(field[1:], "big")
        return value if field[:1] == b"\x80" else None
    digits = field.partition(b"\0")[0].strip() or b"0"
    try:
        return int(digits, 8) if digits.isdigit() else None  # int() would take '-17' and '1_7' too
    except ValueError:
        return None


class _Data(io.RawIOBase):
    """The data of one member. Raises MemberError where the archive ends inside it."""

    def __init__(self, stream: io.RawIOBase, size_bytes: int) -> None:
        self._stream, self.left_bytes = stream, size_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        most = min(len(buffer), self.left_bytes)
        if not most:
            return 0
        try:
            data = self._stream.read(most)
        except StreamError as error:
            raise MemberError(CUT() if error.cut else DAMAGED(how=plain("compressed data"))) from error
        if not data:
            raise MemberError(CUT())
        self.left_bytes -= len(data)
        buffer[: len(data)] = data
        return len(data)


class TarReader:
    """Yields the members of a tar stream in their order."""

    def __init__(self, stream: io.RawIOBase, budget: Budget) -> None:
        self._stream, self._budget = stream, budget
        self._count = 0
        self.problems: list[Text] = []

    def found(self) -> Iterator[Found]:
        """Each member once. Raises BundleError where not even the first can be read."""
        try:
            yield from self._members()
        except StreamError as error:
            if not self._count:
                raise BundleError(DAMAGED_ARCHIVE()) from error
            self.problems.append(ONLY_PART(count=self._count))

    def _members(self) -> Iterator[Found]:
        extended: dict[bytes, bytes] = {}
        extended_bytes = 0
        while True:
            header = read_up_to(self._stream, BLOCK_BYTES)
            if header == _ZEROS:
                return
            if not looks_like_tar(header):
                raise StreamError(cut=len(header) < BLOCK_BYTES)
            size = _octal(header[124:136])
            if size is None:
                raise StreamError(cut=False)
            kind = header[156:157]
            self._budget.take_entry()  # extensions too, so that an endless chain of them ends
            if kind in (b"x", b"g", b"X", b"L", b"K"):
                extended_bytes += size
                if extended_bytes > MAX_HEADER_BYTES:  # of one member, however many headers they come in
                    raise StreamError(cut=False)
                extended |= self._extension(kind, size)
                continue
            if extended.get(b"size", b"").isdigit():
                size = int(extended[b"size"][:20])
            data = _Data(self._stream, size)
            if kind != b"5":
                yield self._found(header, kind, extended, data)
            skip(self._stream, data.left_bytes + -size % BLOCK_BYTES)
            self._count += kind != b"5"
            extended, extended_bytes = {}, 0

    def _extension(self, kind: bytes, size: int) -> dict[bytes, bytes]:
        """What an extended header says of the next member. Raises StreamError where it is damaged."""
        data = read_exactly(self._stream, size)
        skip(self._stream, -size % BLOCK_BYTES)
        if kind in (b"L", b"K"):
            return {b"path" if kind == b"L" else b"linkpath": data.partition(b"\0")[0]}
        return {} if kind == b"g" else _pax_records(data)  # a path or size for all members would be nonsense

    def _found(self, header: bytes, kind: bytes, extended: dict[bytes, bytes], data: _Data) -> Found:
        name = header[:100].partition(b"\0")[0]
        if header[257:263] == b"ustar\0" and header[345]:
            name = header[345:500].partition(b"\0")[0] + b"/" + name
        name = extended.get(b"GNU.sparse.name", extended.get(b"path", name))
        refusal = None
        if kind in _LINKS:
            refusal = LINK()
        elif kind == b"S" or any(key.startswith(b"GNU.sparse.") for key in extended):
            refusal = SPARSE()
        elif kind not in _REGULAR:
            refusal = SPECIAL()
        elif data.left_bytes > self._budget.limits.max_file_bytes:
            refusal = TOO_LARGE(most=self._budget.limits.max_file_bytes)
        return Found(name, data.left_bytes, lambda: data, refusal)


def _pax_records(data: bytes) -> dict[bytes, bytes]:
    """'length key=value\n' records. Raises StreamError where a length makes no sense."""
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        digits = data[at : at + 12].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        if length < len(digits) + 3 or at + length > len(data):
            raise StreamError(cut=False)
        key, _, value = data[at + len(digits) + 1 : at + length - 1].partition(b"=")
        records[key] = value
        at += length
    return records
