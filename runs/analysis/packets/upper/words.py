"""DNS, HTTP and TLS payloads as fields of a dissected frame."""

import struct

import dpkt

from runs.analysis.packets.upper.dns import RCODES, record_words, type_name
from runs.analysis.packets.upper.tls import record_details
from runs.analysis.packets.upper.tree import Field

MAX_FIELDS = 100
_RECORD_TYPES = {20: "Change Cipher Spec", 21: "Alert", 22: "Handshake", 23: "Application Data"}


def dns_fields(payload: bytes, at: int) -> tuple[Field, ...]:
    """A DNS message: what is asked, what is answered."""
    message = dpkt.dns.DNS(payload)
    whole = len(payload)
    fields = [
        Field("Transaction id", f"0x{message.id:04x}", at, 2),
        Field("Flags", f"{'response' if message.qr else 'query'}, {RCODES.get(message.rcode, message.rcode)}", at + 2, 2),
    ]
    fields += [Field("Question", f"{q.name} {type_name(q.type)}", at + 12, whole - 12) for q in message.qd]
    for title, records in (("Answer", message.an), ("Authority", message.ns), ("Additional", message.ar)):
        fields += [Field(title, record_words(record), at + 12, whole - 12) for record in records]
    return tuple(fields[:MAX_FIELDS])


def http_fields(payload: bytes, at: int) -> tuple[Field, ...]:
    """The lines of an HTTP/1 head that begins here; none where there is no such head."""
    first = payload.split(b"\r\n", 1)[0]
    if not (first.startswith(b"HTTP/1.") or first.endswith((b" HTTP/1.1", b" HTTP/1.0"))):
        return ()
    fields: list[Field] = []
    offset = 0
    for line in payload.split(b"\r\n"):
        if not line or len(fields) >= MAX_FIELDS:
            break
        name, colon, value = line.decode("latin-1").partition(": ")
        is_header = bool(fields) and bool(colon)
        fields.append(
            Field(name if is_header else "Start line", value if is_header else line.decode("latin-1"), at + offset, len(line))
        )
        offset += len(line) + 2
    return tuple(fields)


def tls_fields(payload: bytes, at: int) -> tuple[Field, ...]:
    """The records of a TLS payload, as far as they are whole."""
    fields: list[Field] = []
    offset = 0
    while offset + 5 <= len(payload) and len(fields) < MAX_FIELDS:
        kind, version, length = struct.unpack_from(">BHH", payload, offset)
        words = f"{_RECORD_TYPES.get(kind, kind)}, version 0x{version:04x}, {length} bytes"
        held = min(5 + length, len(payload) - offset)
        inside = record_details(kind, payload[offset + 5 : offset + held])
        children = tuple(Field(name, value, at + offset + 5, held - 5) for name, value in inside)
        fields.append(Field("Record", words, at + offset, held, children))
        offset += 5 + length
    return tuple(fields)
