"""MAP-E parameters as notes, tables, commands and configurations state them."""

from typing import ClassVar, Literal

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message

Layout = Literal["rfc7597", "draft03"]


class StatedPorts(msgspec.Struct, frozen=True):
    """A block of ports that a document names, both ends included."""

    first: int
    last: int
    line: int


class MapEParameters(Fact, frozen=True, kw_only=True):
    """The parameters of one line as one place states them. A line is 0 where the place does not say."""

    evidence_name: ClassVar[Message] = message("evidence.map_e_parameters", en="MAP-E parameters", ja="MAP-E のパラメータ")

    stated_in: Literal["table", "text", "command", "tunnel", "configuration"]
    ce_address: str | None = None
    ce_line: int = 0
    br_address: str | None = None  # the border relay: where the tunnel ends
    br_line: int = 0
    dmr: str | None = None  # the default mapping rule's address: not the border relay
    dmr_line: int = 0
    ipv4_address: str | None = None  # shared
    ipv4_line: int = 0
    psid: int | None = None
    psid_line: int = 0
    psid_length: int | None = None  # bits
    psid_length_line: int = 0
    psid_offset: int | None = None  # bits
    psid_offset_line: int = 0
    ports: tuple[StatedPorts, ...] = ()
    block_count: int | None = None  # of all blocks, where the place says how many there are
    block_count_line: int = 0
    port_count: int | None = None
    port_count_line: int = 0
    layout: Layout | None = None  # of the CE address: which of the two fits, and agrees with the stated IPv4 where there is one
    decoded_ipv4: str | None = None  # from the CE address
    decoded_psid: int | None = None
    ipv4_agrees: bool | None = None  # None: nothing to compare with
    psid_agrees: bool | None = None
    from_notes: bool = False  # a person's document names it; else it is what a device uses

    @property
    def known_psid(self) -> int | None:
        """The PSID as stated, else as the CE address holds it."""
        return self.psid if self.psid is not None else self.decoded_psid

    @property
    def lines(self) -> tuple[int, ...]:
        """Every line that states a parameter."""
        found = {self.ce_line, self.br_line, self.dmr_line, self.ipv4_line, self.psid_line, self.psid_length_line}
        found |= {self.psid_offset_line, self.block_count_line, self.port_count_line, *(block.line for block in self.ports)}
        return tuple(sorted(found - {0}))
