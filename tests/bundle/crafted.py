"""Archives as bytes, made field by field: whole ones by the standard library, hostile ones by hand."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

LINK_MODE, FIFO_MODE = 0o120777, 0o010644


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A sound zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tar_of(files: Mapping[str, bytes], mode: str = "w", **options: object) -> bytes:
    """A sound tar, compressed as `mode` says."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            archive.addfile(tar_info(name, data), io.BytesIO(data))
    return out.getvalue()


def tar_info(name: str, data: bytes = b"", **fields: object) -> tarfile.TarInfo:
    """A member with fields set at will."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def tar_of_infos(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of members as they are given."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_member(
    name: bytes,
    data: bytes,
    *,
    declared: int | None = None,
    flags: int = 0,
    mode: int = 0o100644,
    system: int = 3,
    method: int = 8,
    packed: bytes | None = None,
    crc: int | None = None,
) -> tuple[bytes, bytes]:
    """A member's local part and its directory record (offset 0, patched by `zip_of_members`)."""
    if packed is None:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflate.compress(data) + deflate.flush() if method == 8 else data
    size = len(data) if declared is None else declared
    crc = zlib.crc32(data) if crc is None else crc
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0x5D74, crc, len(packed), size, len(name), 0)
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", system << 8 | 20, 20, flags, method, 0, 0x5D74, crc, len(packed), size,
        len(name), 0, 0, 0, 0, mode << 16, 0,
    )  # fmt: skip
    return local + name + packed, central + name


def zip_of_members(*members: tuple[bytes, bytes], before: bytes = b"") -> bytes:
    """A zip of members as they are given. `before`: bytes put in front of it."""
    body, directory = b"", b""
    for local, central in members:
        directory += central[:42] + struct.pack("<I", len(body)) + central[46:]
        body += local
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return before + body + directory + end


CAPTURE = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
"""A capture without a packet: enough for its first bytes to say what it is."""
