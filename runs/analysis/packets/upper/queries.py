"""DNS over UDP (RFC 1035): each question with its repetitions and its answer."""

from collections.abc import Iterator
from typing import Any

import dpkt

from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.packets.schema import UDP
from runs.analysis.packets.upper.dns import RCODES, record_words, type_name
from runs.analysis.packets.upper.view import View

DNS_PORT = 53
MAX_ANSWERS = 20


def captured_queries(view: View) -> Iterator[CapturedQuery]:
    """The questions of a capture, in the order of their first frames."""
    packets = view.packets
    is_dns = (packets["source_port"] == DNS_PORT) | (packets["destination_port"] == DNS_PORT)
    asked: dict[Any, dict[str, Any]] = {}
    for row, payload in view.payloads(view.first((packets["protocol"] == UDP) & is_dns & (packets["payload_length"] > 0))):
        message = _decoded(payload)
        if message is None or not message.qd:
            continue
        source, destination = view.ends(row)
        client, server = (destination, source) if message.qr else (source, destination)
        question = message.qd[0]
        key = (client, server, message.id, question.name, question.type)
        known = asked.setdefault(key, {"frames": [], "query_ns": view.ts_ns(row), "answer": {}})
        if not message.qr:
            known["frames"].append(row + 1)
        elif not known["answer"]:
            known["answer"] = {
                "response_frame": row + 1, "response_ns": view.ts_ns(row), "rcode": RCODES.get(message.rcode, str(message.rcode)),
                "answers": tuple(record_words(record) for record in message.an[:MAX_ANSWERS]), "truncated": bool(message.op & 0x0200),
            }  # fmt: skip
    for (client, server, identifier, name, kind), known in asked.items():
        yield CapturedQuery(
            name=name, record_type=type_name(kind), identifier=identifier, client=client, server=server,
            query_frames=tuple(known["frames"][:50]), query_ns=known["query_ns"], **known["answer"],
        )  # fmt: skip


def _decoded(payload: bytes) -> Any:
    try:
        return dpkt.dns.DNS(payload)
    except Exception:  # noqa: BLE001  # dpkt raises what it likes for a damaged message; it is no question then
        return None
