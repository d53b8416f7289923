"""Words of the capture page: Zeek's states, families of remarks, levels, formats."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from runs.analysis.facts.capture import Capture
from runs.analysis.packets.link import LINKTYPE_NAMES
from runs.analysis.packets.schema import TCP
from runs.views._packets import REMARK_WORDS

Words = str | Promise

STATE_WORDS: dict[str, Words] = {
    "S0": _("attempt without an answer"),
    "S1": _("established, not closed"),
    "SF": _("established and closed by both"),
    "REJ": _("attempt refused"),
    "S2": _("originator closed, responder did not"),
    "S3": _("responder closed, originator did not"),
    "RSTO": _("established, reset by the originator"),
    "RSTR": _("reset by the responder"),
    "RSTOS0": _("SYN, then a reset by the originator; no SYN+ACK seen"),
    "RSTRH": _("SYN+ACK, then a reset by the responder; no SYN seen"),
    "SH": _("SYN, then a FIN by the originator; no SYN+ACK seen"),
    "SHR": _("SYN+ACK, then a FIN by the responder; no SYN seen"),
    "OTH": _("no SYN seen: it began before the capture"),
}
OTHER_STATE_WORDS: dict[str, Words] = {
    "SF": _("both sides sent"),
    "S0": _("only the originator sent"),
    "SHR": _("only the responder sent"),
}
FAMILY_WORDS: dict[str, Words] = {
    "retransmission": pgettext_lazy("lane", "retrans"),
    "dup_ack": pgettext_lazy("lane", "dup ACK"),
    "lost_segment": pgettext_lazy("lane", "not captured"),
    "out_of_order": pgettext_lazy("lane", "out of order"),
    "zero_window": pgettext_lazy("lane", "zero window"),
    "keep_alive": pgettext_lazy("lane", "keep-alive"),
    "reset": pgettext_lazy("lane", "reset"),
}
EXPERT_WORDS: dict[str, Words] = {
    **REMARK_WORDS,
    "malformed": _("malformed header"),
    "reset": _("connection reset (RST)"),
    "cut_headers": _("cut inside the headers"),
    "icmp_error": _("ICMP error"),
    "opened": _("connection attempt (SYN)"),
    "accepted": _("connection accepted (SYN+ACK)"),
    "finished": _("connection closed (FIN)"),
}
LEVEL_WORDS: dict[str, Words] = {
    "error": pgettext_lazy("expert level", "error"),
    "warn": pgettext_lazy("expert level", "warning"),
    "note": pgettext_lazy("expert level", "note"),
    "chat": pgettext_lazy("expert level", "chat"),
}
LEVEL_MARKS = {"error": ("fail", "fail"), "warn": ("warn", "warn"), "note": ("info", "note"), "chat": ("open", "none")}
_BYTE_ORDERS: dict[str, Words] = {"little": _("little-endian"), "big": _("big-endian")}
_RESOLUTIONS = {1: "ns", 1_000: "µs", 1_000_000: "ms", 1_000_000_000: "s"}


def state_words(state: str, protocol: int) -> str:
    """What Zeek's state says, in words; of protocols without connections only who sent."""
    return str(STATE_WORDS[state] if protocol == TCP else OTHER_STATE_WORDS.get(state, state))


def format_words(capture: Capture) -> str:
    """'pcap, little-endian, µs, gzip'."""
    resolution = _RESOLUTIONS.get(capture.resolution_ns, f"{capture.resolution_ns:,} ns")
    order = str(_BYTE_ORDERS.get(capture.byte_order or "", ""))
    return ", ".join(part for part in (capture.format, order, resolution, capture.compression or "") if part)


def linktype_words(linktype: int) -> str:
    """'Ethernet (1)', 'DLT 147' where it has no name here."""
    name = LINKTYPE_NAMES.get(linktype)
    return f"{name} ({linktype})" if name else f"DLT {linktype}"
