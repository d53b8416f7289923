"""Writes a member's stream to disk under a name of our own, its SHA-256 taken on the way."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runs.analysis.bundle.entries import Member

CHUNK_BYTES = 256 << 10


@dataclass(frozen=True)
class Stored:
    """A whole file on disk."""

    path: Path
    sha256: str
    size_bytes: int


def spool(member: Member, to: Path) -> Stored:
    """The member's bytes in the new file `to`. Raises MemberError or BundleError; then nothing is left of the file."""
    try:
        with to.open("xb") as out, member.open() as stream:
            sha256, size_bytes = copy_hashed(stream, out)
    except BaseException:
        to.unlink(missing_ok=True)
        raise
    return Stored(to, sha256, size_bytes)


def copy_hashed(stream: BinaryIO | io.RawIOBase, out: BinaryIO | None) -> tuple[str, int]:
    """SHA-256 in hexadecimal and length in bytes of the rest of a stream, written to `out` where there is one."""
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        if out is not None:
            out.write(chunk)
    return digest.hexdigest(), size_bytes
