"""The list of conversations: filters and orders agree with looking at each conversation by itself."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import numpy as np
import pytest

from runs.analysis.columns import Table
from runs.analysis.packets.addresses import Addresses, address_texts
from runs.analysis.packets.conversations import protocol_name
from runs.analysis.packets.schema import CONVERSATION_DTYPE, CONVERSATION_STATES, REMARKS
from runs.services.conversation_list import PAGE_ROWS, SORTS, Asked, list_conversations, occurring

TEXTS = ["10.0.0.1", "10.0.1.7", "192.168.40.16", "9.255.255.255", "2001:db8::1", "fe80::1", "::1", "2001:db8:0:1::9"]
COUNT = 257


@pytest.fixture(scope="module")
def tables() -> tuple[Table, Table]:
    """Conversations of all kinds between a few addresses, and the addresses."""
    random = np.random.default_rng(7)
    addresses = Addresses()
    codes = np.array([addresses.code(text) for text in TEXTS])
    rows = np.zeros(COUNT, CONVERSATION_DTYPE)
    rows["protocol"] = random.choice([1, 6, 17, 253], COUNT)
    rows["stream"] = np.arange(COUNT)
    rows["addresses"] = random.choice(codes, (COUNT, 2))
    rows["ports"] = random.choice([22, 443, 8443, 50_000], (COUNT, 2))
    rows["state"] = random.integers(0, len(CONVERSATION_STATES), COUNT)
    rows["outer"] = random.choice([-1, -1, 3], COUNT)
    rows["is_carrier"][3] = 1
    rows["remark_counts"] = random.choice([0, 0, 0, 5], rows["remark_counts"].shape)
    for name in ("frame_counts", "wire_bytes", "payload_bytes", "initial_rtt_ns", "start_ns"):
        rows[name] = random.choice([0, 1, 2, 70_000], rows[name].shape)
    rows["end_ns"] = rows["start_ns"] + random.integers(0, 50, COUNT)
    return Table({name: rows[name].copy() for name in rows.dtype.names or ()}), addresses.table()


def described(tables: tuple[Table, Table]) -> list[dict[str, Any]]:
    """Each conversation as Python objects: the slow and obvious way."""
    table, addresses = tables
    texts = address_texts(addresses, range(len(addresses)))
    made = []
    for row in range(len(table)):
        protocol = int(table["protocol"][row])
        counts = table["remark_counts"][row].sum(axis=0).tolist()
        ends = [ip_address(texts[int(code)]) for code in table["addresses"][row]]
        frames, size, payload = (table[n][row].tolist() for n in ("frame_counts", "wire_bytes", "payload_bytes"))
        ports = table["ports"][row].tolist()
        made.append(
            {
                "number": row,
                "originator": (ends[0].version, int(ends[0]), ports[0]),
                "responder": (ends[1].version, int(ends[1]), ports[1]),
                "ends": [(end, port if protocol in (6, 17) else None) for end, port in zip(ends, ports, strict=True)],
                "protocol": (protocol_name(protocol), row),
                "state": CONVERSATION_STATES[int(table["state"][row])],
                "frames": frames[0], "frames_back": frames[1], "bytes": size[0], "bytes_back": size[1],
                "payload": payload[0], "payload_back": payload[1],
                "rtt": int(table["initial_rtt_ns"][row]),
                "remarks": sum(n for n, remark in zip(counts, REMARKS, strict=True) if remark.severity != "chat"),
                "names": {remark.name for n, remark in zip(counts, REMARKS, strict=True) if n},
                "start": int(table["start_ns"][row]),
                "duration": int(table["end_ns"][row] - table["start_ns"][row]),
                "tunnel": int(table["outer"][row]),
                "carrier": bool(table["is_carrier"][row]),
            }
        )  # fmt: skip
    return made


def all_rows(tables: tuple[Table, Table], **asked: Any) -> list[int]:
    """The rows of all pages, one after the other."""
    first = list_conversations(*tables, Asked(**asked))
    pages = [list_conversations(*tables, Asked(**asked | {"page": n})).rows.tolist() for n in range(1, first.page_count + 1)]
    assert all(len(page) == PAGE_ROWS for page in pages[:-1])
    rows = [row for page in pages for row in page]
    assert len(rows) == first.fitting_count
    return rows


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("name", SORTS)
def test_every_column_sorts(tables: tuple[Table, Table], name: str, down: bool) -> None:
    rows = described(tables)
    if name in ("rtt", "tunnel"):  # what has none comes last either way
        none = 0 if name == "rtt" else -1
        seen = sorted((r for r in rows if r[name] != none), key=lambda r: -r[name] if down else r[name])
        expected = seen + [r for r in rows if r[name] == none]
    else:
        expected = sorted(rows, key=lambda r: r[name], reverse=down)  # stable: equal ones stay in the order of their first frames
    assert all_rows(tables, sort=f"-{name}" if down else name) == [r["number"] for r in expected]


WORDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "10.0.0.1": lambda r: any(str(a) == "10.0.0.1" for a, _ in r["ends"]),
    "10.": lambda r: any(a.version == 4 and a in ip_network("10.0.0.0/8") for a, _ in r["ends"]),
    "10.0": lambda r: any(a.version == 4 and a in ip_network("10.0.0.0/16") for a, _ in r["ends"]),
    "192.168.0.0/16": lambda r: any(a.version == 4 and a in ip_network("192.168.0.0/16") for a, _ in r["ends"]),
    "2001:db8:": lambda r: any(a.version == 6 and a in ip_network("2001:db8::/32") for a, _ in r["ends"]),
    "2001:DB8::1": lambda r: any(str(a) == "2001:db8::1" for a, _ in r["ends"]),
    ":443": lambda r: any(p == 443 for _, p in r["ends"]),
    "443": lambda r: any(p == 443 for _, p in r["ends"]),
    "10.0.0.1:443": lambda r: any((str(a), p) == ("10.0.0.1", 443) for a, p in r["ends"]),
    "[::1]:22": lambda r: any((str(a), p) == ("::1", 22) for a, p in r["ends"]),
    "udp": lambda r: r["protocol"][0] == "udp",
    "ip-253": lambda r: r["protocol"][0] == "ip-253",
    "rstos0": lambda r: r["state"] == "RSTOS0",
    "zero-window": lambda r: "zero_window" in r["names"],
    "tunnel": lambda r: r["tunnel"] >= 0 or r["carrier"],
    "tcp 10. :22": lambda r: r["protocol"][0] == "tcp" and WORDS["10."](r) and any(p == 22 for _, p in r["ends"]),
}


@pytest.mark.parametrize("text", WORDS)
def test_words_filter(tables: tuple[Table, Table], text: str) -> None:
    expected = [r["number"] for r in described(tables) if WORDS[text](r)]
    assert expected
    assert all_rows(tables, text=text) == expected


def test_state_and_protocol_filter_together(tables: tuple[Table, Table]) -> None:
    expected = [r["number"] for r in described(tables) if r["state"] == "SF" and r["protocol"][0] == "tcp"]
    assert all_rows(tables, state="SF", protocol="tcp") == expected


@pytest.mark.parametrize(
    "text", ["bogus", "1.2.3.4.5", "10.0.0.0/99", "999.", "[::1", ":99999", "１０.", "<script>", "::::", "1:2:3:4:5:6:7:8:9:"]
)
def test_a_word_that_means_nothing_is_told(tables: tuple[Table, Table], text: str) -> None:
    listed = list_conversations(*tables, Asked(text=text))
    assert listed.strange == (text,)
    assert listed.fitting_count == 0


def test_a_page_behind_the_last_is_the_last(tables: tuple[Table, Table]) -> None:
    listed = list_conversations(*tables, Asked(page=10**14))
    assert (listed.page, listed.page_count) == (3, 3)
    assert len(listed.rows) == COUNT - 2 * PAGE_ROWS


def test_host_names_of_texts_are_found_by_a_part(tables: tuple[Table, Table]) -> None:
    addresses = Addresses()
    codes = [addresses.code_of_name(n) for n in range(2)]
    known = Table(addresses.table().columns, {"names": ["web.example", "db.example"]})
    rows = np.zeros(2, CONVERSATION_DTYPE)
    rows["addresses"] = [[codes[0], codes[1]], [codes[1], codes[1]]]
    table = Table({name: rows[name].copy() for name in rows.dtype.names or ()})
    assert list_conversations(table, known, Asked(text="web")).rows.tolist() == [0]
    assert list_conversations(table, known, Asked(sort="originator")).rows.tolist() == [1, 0]


def test_what_occurs_is_counted(tables: tuple[Table, Table]) -> None:
    states, protocols = occurring(tables[0])
    assert sum(n for _, n in states) == sum(n for _, n in protocols) == COUNT
    assert {name for name, _ in protocols} == {"icmp", "tcp", "udp", "ip-253"}
