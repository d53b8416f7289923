"""Packet lists of tshark and Wireshark as rows of named cells: the default list, exports with a header, `-T fields` with one.

    1   0.000000 192.0.2.10 → 192.0.2.20 TCP 74 51544 → 8443 [SYN] Seq=0 Win=64240 Len=0
No.     Time        Source       Destination   Protocol Length Info
"No.","Time","Source","Destination","Protocol","Length","Info"
frame.number<Tab>frame.time_epoch<Tab>ip.src<Tab>ip.dst<Tab>tcp.srcport<Tab>tcp.dstport
"""

import csv
import re
from typing import NamedTuple

MAX_COLUMNS = 64
_TIME = r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|-?\d{1,10}(?:\.\d{1,9})?"
_DEFAULT = re.compile(
    rf"\s*(?P<number>\d{{1,9}})\s+(?P<time>{_TIME})\s+(?P<source>[\w.:%-]{{1,255}})\s+(?:→|->|⟶)\s+(?P<destination>[\w.:%-]{{1,255}})\s+"
    r"(?P<protocol>[A-Za-z][\w/.-]{0,30})\s+(?:(?P<length>\d{1,9})\s+)?(?P<info>.*)$"
)
_NAMES = {
    "no.": "number", "no": "number", "time": "time", "source": "source", "destination": "destination", "protocol": "protocol",
    "length": "length", "info": "info", "delta": "delta",
}  # fmt: skip
_FIELDS = {
    "frame.number": "number", "frame.time_epoch": "time", "frame.time_relative": "time", "frame.time": "time", "frame.len": "length",
    "ip.src": "source", "ip.dst": "destination", "ipv6.src": "source", "ipv6.dst": "destination", "_ws.col.source": "source",
    "_ws.col.destination": "destination", "_ws.col.protocol": "protocol", "_ws.col.info": "info", "_ws.col.time": "time",
    "_ws.col.def_src": "source", "_ws.col.def_dst": "destination", "tcp.srcport": "source_port", "tcp.dstport": "destination_port",
    "udp.srcport": "udp_source_port", "udp.dstport": "udp_destination_port", "tcp.flags": "flags", "tcp.flags.str": "flags_text",
    "tcp.seq": "sequence", "tcp.seq_raw": "sequence", "tcp.ack": "acknowledgment", "tcp.ack_raw": "acknowledgment", "tcp.len": "payload",
    "tcp.window_size_value": "window", "tcp.window_size": "window", "udp.length": "udp_length", "ip.ttl": "ttl", "ipv6.hlim": "ttl",
    "ip.id": "ip_id", "icmp.type": "icmp_type", "icmp.code": "icmp_code", "icmpv6.type": "icmpv6_type", "icmpv6.code": "icmpv6_code",
    "ip.proto": "ip_protocol",
}  # fmt: skip
_FIELD = re.compile(r"_?[a-z][\w-]*(?:\.[A-Za-z_][\w-]*)+")
_EXPORT = re.compile(r'\s*"?No\.?"?[\s,;]+"?Time"?[\s,;]+"?Source"?[\s,;]+"?Destination"?[\s,;]+"?Protocol"?\b', re.IGNORECASE)
_CELLS = {"number": r"(\d{1,9})", "time": rf"({_TIME})", "delta": rf"({_TIME})", "length": r"(\d{1,9})"}
_OPTION = re.compile(r"\s-e\s+([\w.-]+)")


class Form(NamedTuple):
    """How the rows under a header are read."""

    names: tuple[str, ...]
    separator: str  # '\\t', ',' …; '' where columns are aligned with blanks
    pattern: re.Pattern[str] | None = None
    analysis: tuple[tuple[int, str], ...] = ()  # columns of tcp.analysis fields, with the remark's name


def default_row(text: str) -> dict[str, str] | None:
    """The cells of a line of tshark's default list."""
    match = _DEFAULT.match(text)
    if match is None:
        return None
    cells = match.groupdict()
    if cells["length"] is None:
        del cells["length"]
    return cells


def header(text: str) -> Form | None:
    """The form that a header line announces; None for any other line."""
    if _EXPORT.match(text):
        return _export(text)
    for separator in ("\t", ",", ";", "|"):
        cells = [cell.strip().strip('"') for cell in text.split(separator)]
        if 2 <= len(cells) <= MAX_COLUMNS and all(_FIELD.fullmatch(cell) for cell in cells):
            return fields_form(cells, separator)
    return None


def fields_form(cells: list[str], separator: str = "\t") -> Form | None:
    """The form of `-T fields` with these fields; None where too little of a packet is among them."""
    names = tuple(_FIELDS.get(cell.lower(), "") for cell in cells)
    analysis = tuple((at, cell.removeprefix("tcp.analysis.")) for at, cell in enumerate(cells) if cell.startswith("tcp.analysis."))
    return Form(names, separator, None, analysis) if "source" in names and "destination" in names else None


def command_form(command: str) -> Form | None:
    """The form that the options of a tshark command announce, where its output has no header."""
    if "-T fields" not in command:
        return None
    separator = re.search(r"-E\s+separator=(?:'(.)'|\"(.)\"|(/t|/s|.))", command)
    mark = next((one for one in separator.groups() if one), "\t") if separator else "\t"
    return fields_form(_OPTION.findall(command), {"/t": "\t", "/s": " "}.get(mark, mark))


def _export(text: str) -> Form:
    for separator in ("\t", ",", ";"):
        if text.count(separator) >= 4:
            cells = [cell.strip().strip('"').lower() for cell in text.split(separator)]
            return Form(tuple(_NAMES.get(cell, "") for cell in cells[:MAX_COLUMNS]), separator)
    names = tuple(_NAMES.get(word.lower(), "") for word in text.split()[:MAX_COLUMNS])
    parts = [r"(.*)" if name == "info" else _CELLS.get(name, r"(\S+)") for name in names]
    return Form(names, "", re.compile(r"\s*" + r"\s+".join(parts) + r"\s*$"))


def row_of(form: Form, text: str) -> dict[str, str] | None:
    """The cells of a row under a header; None for a line that is none."""
    if form.pattern is not None:
        match = form.pattern.match(text)
        return None if match is None else dict(zip(form.names, match.groups(), strict=True))
    if form.separator not in text:
        return None
    if text.lstrip().startswith('"') and form.separator in ",;":
        cells = next(csv.reader([text.replace("\r", " ")], delimiter=form.separator), [])
    else:
        cells = text.split(form.separator, len(form.names) - 1)
    if len(cells) < len(form.names) - 1 or len(cells) < 3:
        return None
    made: dict[str, str] = {}
    for name, cell in zip(form.names, cells, strict=False):
        value = cell.strip().strip('"')
        if name and value:
            made.setdefault(name, value)
    remarks = [name for at, name in form.analysis if at < len(cells) and cells[at].strip(' "') not in ("", "0", "False")]
    if remarks:
        made["remarks"] = " ".join(remarks)
    return made if "source" in made or "number" in made else None
