"""Connections that the evidence shows on both sides of a NAT, as the report lists them."""

import msgspec

from runs.analysis.facts.base import Citation, Endpoint


class TranslatedSide(msgspec.Struct, frozen=True, kw_only=True):
    """One side's conversation: its row in the capture's table (`part`: first line of a text's segment, 0 for captures)."""

    id: str
    file: str
    part: int = 0
    row: int
    originator: Endpoint
    responder: Endpoint


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """A connection on two sides of a NAT, and what shows that they are one."""

    inner: TranslatedSide
    outer: TranslatedSide
    citations: tuple[Citation, ...]

    def beside(self, id: str) -> TranslatedSide | None:
        """The other side of a conversation; None where it is none of the two."""
        return self.outer if self.inner.id == id else self.inner if self.outer.id == id else None
