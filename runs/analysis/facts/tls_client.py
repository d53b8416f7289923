"""What a TLS client says of one handshake (openssl s_client)."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class TlsCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of the chain the server sent; names as printed."""

    line: int
    depth: int
    subject: str
    issuer: str | None = None
    not_before: str | None = None
    not_after: str | None = None


class TlsVerifyError(msgspec.Struct, frozen=True, kw_only=True):
    """An error that the client's own check of the chain found."""

    line: int
    code: int  # X509_V_ERR_…, as verify(1) lists them
    text: str
    depth: int | None = None


class TlsClientRun(Fact, frozen=True, kw_only=True):
    """One run of openssl s_client. Lines are 0 where the text does not say."""

    evidence_name: ClassVar[Message] = message(
        "evidence.tls_client_run", en="a TLS client's report (openssl s_client)", ja="TLS クライアントの結果 (openssl s_client)"
    )

    target: Endpoint | None = None
    server_name: str | None = None  # -servername, sent as SNI
    connected_line: int = 0  # 'CONNECTED(…)': TCP stands
    connect_error: str | None = None  # no TCP: 'Connection refused'
    connect_error_line: int = 0
    protocol: str | None = None  # 'TLSv1.3'; None where none was agreed
    cipher: str | None = None
    agreed_line: int = 0
    alpn: str | None = None
    alert_number: int | None = None  # sent by the server
    alert_text: str | None = None  # 'tlsv1 alert protocol version'
    alert_line: int = 0
    error: str | None = None  # another failure: 'wrong version number', 'unexpected eof while reading'
    error_line: int = 0
    chain: tuple[TlsCertificate, ...] = ()
    no_certificate_line: int = 0
    verify_errors: tuple[TlsVerifyError, ...] = ()
    verify_code: int | None = None
    verify_text: str | None = None
    verify_line: int = 0
    read_bytes: int | None = None
    written_bytes: int | None = None
    command: str | None = None
    first_line: int = 1
    last_line: int = 1

    @property
    def complete(self) -> bool:
        """Whether a cipher was agreed and nothing failed."""
        return self.cipher is not None and self.alert_number is None and self.error is None
