"""A capture's conversations: filtered, sorted and a page at a time, on columns; Python sees only the rows of the page.

A filter is words, all of which must fit: an address or network (`10.0.0.0/8`, `192.168.`, `2001:db8:`), a port (`443`, `:443`), both
(`10.0.0.1:443`, `[::1]:443`), a protocol (`udp`), Zeek's state (`S0`), a remark (`zero_window`), `tunnel`, or a part of a host name.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.addresses import NAME, codes_within
from runs.analysis.packets.conversations import protocol_name
from runs.analysis.packets.schema import CONVERSATION_STATES, PROTOCOL_NAMES, REMARKS, SCTP, TCP, UDP

PAGE_ROWS = 100
MOST_WORDS = 8
WITH_PORTS = (TCP, UDP, SCTP)
TUNNEL = "tunnel"
SORTS = (
    "number", "originator", "responder", "protocol", "state", "frames", "frames_back", "bytes", "bytes_back", "payload",
    "payload_back", "rtt", "remarks", "start", "duration", "tunnel",
)  # fmt: skip
_PAIRS = {"frames": "frame_counts", "bytes": "wire_bytes", "payload": "payload_bytes"}
_PART_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}\.|\d{1,3}(?:\.\d{1,3}){1,2}\Z")
_PART_V6 = re.compile(r"(?:[0-9a-f]{1,4}:){1,7}:?\Z")
_REMARK_PLACES = {remark.name: place for place, remark in enumerate(REMARKS)}
_IS_NO_CHAT = np.array([remark.severity != "chat" for remark in REMARKS])


class Asked(NamedTuple):
    """What is to be listed: words, a state, a protocol ('' for any), the order ('-' in front: largest first), the page from 1."""

    text: str = ""
    state: str = ""
    protocol: str = ""
    sort: str = "number"
    page: int = 1


class Listed(NamedTuple):
    """A page: rows of the table in their order, how many fit, how many pages, the page shown, words that mean nothing."""

    rows: Array
    fitting_count: int
    page_count: int
    page: int
    strange: tuple[str, ...]


def list_conversations(conversations: Table, addresses: Table, asked: Asked) -> Listed:
    """The page asked for, or the last one where it is behind it."""
    fits, strange = _fitting(conversations, addresses, asked)
    rows = np.flatnonzero(fits) if fits is not None else np.arange(len(conversations))
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(max(1, asked.page), pages)
    rows = _sorted(conversations, addresses, rows, asked.sort)
    return Listed(rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], len(rows), pages, page, strange)


def occurring(conversations: Table) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The states and the protocols that occur, each with its number of conversations, the commonest first."""
    states = np.bincount(conversations["state"], minlength=len(CONVERSATION_STATES))
    protocols = np.bincount(conversations["protocol"])
    return (
        _commonest((CONVERSATION_STATES[i], int(states[i])) for i in np.flatnonzero(states)),
        _commonest((protocol_name(int(i)), int(protocols[i])) for i in np.flatnonzero(protocols)),
    )


def _commonest(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda one: (-one[1], one[0]))


def _remark_total(conversations: Table, rows: Array) -> Array:
    """Remarks that are more than chat, of both sides (i8)."""
    counts = conversations["remark_counts"].reshape(len(conversations), -1)
    counts = counts if len(rows) == len(counts) else counts[rows]
    return np.asarray(counts.astype(np.float64) @ np.tile(_IS_NO_CHAT, 2).astype(np.float64), np.int64)


def _fitting(conversations: Table, addresses: Table, asked: Asked) -> tuple[Array | None, tuple[str, ...]]:
    """Which conversations fit (None: all), and the words that mean nothing: nothing fits those."""
    masks: list[Array] = []
    strange: list[str] = []
    for word in asked.text.split()[:MOST_WORDS]:
        mask = _word(conversations, addresses, word)
        masks.append(np.zeros(len(conversations), bool) if mask is None else mask)
        strange += [word] if mask is None else []
    if asked.state:
        masks.append(_state(conversations, asked.state))
    if asked.protocol:
        masks.append(_protocol(conversations, asked.protocol))
    return (np.logical_and.reduce(masks) if masks else None), tuple(strange)


def _state(conversations: Table, name: str) -> Array:
    known = CONVERSATION_STATES.index(name) if name in CONVERSATION_STATES else 255
    return np.asarray(conversations["state"] == known)


def _protocol(conversations: Table, name: str) -> Array:
    numbers = [number for number in range(256) if protocol_name(number) == name]
    return np.isin(conversations["protocol"], np.array(numbers, np.uint8))


def _word(conversations: Table, addresses: Table, word: str) -> Array | None:
    """The conversations that one word fits; None where it means nothing."""
    lower = word.lower()
    if word.upper() in CONVERSATION_STATES:
        return _state(conversations, word.upper())
    if lower in PROTOCOL_NAMES.values() or re.fullmatch(r"ip-\d{1,3}", lower):
        return _protocol(conversations, lower)
    if (place := _REMARK_PLACES.get(lower.replace("-", "_"))) is not None:
        return np.asarray((conversations["remark_counts"][:, :, place] > 0).any(axis=1))
    if lower == TUNNEL:
        return np.asarray((conversations["outer"] >= 0) | (conversations["is_carrier"] != 0))
    if (port := _port(lower.removeprefix(":"))) is not None:
        return np.asarray(_ports(conversations, port).any(axis=1))
    codes, port = _endpoint(addresses, lower)
    if codes is None:
        return None
    is_meant = np.zeros(len(addresses), bool)
    is_meant[codes] = True
    ends = is_meant[conversations["addresses"]]
    return np.asarray((ends if port is None else ends & _ports(conversations, port)).any(axis=1))


def _port(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) and int(text) < 1 << 16 else None


def _ports(conversations: Table, port: int) -> Array:
    """(rows, 2): whether each side has the port; identifiers of ICMP are none."""
    return np.asarray((conversations["ports"] == port) & np.isin(conversations["protocol"], WITH_PORTS)[:, None])


def _endpoint(addresses: Table, word: str) -> tuple[Array | None, int | None]:
    """The address codes that a word means and the port behind it; None: it means none."""
    codes = _codes(addresses, word)
    if codes is not None:
        return codes, None
    host, colon, port_text = word.rpartition(":")
    port = _port(port_text) if colon else None
    return (_codes(addresses, host.removeprefix("[").removesuffix("]")), port) if port is not None else (None, None)


def _codes(addresses: Table, word: str) -> Array | None:
    try:
        return codes_within(addresses, _network(word))
    except ValueError:
        pass  # no address: perhaps a host name of a text
    names = addresses.meta.get("names", ())
    meant = [number for number, name in enumerate(names) if word in str(name).lower()]
    if not meant:
        return None
    numbers = addresses["address"][:, 8:].copy().view(">u8").ravel()
    return np.flatnonzero((addresses["version"] == NAME) & np.isin(numbers, np.array(meant, np.uint64)))


def _network(word: str) -> str:
    """'192.168.' as '192.168.0.0/16', '2001:db8:' as '2001:db8::/32'; anything else as it stands."""
    if _PART_V4.fullmatch(word):
        octets = word.strip(".").split(".")
        return f"{'.'.join([*octets, '0', '0', '0'][:4])}/{8 * len(octets)}"
    if _PART_V6.fullmatch(word) and word != "::":
        groups = word.strip(":").split(":")
        return f"{':'.join(groups)}{'::' if len(groups) < 8 else ''}/{16 * len(groups)}"
    ip_address(word.partition("/")[0])
    return word


def _sorted(conversations: Table, addresses: Table, rows: Array, sort: str) -> Array:
    """The rows in order; equal ones stay in the order of their first frames."""
    name, is_down = sort.removeprefix("-"), sort.startswith("-")
    if name == "number" or name not in SORTS:
        return rows[::-1] if is_down and name == "number" else rows
    keys = _key(conversations, addresses, rows, name)
    if name == "rtt":  # what was not seen comes last either way
        keys = np.where(keys == 0, np.iinfo(np.int64).max, -keys if is_down else keys)
    elif name == "tunnel":
        keys = np.where(keys < 0, np.iinfo(np.int64).max, -keys if is_down else keys)
    elif is_down:
        keys = -keys
    return rows[np.argsort(keys, kind="stable")]


def _key(conversations: Table, addresses: Table, rows: Array, name: str) -> Array:
    """What is sorted by, i8 and not below 0, but for times before 1970."""
    if name in ("originator", "responder"):
        side = 0 if name == "originator" else 1
        ranks = _ranks(addresses)[conversations["addresses"][rows, side]]
        return np.asarray(ranks * (1 << 16) + conversations["ports"][rows, side])
    if name == "protocol":
        order = np.argsort(np.argsort([protocol_name(number) for number in range(256)], kind="stable"), kind="stable")
        return np.asarray(order[conversations["protocol"][rows]] * (1 << 32) + conversations["stream"][rows])
    if name == "state":
        return np.asarray(np.argsort(np.argsort(CONVERSATION_STATES))[conversations["state"][rows]])
    if name == "remarks":
        return _remark_total(conversations, rows)
    if name == "duration":
        return np.asarray(conversations["end_ns"][rows] - conversations["start_ns"][rows])
    if column := _PAIRS.get(name.removesuffix("_back")):
        return np.asarray(conversations[column][rows, int(name.endswith("_back"))], np.int64)
    single = {"rtt": "initial_rtt_ns", "start": "start_ns", "tunnel": "outer"}[name]
    return np.asarray(conversations[single][rows], np.int64)


def _ranks(addresses: Table) -> Array:
    """The place of each address code in the order of addresses (i8): IPv4 by number, IPv6, then names by their letters."""
    halves = np.ascontiguousarray(addresses["address"]).view(">u8").astype(np.uint64)
    low = halves[:, 1].copy()
    names = addresses.meta.get("names", ())
    if len(names):
        by_letter = np.argsort(np.argsort(np.array([str(name) for name in names]), kind="stable"), kind="stable")
        is_name = addresses["version"] == NAME
        low[is_name] = by_letter[low[is_name].astype(np.int64)]
    version = np.where(addresses["version"] == NAME, 7, addresses["version"])
    ranks = np.empty(len(addresses), np.int64)
    ranks[np.lexsort((low, halves[:, 0], version))] = np.arange(len(addresses))
    return ranks
