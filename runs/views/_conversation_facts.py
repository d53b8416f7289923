"""The facts of a conversation in words: history, handshake, windows, who closed it and how, its remarks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets import schema
from runs.analysis.report import Report
from runs.models import EvidenceFile
from runs.services.conversation_view import Opened
from runs.views._capture_words import state_words
from runs.views._packets import REMARK_WORDS

_LETTERS: dict[str, str | Promise] = {
    "S": "SYN",
    "H": "SYN+ACK",
    "A": gettext_lazy("ACK without data"),
    "D": gettext_lazy("data"),
    "F": "FIN",
    "R": "RST",
    "T": gettext_lazy("data sent again"),
    "W": gettext_lazy("window of 0"),
    "G": gettext_lazy("a gap in the capture"),
}


class Letter(NamedTuple):
    """A letter of Zeek's history, and what it says."""

    letter: str
    words: str


class RemarkCount(NamedTuple):
    """How often a remark stands in the conversation: by both sides, and its word in the filter language."""

    words: str
    frames: tuple[int, int]
    severity: str
    filter: str

    @property
    def total(self) -> int:
        return sum(self.frames)


def history(fact: Conversation) -> list[Letter]:
    """The letters of the history, each explained: upper case the originator's, lower case the responder's."""
    made = []
    for letter in fact.history if fact.protocol == "tcp" else "":
        who = _("originator") if letter.isupper() else _("responder")
        made.append(Letter(letter, f"{who}: {_LETTERS.get(letter.upper(), letter)}"))
    return made


def remark_counts(opened: Opened, conversation: int) -> list[RemarkCount]:
    """The remarks of the conversation, the commonest first."""
    counts = opened.conversations["remark_counts"][conversation]
    made = [
        RemarkCount(str(REMARK_WORDS[one.name]), (int(counts[0][n]), int(counts[1][n])), one.severity, one.name.replace("_", "-"))
        for n, one in enumerate(schema.REMARKS)
        if counts[0][n] or counts[1][n]
    ]
    return sorted(made, key=lambda one: -one.total)


def window_scaling(opened: Opened, conversation: int) -> str:
    """'× 1,024 / × 128', or why it is not known."""
    scales = opened.pair("window_scales", conversation)
    if -1 in scales:
        return _("not known: no SYN captured")
    if -2 in scales:
        return _("not used")
    return " / ".join(f"×\u00a0{1 << shift:,}" for shift in scales)


def roles(report: Report | None, fact: Conversation) -> tuple[str, str]:
    """The roles that the report gives the two endpoints, '' where it gives none."""
    known = {str(e.endpoint): e.role for f in (report.findings if report else ()) for e in f.endpoints}
    found = (known.get(str(fact.originator), ""), known.get(str(fact.responder), ""))
    return found if found != ("originator", "responder") else ("", "")


def facts_of(opened: Opened, conversation: int, report: Report | None) -> dict[str, Any]:
    """Context of `_conversation_facts.html`."""
    fact = opened.fact(conversation)
    is_tcp = fact.protocol == "tcp"
    return {
        "one": fact,
        "is_tcp": is_tcp,
        "state_words": state_words(fact.conn_state, int(opened.conversations["protocol"][conversation])),
        "handshake": [fact.syn_frame, fact.syn_ack_frame, fact.handshake_ack_frame],
        "history": history(fact),
        "remarks": remark_counts(opened, conversation) if is_tcp else [],
        "scaling": window_scaling(opened, conversation) if is_tcp else "",
        "wire_bytes": opened.pair("wire_bytes", conversation),
        "roles": roles(report, fact),
        "outer": int(opened.conversations["outer"][conversation]),
        "outer_id": fact.outer,
        "inner": [(row, opened.id(row)) for row in opened.inner(conversation)],
        "is_carrier": bool(opened.conversations["is_carrier"][conversation]),
    }


def other_sides(report: Report | None, evidence: Mapping[str, EvidenceFile], id: str) -> list[dict[str, Any]]:
    """The conversation on the other side of a NAT, once for each capture that holds it: its side, its file and what shows it."""
    found = []
    for one in report.translations if report else ():
        other = one.beside(id)
        if other is not None and other.file in evidence:
            found.append({"side": other, "file": evidence[other.file], "is_outer": other is one.outer, "citations": one.citations})
    return found[:4]
