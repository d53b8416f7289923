"""Kernels that read numbers from bytes. The caller has checked that the bytes are there."""

from typing import Any

from runs.analysis.packets.jit import kernel

Bytes = Any  # u1 array in compiled kernels, memoryview in plain ones: both give integers by index


@kernel
def be16(data: Bytes, at: int) -> int:
    """Big-endian 16-bit number."""
    return int(data[at]) << 8 | int(data[at + 1])


@kernel
def be32(data: Bytes, at: int) -> int:
    """Big-endian 32-bit number."""
    return int(data[at]) << 24 | int(data[at + 1]) << 16 | int(data[at + 2]) << 8 | int(data[at + 3])


@kernel
def le16(data: Bytes, at: int) -> int:
    """Little-endian 16-bit number."""
    return int(data[at]) | int(data[at + 1]) << 8


@kernel
def le32(data: Bytes, at: int) -> int:
    """Little-endian 32-bit number."""
    return int(data[at]) | int(data[at + 1]) << 8 | int(data[at + 2]) << 16 | int(data[at + 3]) << 24


@kernel
def u16(data: Bytes, at: int, is_big: bool) -> int:
    """16-bit number of the capture's byte order."""
    return be16(data, at) if is_big else le16(data, at)


@kernel
def u32(data: Bytes, at: int, is_big: bool) -> int:
    """32-bit number of the capture's byte order."""
    return be32(data, at) if is_big else le32(data, at)
