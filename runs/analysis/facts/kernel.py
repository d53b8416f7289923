"""Settings of the kernel that decide what becomes of packets."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class KernelSetting(msgspec.Struct, frozen=True):
    """A line of `sysctl`."""

    line: int
    name: str  # 'net.ipv4.ip_forward', dotted
    value: str  # as written, blanks alike


class KernelSettings(Fact, frozen=True, kw_only=True):
    """One listing of `sysctl`, whole or in part."""

    evidence_name: ClassVar[Message] = message(
        "evidence.kernel_settings", en="the kernel's settings (sysctl)", ja="カーネル設定 (sysctl)"
    )

    settings: tuple[KernelSetting, ...] = ()  # the first 20,000
    command: str | None = None
    first_line: int = 1
    last_line: int = 1

    def value(self, name: str) -> KernelSetting | None:
        """The setting of this name; the last one where it stands twice, as the kernel has it."""
        return next((one for one in reversed(self.settings) if one.name == name), None)
