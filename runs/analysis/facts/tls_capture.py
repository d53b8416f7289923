"""TLS handshakes in captures, as far as they are in clear."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class TlsHandshake(Fact, frozen=True, kw_only=True):
    """What the two hellos and a plain alert say. Frames count from 1; 0: not seen."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message(
        "evidence.tls_handshake", en="a TLS handshake in a capture", ja="キャプチャ中の TLS ハンドシェイク"
    )

    conversation_row: int
    conversation_stream: int
    client_hello_frame: int = 0
    server_hello_frame: int = 0
    server_name: str | None = None  # SNI
    offered_versions: tuple[str, ...] = ()
    offered_protocols: tuple[str, ...] = ()  # ALPN
    version: str | None = None  # chosen by the server
    cipher: int | None = None
    alert_frame: int = 0
    alert_level: Literal["warning", "fatal"] | None = None
    alert: str | None = None  # 'unknown_ca' …
    alert_code: int | None = None
    alert_from: Literal["originator", "responder"] | None = None
