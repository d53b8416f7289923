"""Devices by the names that documents and hosts give them, and the addresses of their interfaces."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import Message, message


class DeviceAddress(msgspec.Struct, frozen=True):
    """A MAC or link-local address, in its normal form, and where it is said to be the device's."""

    address: str
    place: Citation


class Device(Fact, frozen=True, kw_only=True):
    """A device of the run (`file` is the first that names it)."""

    evidence_name: ClassVar[Message] = message(
        "evidence.device", en="a table of devices with their MAC addresses", ja="機器と MAC アドレスの対応表"
    )

    name: str  # as written
    macs: tuple[DeviceAddress, ...] = ()
    link_locals: tuple[DeviceAddress, ...] = ()
