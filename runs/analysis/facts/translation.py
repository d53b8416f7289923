"""Address translation: two conversations that are one connection, seen on both sides of a NAT."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import Message, message


class TranslatedPair(Fact, frozen=True, kw_only=True):
    """A connection on two sides of a NAT (`file`: of the inner one)."""

    evidence_name: ClassVar[Message] = message(
        "evidence.translated_pair", en="a connection on both sides of a NAT", ja="NAT の両側で採取した接続"
    )

    inner: str  # id of the conversation on the private side, or on that where its packets came first
    outer: str
    translates: tuple[Literal["source", "destination"], ...]  # seen from the originator
    by: tuple[Literal["numbers", "table"], ...]  # both sides' initial sequence numbers; a line of connection tracking
    places: tuple[Citation, ...]
