"""MAP-E parameters out of what people and devices write: rows of tables, sentences, tunnel commands.

| CE | 2001:db8:77:4100:c0:2:1200:3400 |      BR (east): 2001:db8:ff::1      ip -6 tunnel add mape remote … local …
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec

from runs.analysis.domain.map_e import PortSet, choose_layout, decode_ce, port_sets, psid_of
from runs.analysis.facts.map_e import MapEParameters, StatedPorts

_SIX = re.compile(r"(?<![\w:.])((?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})(?:/\d{1,3})?(?![\w:])")
_FOUR = re.compile(r"(?<![\w.:])(\d{1,3}(?:\.\d{1,3}){3})(?:/32)?(?![\w.])")
_BLOCK = re.compile(r"(?<![\w.:])(\d{3,5})\s?(?:[-–—~〜～]|から|to|\.\.)\s?(\d{3,5})(?![\w.])")
_COUNT = re.compile(r"(\d{1,4})\s?(?:blocks?|ブロック|個のブロック|ranges?|範囲)", re.IGNORECASE)
_OTHERS = re.compile(
    r"(?:他|ほか|他に|ほかに|and|plus|\+)\s?(\d{1,4})\s?(?:more|other)?\s?(?:blocks?|ブロック|ranges?|範囲|個|more)", re.IGNORECASE
)
_PORTS = re.compile(r"(\d{1,5})\s?(?:ports?\b|ポート|個のポート)", re.IGNORECASE)
_NUMBER = re.compile(r"0[xX]([0-9A-Fa-f]{1,4})\b|(?<![\w.])(\d{1,5})(?![\w.])")
_LABELS = (
    ("psid_length", re.compile(r"PSID[\s_-]*(?:len|長|ビット)", re.IGNORECASE)),
    ("psid_offset", re.compile(r"(?:PSID[\s_-]*)?(?:offset|オフセット)", re.IGNORECASE)),
    ("psid", re.compile(r"\bPSID", re.IGNORECASE)),
    ("dmr", re.compile(r"\bDMR\b|default mapping rule", re.IGNORECASE)),
    ("br", re.compile(r"(?<![A-Za-z])BR(?![A-Za-z])|border relay|ボーダーリレー|\bAFTR\b", re.IGNORECASE)),
    ("ce", re.compile(r"(?<![A-Za-z])CE(?![A-Za-z])|customer edge|MAP(?:-E)? ?(?:IPv6)? ?(?:address|アドレス)", re.IGNORECASE)),
    ("ports", re.compile(r"\bports?\b|ポート", re.IGNORECASE)),
    ("ipv4", re.compile(r"IPv4|グローバル ?IP|shared address|共有アドレス", re.IGNORECASE)),
)
_ABOUT = re.compile(r"MAP-?E|PSID|v6プラス|OCNバーチャルコネクト|\bIPIP6?\b|border relay", re.IGNORECASE)
_TUNNEL = re.compile(r"\bip\s+(?:-6\s+)?(?:tunnel|tun|link)\s+(?:add|change)\b")
_OPTION = re.compile(r"\b(remote|local)\s+([0-9A-Fa-f:]+)")


@dataclass
class _Found:
    """Parameters while they are read; the first statement of each counts."""

    said: dict[str, Any] = field(default_factory=dict)
    ports: dict[tuple[int, int], int] = field(default_factory=dict)

    def put(self, name: str, line: int, value: object) -> None:
        if value is not None and name not in self.said:
            self.said |= {name: value, f"{name.removesuffix('_address')}_line": line}

    def read(self, label: str, value: str, line: int) -> None:
        """A label and what stands beside it."""
        name = next((name for name, form in _LABELS if form.search(label)), None)
        if name in ("ce", "br"):
            self.put(f"{name}_address", line, _six(value))
        elif name == "dmr":
            self.put("dmr", line, _six(value))
        elif name == "ipv4":
            self.put("ipv4_address", line, _four(value))
        elif name in ("psid", "psid_length", "psid_offset"):
            limit = 0xFFFF if name == "psid" else 16
            self.put(name, line, _number(value, limit))
        if name in ("ports", "psid") or (name is None and "port" in label.lower()):
            self.read_ports(value, label, line)

    def read_ports(self, value: str, label: str, line: int) -> None:
        for first, last in _BLOCK.findall(value)[:300]:
            if int(first) <= int(last) <= 65535:
                self.ports.setdefault((int(first), int(last)), line)
        others, count = _OTHERS.search(value), _COUNT.search(value)
        if others is not None and self.ports:
            self.put("block_count", line, len(self.ports) + int(others[1]))
        elif count is not None and int(count[1]) >= max(1, len(self.ports)):
            self.put("block_count", line, int(count[1]))
        total = _PORTS.search(value)
        if total is not None and 0 < int(total[1]) <= 65535 and total[0] not in label:
            self.put("port_count", line, int(total[1]))

    def count(self) -> int:
        names = ("ce_address", "br_address", "dmr", "ipv4_address", "psid", "psid_length", "psid_offset")
        return sum(name in self.said for name in names) + bool(self.ports)

    def fact(self, **more: object) -> MapEParameters:
        ports = tuple(StatedPorts(first, last, line) for (first, last), line in sorted(self.ports.items()))
        return checked(MapEParameters(**self.said, ports=ports, **more))  # type: ignore[arg-type]


def checked(stated: MapEParameters) -> MapEParameters:
    """The parameters with what the CE address holds, compared with what is stated beside it."""
    if stated.ce_address is None:
        return stated
    held = choose_layout(stated.ce_address, stated.ipv4_address)
    if held is None:
        return stated
    return msgspec.structs.replace(
        stated,
        layout=held.layout,
        decoded_ipv4=held.ipv4,
        decoded_psid=held.psid,
        ipv4_agrees=None if stated.ipv4_address is None else held.ipv4 == stated.ipv4_address,
        psid_agrees=None if stated.psid is None else held.psid == stated.psid,
    )


def from_rows(rows: Iterable[tuple[int, Sequence[str]]], about: str = "") -> MapEParameters | None:
    """The parameters in a table's rows: a line, and cells of which the first is the label. None where it is another table."""
    found = _Found()
    speaks = bool(_ABOUT.search(about))
    for line, cells in list(rows)[:2000]:
        if len(cells) > 1:
            speaks = speaks or bool(_ABOUT.search(cells[0]))
            found.read(cells[0], " ".join(cells[1:])[:2000], line)
    held = "ce_address" in found.said and bool(decode_ce(found.said["ce_address"]))
    if found.count() < 2 or not (speaks or held):
        return None
    return found.fact(stated_in="table", from_notes=True)


def from_sentences(lines: Iterable[tuple[int, str]]) -> MapEParameters | None:
    """The parameters in 'label: value' sentences. None where fewer than two are named, or none that MAP-E alone has."""
    found = _Found()
    speaks = False
    for line, text in lines:
        speaks = speaks or bool(_ABOUT.search(text[:1000]))
        label, mark, value = re.sub(r"[`*]", "", text[:1000]).partition("=") if "=" in text[:60] else _labelled(text)
        if mark and len(label) < 60:
            found.read(label, value, line)
    if not speaks or found.count() < 2 or not {"ce_address", "br_address", "psid", "dmr"} & found.said.keys():
        return None
    return found.fact(stated_in="text", from_notes=True)


def _labelled(text: str) -> tuple[str, str, str]:
    match = re.match(r"\s*(?:[-*・]\s*)?([^:：|]{1,59}?)\s*[:：]\s+?(.*)$", re.sub(r"[`*]", "", text[:1000]))
    return (match[1], ":", match[2]) if match else (text, "", "")


def from_tunnel(local: str | None, remote: str | None, line: int, stated_in: str, local_line: int = 0) -> MapEParameters | None:
    """The parameters of a tunnel whose local end is a CE address; None for another tunnel."""
    if not local or not decode_ce(local):
        return None
    return checked(
        MapEParameters(
            stated_in=stated_in,  # type: ignore[arg-type]
            ce_address=local,
            ce_line=local_line or line,
            br_address=remote,
            br_line=line if remote else 0,
        )
    )


def from_command(text: str, line: int) -> MapEParameters | None:
    """The parameters of `ip -6 tunnel add … remote … local …`; None for another command."""
    if not _TUNNEL.search(text[:500]):
        return None
    said = dict(_OPTION.findall(text[:2000]))
    return from_tunnel(said.get("local"), said.get("remote"), line, "command")


def allowed_ports(stated: Sequence[MapEParameters]) -> tuple[PortSet, tuple[MapEParameters, ...]] | None:
    """The ports of the line that all these speak of, and which of them it rests on; None where length and offset are not known.

    Length and offset come from stated values, or from port blocks; never from the interface identifier, which does not hold them.
    """
    psids = [(one.known_psid, one) for one in stated if one.known_psid is not None]
    lengths = [(one.psid_length, one) for one in stated if one.psid_length is not None]
    offsets = [(one.psid_offset, one) for one in stated if one.psid_offset is not None]
    blocks = [(block.first, block.last) for one in stated for block in one.ports]
    holders = [one for one in stated if one.ports]
    if lengths and offsets:
        length, offset = lengths[0][0] or 0, offsets[0][0] or 0
        psid = psids[0][0] if psids else psid_of(blocks, length, offset) if blocks and length + offset <= 16 else None
        if psid is not None and length + offset <= 16 and psid < 1 << length:
            return PortSet(psid, length, offset), _once([*(one for _, one in psids[:1]), lengths[0][1], offsets[0][1], *holders])
    if psids and blocks:
        counts = [one.block_count for one in stated if one.block_count is not None]
        possible = port_sets(psids[0][0] or 0, blocks, counts[0] if counts else None)
        if possible:
            return possible[0], _once([psids[0][1], *holders])
    return None


def _once(facts: Iterable[MapEParameters]) -> tuple[MapEParameters, ...]:
    return tuple({id(one): one for one in facts}.values())


def _six(text: str) -> str | None:
    for found in _SIX.findall(text):
        try:
            return str(IPv6Address(found))
        except ValueError:
            continue
    return None


def _four(text: str) -> str | None:
    for found in _FOUR.findall(text):
        try:
            return str(IPv4Address(found))
        except ValueError:
            continue
    return None


def _number(text: str, limit: int) -> int | None:
    match = _NUMBER.search(text)
    if match is None:
        return None
    value = int(match[1], 16) if match[1] else int(match[2])
    return value if value <= limit else None
