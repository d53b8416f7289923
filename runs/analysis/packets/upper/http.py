"""HTTP/1 (RFC 9112): requests and responses, their heads also over several segments."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from runs.analysis.facts.http import HttpExchange
from runs.analysis.packets.schema import HTTP_REQUEST, HTTP_RESPONSE, RESENT, TCP, column
from runs.analysis.packets.upper.view import View

MAX_HEAD_BYTES = 16_384
MAX_HEAD_FRAMES = 20
MAX_HELD, MAX_HELD_BEHIND = 20_000, 4  # payloads of a compressed capture that are kept, and of them behind each head
MAX_SEARCHED = 1_000  # frames of the conversation behind a head's first one, among which the others are looked for


def http_exchanges(view: View) -> Iterator[HttpExchange]:
    """The exchanges of a capture, in the order of their first frames; a response belongs to the oldest request without one."""
    packets, application = view.packets, column(view.packets, "application")
    is_http = (packets["protocol"] == TCP) & ((application == HTTP_REQUEST) | (application == HTTP_RESPONSE))
    is_new = column(packets, "remarks") & RESENT == 0
    found: list[dict[str, Any]] = []
    waiting: dict[int, list[dict[str, Any]]] = {}
    rows = view.first(is_http & is_new)
    payload = _held(view, rows).get if view.source.compression else lambda row: next(view.payloads([row])).data
    for row in rows:
        conversation, stream = view.conversation(row)
        start, headers = _head(view, payload, row, conversation)
        if application[row] == HTTP_REQUEST:
            made = _request(start, headers, row, view.ts_ns(row))
            waiting.setdefault(conversation, []).append(made)
        else:
            queue = waiting.get(conversation, [])
            known = queue.pop(0) if queue else None
            made = known if known is not None else {}
            made |= _response(start, headers, row, view.ts_ns(row))
            if known is not None:
                continue
        made |= {"conversation_row": conversation, "conversation_stream": stream}
        found.append(made)
    for exchange in found:
        yield HttpExchange(**exchange)


def _held(view: View, rows: list[int]) -> dict[int, bytes]:
    """The payloads of these frames and of those that may go on with their heads: a compressed capture is read once, in rising order."""
    wanted = dict.fromkeys(rows)
    for row in rows:
        conversation, _ = view.conversation(row)
        if conversation >= 0 and len(wanted) < MAX_HELD:
            wanted |= dict.fromkeys(list(_later_data(view, row, conversation))[:MAX_HELD_BEHIND])
    return {row: data[:MAX_HEAD_BYTES] for row, data in view.payloads(sorted(wanted))}


def _head(view: View, payload: Callable[[int], bytes | None], row: int, conversation: int) -> tuple[str, dict[str, str]]:
    """Start line and headers (names in lower case) that begin in a frame; the segments behind it are joined as needed."""
    packets = view.packets
    data = payload(row) or b""
    is_cut = len(data) < int(packets["payload_length"][row])  # by the snaplen: what follows does not join on
    if b"\r\n\r\n" not in data and not is_cut and conversation >= 0:
        expected = int(packets["sequence"][row]) + len(data)
        for following in _later_data(view, row, conversation):
            more = payload(following)
            if more is None:
                break
            if int(packets["sequence"][following]) == expected & 0xFFFFFFFF:
                data, expected = data + more, expected + len(more)
            if b"\r\n\r\n" in data or len(data) > MAX_HEAD_BYTES:
                break
    lines = data[:MAX_HEAD_BYTES].split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return lines[0][:2048], headers


def _later_data(view: View, row: int, conversation: int) -> Iterator[int]:
    """The next segments with payload from the sender of a frame; looks at a bounded stretch of the conversation."""
    packets = view.packets
    start, count = (int(view.conversations[name][conversation]) for name in ("order_start", "order_count"))
    frames = packets["by_conversation"][start : start + count]
    behind = int(np.searchsorted(frames, np.uint32(row), side="right"))  # of the column's own type: another would copy it
    near = frames[behind : behind + MAX_SEARCHED]
    has_data = (packets["direction"][near] == packets["direction"][row]) & (packets["payload_length"][near] > 0)
    yield from near[has_data][:MAX_HEAD_FRAMES].tolist()


def _request(start: str, headers: dict[str, str], row: int, ts_ns: int) -> dict[str, Any]:
    method, _, rest = start.partition(" ")
    return {
        "request_frame": row + 1, "request_ns": ts_ns, "method": method, "target": rest.rpartition(" ")[0] or rest,
        "host_name": headers.get("host"), "has_credentials": bool({"authorization", "cookie"} & headers.keys()),
    }  # fmt: skip


def _response(start: str, headers: dict[str, str], row: int, ts_ns: int) -> dict[str, Any]:
    parts = start.split(" ", 2)
    status = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() and len(parts[1]) == 3 else None
    return {
        "response_frame": row + 1, "response_ns": ts_ns, "status": status, "reason": parts[2] if len(parts) > 2 else None,
        "server": headers.get("server"),
    }  # fmt: skip
