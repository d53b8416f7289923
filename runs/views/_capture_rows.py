"""Rows of the capture page in words: conversations of one page of the list, and the header that sorts it."""

from datetime import tzinfo
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from runs.analysis.columns import Array, Table
from runs.analysis.domain.visible import visible
from runs.analysis.facts.base import Endpoint
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.conversations import protocol_label, protocol_name
from runs.analysis.packets.schema import CONVERSATION_STATES, REMARKS, SCTP, TCP, UDP
from runs.services.conversation_list import SORTS
from runs.views._capture_words import Words, state_words
from runs.views._packets import REMARK_WORDS
from runs.views._times import seconds, wall_time

HEADS: dict[str, tuple[Words, bool]] = {  # words, and whether it holds numbers
    "number": (pgettext_lazy("conversation", "#"), False),
    "originator": (_("Originator"), False),
    "responder": (_("Responder"), False),
    "protocol": (_("Protocol"), False),
    "state": (_("State"), False),
    "tunnel": (_("Tunnel"), False),
    "frames": (_("Frames →"), True),
    "frames_back": (_("← Frames"), True),
    "bytes": (_("Bytes →"), True),
    "bytes_back": (_("← Bytes"), True),
    "payload": (_("Payload →"), True),
    "payload_back": (_("← Payload"), True),
    "rtt": (pgettext_lazy("conversation", "RTT"), True),
    "remarks": (_("Remarks"), False),
    "start": (_("Start, s"), True),
    "duration": (_("Duration"), True),
}
TEXT_SORTS = {"number", "originator", "responder", "protocol", "state", "start", "tunnel"}  # the first click sorts these upwards
assert set(HEADS) == set(SORTS)


class Head(NamedTuple):
    """A column's head: what its link asks for, and how the list is sorted by it now ('', 'ascending', 'descending')."""

    name: str
    words: Words
    is_number: bool
    link: str
    sorted: str


class Row(NamedTuple):
    """A conversation of the list. `row` counts in the table from 0."""

    row: int
    id: str
    originator: str
    responder: str
    protocol: str
    state: str
    state_words: str
    frames: tuple[int, int]
    wire_bytes: tuple[int, int]
    payload_bytes: tuple[int, int]
    rtt_ns: int | None
    remarks: list[tuple[Words, int]]
    start: str
    at: str
    duration_ns: int
    outer: int | None
    outer_id: str
    is_carrier: bool


def heads(asked: QueryDict, sort: str, has_tunnels: bool) -> list[Head]:
    """The heads of the columns, each with the address that sorts by it; the filter and the graph's range stay."""
    kept = asked.copy()
    kept.pop("page", None)
    made = []
    for name, (words, is_number) in HEADS.items():
        if name == "tunnel" and not has_tunnels:
            continue
        first, second = (name, f"-{name}") if name in TEXT_SORTS else (f"-{name}", name)
        kept["sort"] = second if sort == first else first
        now = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        made.append(Head(name, words, is_number, kept.urlencode(), now))
    return made


def rows(table: Table, addresses: Table, shown: Array, zero_ns: int, shift_ns: int | None, zone: tzinfo) -> list[Row]:
    """Conversations in words. `shift_ns`: what makes a time of the table UTC; None where no clock is known."""
    texts = address_texts(addresses, table["addresses"][shown].ravel())
    return [_row(table, int(row), texts, zero_ns, shift_ns, zone) for row in shown]


def conversation_name(table: Table, row: int) -> str:
    """'TCP 0', 'UDP 12': protocol, and the stream within it as Wireshark counts."""
    return f"{protocol_label(int(table['protocol'][row]))} {int(table['stream'][row])}"


def _row(table: Table, row: int, texts: dict[int, str], zero_ns: int, shift_ns: int | None, zone: tzinfo) -> Row:
    def pair(name: str) -> tuple[int, int]:
        return int(table[name][row][0]), int(table[name][row][1])

    protocol, outer = int(table["protocol"][row]), int(table["outer"][row])
    ports = pair("ports") if protocol in (TCP, UDP, SCTP) else (None, None)
    ends = [str(Endpoint(visible(texts[code]), port)) for code, port in zip(pair("addresses"), ports, strict=True)]
    counts = table["remark_counts"][row].sum(axis=0).tolist() if protocol == TCP else []
    start_ns, state = int(table["start_ns"][row]), CONVERSATION_STATES[int(table["state"][row])]
    return Row(
        row=row, id=conversation_name(table, row), originator=ends[0], responder=ends[1], protocol=protocol_name(protocol),
        state=state, state_words=state_words(state, protocol), frames=pair("frame_counts"), wire_bytes=pair("wire_bytes"),
        payload_bytes=pair("payload_bytes"), rtt_ns=int(table["initial_rtt_ns"][row]) or None,
        remarks=[(REMARK_WORDS[r.name], n) for r, n in zip(REMARKS, counts, strict=False) if n],
        start=seconds(start_ns - zero_ns), at="" if shift_ns is None else wall_time(start_ns + shift_ns, zone),
        duration_ns=int(table["end_ns"][row]) - start_ns, outer=outer if outer >= 0 else None,
        outer_id=conversation_name(table, outer) if outer >= 0 else "", is_carrier=bool(table["is_carrier"][row]),
    )  # fmt: skip
