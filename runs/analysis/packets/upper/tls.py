"""TLS handshakes (RFC 8446, RFC 6066, RFC 7301): both hellos and a plain alert."""

import struct
from collections.abc import Iterator
from typing import Any

from runs.analysis.facts.tls_capture import TlsHandshake
from runs.analysis.packets.schema import TCP, TLS_ALERT, TLS_HANDSHAKE, column
from runs.analysis.packets.upper.view import View

VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
    51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback",
    90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
    116: "certificate_required", 120: "no_application_protocol",
}  # fmt: skip
CLIENT_HELLO, SERVER_HELLO = 1, 2
PLAIN_ALERT_BYTES = 2  # an encrypted one is longer


def tls_handshakes(view: View) -> Iterator[TlsHandshake]:
    """The handshakes of a capture, one a conversation, in the order of their first frames."""
    application = column(view.packets, "application")
    rows = view.first((view.packets["protocol"] == TCP) & ((application == TLS_HANDSHAKE) | (application == TLS_ALERT)))
    found: dict[int, dict[str, Any]] = {}
    for row, payload in view.payloads(rows):
        conversation, stream = view.conversation(row)
        known = found.setdefault(conversation, {"conversation_stream": stream})
        for kind, body in _records(payload):
            if kind == 21 and len(body) == PLAIN_ALERT_BYTES and "alert_frame" not in known and body[0] in (1, 2):
                known |= {
                    "alert_frame": row + 1, "alert_level": "fatal" if body[0] == 2 else "warning", "alert_code": body[1],
                    "alert": ALERTS.get(body[1], f"alert {body[1]}"),
                    "alert_from": "responder" if view.packets["direction"][row] else "originator",
                }  # fmt: skip
            elif kind == 22 and body[:1] == bytes([CLIENT_HELLO]) and "client_hello_frame" not in known:
                known |= {"client_hello_frame": row + 1, **_client_hello(body)}
            elif kind == 22 and body[:1] == bytes([SERVER_HELLO]) and "server_hello_frame" not in known:
                known |= {"server_hello_frame": row + 1, **_server_hello(body)}
    for conversation, known in found.items():
        if len(known) > 1:
            yield TlsHandshake(conversation_row=conversation, **known)


def _records(payload: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 5 <= len(payload):
        kind, _, length = struct.unpack_from(">BHH", payload, at)
        yield kind, payload[at + 5 : at + 5 + length]
        at += 5 + length


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at += 2
    while at + 4 <= len(body):
        kind, length = struct.unpack_from(">HH", body, at)
        found.setdefault(kind, body[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _client_hello(body: bytes) -> dict[str, Any]:
    """SNI, versions and ALPN of a ClientHello, as far as the bytes go."""
    at = 38 + 1 + (body[38] if len(body) > 38 else 0)
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + (body[at] if len(body) > at else 0)
    extensions = _extensions(body, at)
    name, versions, protocols = extensions.get(0, b""), extensions.get(43, b"")[1:], extensions.get(16, b"")[2:]
    numbers = [int.from_bytes(versions[i : i + 2], "big") for i in range(0, len(versions) - 1, 2)] or [
        int.from_bytes(body[4:6], "big")
    ]
    offered: list[str] = []
    while protocols:
        offered.append(protocols[1 : 1 + protocols[0]].decode("latin-1"))
        protocols = protocols[1 + protocols[0] :]
    return {
        "server_name": name[5 : 5 + int.from_bytes(name[3:5], "big")].decode("latin-1") or None,
        "offered_versions": tuple(VERSIONS[n] for n in numbers if n in VERSIONS),
        "offered_protocols": tuple(offered[:20]),
    }


def server_name_of(client_hello: bytes) -> str | None:
    """The SNI of a ClientHello (from its handshake header on); None where it names none."""
    name = _client_hello(client_hello)["server_name"]
    return str(name) if name else None


def record_details(kind: int, body: bytes) -> list[tuple[str, str]]:
    """What a hello or a plain alert says, as (name, value); nothing of other records, and of what was cut."""
    if kind == 21 and len(body) == PLAIN_ALERT_BYTES and body[0] in (1, 2):
        return [("Alert", f"{'fatal' if body[0] == 2 else 'warning'}, {ALERTS.get(body[1], body[1])}")]
    if kind != 22 or len(body) < 4 or int.from_bytes(body[1:4], "big") + 4 > len(body):
        return []
    if body[0] == CLIENT_HELLO:
        said = _client_hello(body)
        found = [("Server name", said["server_name"]), ("Versions offered", ", ".join(said["offered_versions"])),
                 ("ALPN offered", ", ".join(said["offered_protocols"]))]  # fmt: skip
        return [("Handshake", "Client Hello"), *((name, value) for name, value in found if value)]
    if body[0] == SERVER_HELLO:
        said = _server_hello(body)
        return [("Handshake", "Server Hello"), ("Version", said["version"]), ("Cipher suite", f"0x{said['cipher']:04x}")]
    return []


def _server_hello(body: bytes) -> dict[str, Any]:
    """Version and cipher of a ServerHello; TLS 1.3 names its version in an extension."""
    at = 39 + (body[38] if len(body) > 38 else 0)
    chosen = _extensions(body, at + 3).get(43, b"") or body[4:6]
    version = int.from_bytes(chosen[:2], "big")
    return {"version": VERSIONS.get(version, f"0x{version:04x}"), "cipher": int.from_bytes(body[at : at + 2], "big")}
