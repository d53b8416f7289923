"""Connections on both sides of a NAT as the report has them: each side with its place in its capture."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.translation import TranslatedPair
from runs.analysis.report import TranslatedSide, Translation

MOST_TRANSLATIONS = 2_000


def both_sides(case: Case) -> Iterator[Translation]:
    """Connections on both sides of a NAT."""
    pairs = case.all(TranslatedPair)[:MOST_TRANSLATIONS]
    known = {c.id: c for c in case.all(Conversation)} if pairs else {}
    for pair in pairs:
        inner, outer = (
            TranslatedSide(id=c.id, file=c.file, part=c.segment, row=c.row, originator=c.originator, responder=c.responder)
            for c in (known[pair.inner], known[pair.outer])
        )
        yield Translation(inner=inner, outer=outer, citations=pair.places)
