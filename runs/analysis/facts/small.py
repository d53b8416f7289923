"""Small files that say one thing: checksums, exit codes, versions, the date."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact, Stamp
from runs.analysis.messages import Message, message


class Checksum(msgspec.Struct, frozen=True):
    """A file's digest as listed, in lower-case hexadecimal digits."""

    path: str  # as listed
    algorithm: str  # 'md5', 'sha1', 'sha256', 'sha512'
    digest: str
    line: int


class Checksums(Fact, frozen=True, kw_only=True):
    """A list of digests, to be held against the files of the bundle."""

    evidence_name: ClassVar[Message] = message("evidence.checksums", en="a list of checksums", ja="チェックサムの一覧")

    entries: tuple[Checksum, ...] = ()


class ExitCode(Fact, frozen=True, kw_only=True):
    """How a command ended, as a script or a person wrote it down."""

    evidence_name: ClassVar[Message] = message("evidence.exit_code", en="a command's exit code", ja="コマンドの終了コード")

    code: int
    line: int
    label: str | None = None  # what stands before it: 'curl', 'exit_code'


class SoftwareVersion(Fact, frozen=True, kw_only=True):
    """A program, kernel or system and its version."""

    evidence_name: ClassVar[Message] = message("evidence.software_version", en="a version string", ja="バージョン情報")

    name: str  # 'Linux', 'curl', 'Docker'
    version: str
    line: int
    detail: str | None = None  # the line as printed


class NotedDate(Fact, frozen=True, kw_only=True):
    """What `date` printed: a clock of the host against which others can be held."""

    evidence_name: ClassVar[Message] = message("evidence.noted_date", en="the date of a host", ja="ホストの日時")

    stamp: Stamp
    line: int
