"""The filter box of the frame list: which frames it selects, where a mistake in it stands, and examples to begin with."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.analysis.columns import Array
from runs.analysis.domain.filters.selection import Everything, Selection
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.domain.visible import visible
from runs.analysis.messages import Text
from runs.analysis.packets.conversations import frames_of
from runs.analysis.packets.schema import SCTP, TCP, UDP
from runs.services.frames import CaptureFrames
from runs.views._packets import Packets

AROUND = 60  # characters of a long filter that are shown on either side of a mistake

Words = str | Promise
Selected = Selection | Everything


class Mistake(NamedTuple):
    """A mistake in a filter: what, and the text around its place. `text` is None where the capture's bytes are gone."""

    text: Text | None
    before: str = ""
    at: str = ""
    after: str = ""
    character: int = 0  # from 1


def mistake_of(error: FilterError, typed: str) -> Mistake:
    """Where in what was typed the mistake stands."""
    at = min(error.position, len(typed))
    before, after = typed[max(0, at - AROUND) : at], typed[at + 1 : at + 1 + AROUND]
    return Mistake(
        text=error.text,
        before=("…" if at > AROUND else "") + visible(before),
        at=visible(typed[at : at + 1]),
        after=visible(after) + ("…" if len(typed) > at + 1 + AROUND else ""),
        character=at + 1,
    )


def selected(
    found: CaptureFrames, text: str, conversation: int | None, cited: Iterable[int] | None, is_remarked: bool
) -> tuple[Selected, Mistake | None]:
    """The frames that the filter, the conversation (from 1), the cited frames and 'only remarks' all leave; or the mistake."""
    try:
        wanted = found.selection(text)
        if is_remarked:
            text = f"({text}) and remark any" if text.strip() else "remark any"
            wanted = found.selection(text)
        if conversation is not None:
            number = conversation
            wanted = found.among(text, f"conversation {number}", lambda: _rows(found, number - 1))
    except FilterError as error:
        return found.everything, mistake_of(error, text)
    except OSError:
        return found.everything, Mistake(None)
    if cited is not None:
        wanted = found.selection_of(np.array([n - 1 for n in sorted(set(cited)) if wanted.holds(n - 1)], np.int64))
    return wanted, None


def _rows(found: CaptureFrames, conversation: int) -> Array:
    if found.conversations is None or not 0 <= conversation < len(found.conversations):
        return np.empty(0, np.int64)
    return frames_of(found.frames.packets, found.conversations, conversation)


def examples(found: CaptureFrames, packets: Packets) -> list[tuple[str, Words]]:
    """Filters to begin with, with an address and a port that the capture has, and what they select."""
    host, port = _common(found, packets)
    made: list[tuple[str, Words]] = []
    if host:
        made.append((f"host {host}", _("packets from or to an address")))
    if host and port:
        made.append((f"src host {host} and dst port {port}", _("from an address to a port")))
    made += [
        ("tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0", _("what opens, closes or aborts TCP connections")),
        ("icmp or icmp6 or arp", _("what the network itself says")),
        ("not (port 53 or port 22) and greater 100", _("without DNS and SSH, at least 100 bytes long")),
        ("remark retransmission", _("frames with this remark of TCP analysis; any: with one of them")),
        ("stream 0 and frame 1-500", _("a TCP conversation by its number, frames by theirs")),
        ("inner (tcp port 443)", _("the same behind tunnels, VLAN tags and PPPoE")),
    ]
    return made


def _common(found: CaptureFrames, packets: Packets) -> tuple[str, int]:
    """The responder of the first conversation that has ports: what one asks for first."""
    table = found.conversations
    if table is None or not len(table):
        return "", 0
    has_ports = np.isin(table["protocol"][:1000], (TCP, UDP, SCTP)) & (table["ip_version"][:1000] > 0)
    row = int(has_ports.argmax())
    code = int(table["addresses"][row][1])
    if found.frames.addresses["version"][code] not in (4, 6):
        return "", 0
    return packets.address(code), int(table["ports"][row][1]) if has_ports[row] else 0
