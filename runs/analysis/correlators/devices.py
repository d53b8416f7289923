"""Device name ↔ MAC ↔ link-local address: from tables and 'name: MAC → address' lines of documents, and from hosts' own listings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from runs.analysis.case import Case
from runs.analysis.domain.eui64 import LINK_LOCAL, MAC, normal_link_local, normal_mac
from runs.analysis.facts.base import Citation
from runs.analysis.facts.devices import Device, DeviceAddress
from runs.analysis.facts.network import Interfaces
from runs.analysis.facts.notes import Note, NoteTable
from runs.analysis.registry import correlator

MAX_DEVICES = 500
MOST_ADDRESSES = 100
_LABELLED = re.compile(r"^\s*(?:[-*・]\s*)?(?P<label>[^:：|→=]{1,60}?)\s*[:：=]\s*(?P<value>.+)$")
_WORDY = re.compile(r"[^\W\d_]{2}|[^\x00-\x7f]")
_INTERFACE = re.compile(r"(?:eth|en|wlan|wan|lan|ge|xe|br|bond|lo|ppp|tun)[\d./-]*", re.IGNORECASE)


@dataclass
class _Held:
    file: str
    name: str
    macs: dict[str, Citation] = field(default_factory=dict)
    link_locals: dict[str, Citation] = field(default_factory=dict)


@correlator(gives=Device, uses=[NoteTable, Note, Interfaces])
def devices(case: Case) -> Iterator[Device]:
    """Devices of which a MAC or link-local address is known, by name (spelling of letters apart)."""
    held: dict[str, _Held] = {}
    for name, text, place in (*_of_tables(case), *_of_sentences(case), *_of_hosts(case)):
        key = name.casefold()
        if key not in held and len(held) >= MAX_DEVICES:
            continue
        one = held.setdefault(key, _Held(place.file, name))
        for match in MAC.finditer(text):
            mac = normal_mac(match[0])
            if mac is not None and len(one.macs) < MOST_ADDRESSES:
                one.macs.setdefault(mac, place)
        for match in LINK_LOCAL.finditer(text):
            address = normal_link_local(match[1])
            if address is not None and len(one.link_locals) < MOST_ADDRESSES:
                one.link_locals.setdefault(address, place)
    for one in held.values():
        if one.macs or one.link_locals:
            macs, link_locals = (tuple(DeviceAddress(a, p) for a, p in kept.items()) for kept in (one.macs, one.link_locals))
            yield Device(file=one.file, name=one.name, macs=macs, link_locals=link_locals)


def _of_tables(case: Case) -> Iterator[tuple[str, str, Citation]]:
    """Rows that hold a MAC address: the device is the first cell with words that is no address and no interface."""
    for table in case.all(NoteTable):
        for line, cells in table.rows[:2000]:
            text = " ".join(cells)[:2000]
            if MAC.search(text) is None:
                continue
            name = next((c.strip() for c in cells if _is_name(c)), None)
            if name is not None:
                yield name, text, Citation(table.file, lines=(line,))


def _is_name(cell: str) -> bool:
    cell = cell.strip(" `*")
    return (
        bool(_WORDY.search(cell))
        and len(cell) <= 60
        and not any(f.search(cell) for f in (MAC, LINK_LOCAL))
        and not _INTERFACE.fullmatch(cell)
    )


def _of_sentences(case: Case) -> Iterator[tuple[str, str, Citation]]:
    """'NGN gateway: A4:12:42:6B:0E:21 → fe80::…'."""
    for note in case.all(Note):
        for one in (*note.statements, *note.succeeded, *note.learned):
            match = _LABELLED.match(re.sub(r"[`*]", "", one.text[:1000]))
            if match is not None and MAC.search(match["value"]) is not None and _is_name(match["label"]):
                yield match["label"].strip(), match["value"], Citation(note.file, lines=(one.line,))


def _of_hosts(case: Case) -> Iterator[tuple[str, str, Citation]]:
    """A host's own interfaces, where a prompt names the host."""
    for listing in case.all(Interfaces):
        for interface in listing.interfaces if listing.host else ():
            if interface.mac and interface.kind == "ether":
                yield listing.host or "", interface.mac, Citation(listing.file, lines=(interface.line,))
