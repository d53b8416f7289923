"""`openssl s_client -connect …`: protocol and cipher, the chain, the verification, alerts and failures. OpenSSL 1.0 to 3.x, LibreSSL.

    $ openssl s_client -connect 192.0.2.7:8443 -servername shop.example.net
    CONNECTED(00000003)
    depth=0 CN = shop.example.net
    verify error:num=18:self-signed certificate
    New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
    Verify return code: 18 (self-signed certificate)

Yields a TlsClientRun for each run. Refuses other subcommands of openssl.
"""

import re
from typing import Any

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, recognise, typed_sections
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.tls_client import TlsCertificate, TlsClientRun, TlsVerifyError
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("openssl_s_client.title", en="a TLS handshake (openssl s_client)", ja="TLS ハンドシェイク (openssl s_client)")
MAX_RUNS = 1_000
MAX_ITEMS = 50
_ANY = re.compile(
    r"CONNECTED\([0-9A-Fa-f]{8}\)\s*$|SSL handshake has read \d+ bytes and written \d+ bytes|New, \S+, Cipher is \S+"
    r"|\s*Verify return code: \d+ \(|no peer certificate available|(?:[0-9A-F]{6,16}|\d{6,20}):error:[0-9A-Fa-f]{6,8}:"
)
_COMMAND = re.compile(r"\bopenssl\s+s_client\b")
_CONNECT = re.compile(r"-connect\s+(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s:]+))(?::(?P<port>\d{1,5}))?")
_NAME = re.compile(r"-servername\s+(\S+)")
_ERROR = re.compile(
    r"(?:[0-9A-F]{6,16}|\d{6,20}):error:[0-9A-Fa-f]{6,8}:(?P<library>[^:]*):(?P<function>[^:]*):(?P<reason>[^:]*)"
    r"(?::.*?SSL alert number (?P<alert>\d{1,3}))?"
)
_ERRNO = re.compile(r"(?P<call>connect|write|read):errno=(?P<number>\d{1,4})")
_ERRNOS = {
    104: "Connection reset by peer",
    110: "Connection timed out",
    111: "Connection refused",
    113: "No route to host",
    101: "Network is unreachable",
}
_VERIFY = re.compile(r"\s*Verify return code: (?P<code>\d{1,4}) \((?P<text>[^)]*)\)")
_VERIFY_ERROR = re.compile(r"verify error:num=(?P<code>\d{1,4}):(?P<text>.*)")
_DEPTH = re.compile(r"depth=(\d{1,3})\b")
_NEW = re.compile(r"(?:New|Reused), (?P<protocol>\S+), Cipher is (?P<cipher>\S+)")
_SESSION = re.compile(r"\s+(?P<key>Protocol|Cipher)\s*: (?P<value>\S+)\s*$|(?P<sole>Protocol): (?P<version>\S+)\s*$")
_SUBJECT = re.compile(r"\s*(?P<depth>\d{1,3}) s:(?P<name>.*)")
_ISSUER = re.compile(r"\s+i:(?P<name>.*)")
_VALID = re.compile(r"\s+v:NotBefore: (?P<start>[^;]+); NotAfter: (?P<end>.+?)\s*$")
_BYTES = re.compile(r"SSL handshake has read (?P<read>\d{1,12}) bytes and written (?P<written>\d{1,12}) bytes")
_ALPN = re.compile(r"ALPN protocol: (\S+)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a line that only s_client writes."""
    return recognise(head, TITLE, _ANY)


def parse(source: Source) -> Parsed:
    """A TlsClientRun for each prompt that runs s_client; without prompts one for the text."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if section.command and not _COMMAND.search(section.command):
            continue
        run = _Run(section)
        touched = [run.read(line.text[:4096], line.number) for line in section.lines]
        if any(touched) and len(runs) < MAX_RUNS:
            runs.append(run.finish())
    return Parsed(facts=[*runs, *commands], counts={"runs": len(runs)})


class _Run:
    """One run while it is read."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.said: dict[str, Any] = {}
        self.chain: list[dict[str, Any]] = []
        self.verify_errors: list[TlsVerifyError] = []
        self.depth: int | None = None
        if section.command and (target := _CONNECT.search(section.command)) is not None:
            port = int(target["port"]) if target["port"] else None
            self.said["target"] = Endpoint(target["six"] or target["host"], port)
        if section.command and (sni := _NAME.search(section.command)) is not None:
            self.said["server_name"] = sni[1]

    def read(self, text: str, number: int) -> bool:
        """Whether the line was s_client's."""
        said = self.said
        if text.startswith("CONNECTED("):
            said["connected_line"] = number
        elif (error := _ERROR.match(text)) is not None:
            self._error(error, number)
        elif (errno := _ERRNO.match(text)) is not None:
            code = int(errno["number"])
            place = "connect_error" if errno["call"] == "connect" else "error"
            if place not in said:
                said |= {place: _ERRNOS.get(code, f"errno {code}"), f"{place}_line": number}
        elif (verify := _VERIFY.match(text)) is not None:
            said |= {"verify_code": int(verify["code"]), "verify_text": verify["text"], "verify_line": number}
        elif (new := _NEW.match(text)) is not None:
            self._agreed(new["protocol"], new["cipher"], number)
        elif (session := _SESSION.match(text)) is not None:
            protocol = session["version"] or (session["value"] if session["key"] == "Protocol" else None)
            self._agreed(protocol, None if protocol else session["value"], number)
        elif (size := _BYTES.match(text)) is not None:
            said |= {"read_bytes": int(size["read"]), "written_bytes": int(size["written"])}
        elif (alpn := _ALPN.match(text)) is not None:
            said["alpn"] = alpn[1]
        elif text.startswith("no peer certificate available"):
            said["no_certificate_line"] = number
        else:
            return self._certificate(text, number)
        return True

    def _agreed(self, protocol: str | None, cipher: str | None, number: int) -> None:
        # 'New, (NONE), Cipher is (NONE)' and '0000' stand for nothing agreed; a session's own lines are the exact protocol
        if cipher and cipher not in ("(NONE)", "0000"):
            self.said |= {"cipher": cipher, "agreed_line": self.said.get("agreed_line") or number}
        if protocol and protocol != "(NONE)" and (self.said.get("cipher") or cipher is None):
            self.said["offered" if not self.said.get("cipher") else "protocol"] = protocol

    def _error(self, match: re.Match[str], number: int) -> None:
        said, reason = self.said, match["reason"].strip() or match["function"].strip()
        if match["alert"]:
            if "alert_number" not in said:
                said |= {"alert_number": int(match["alert"]), "alert_text": reason[:200], "alert_line": number}
        elif match["library"] == "system library":
            if "connect_error" not in said:
                said |= {"connect_error": reason[:200], "connect_error_line": number}
        elif "error" not in said and "connect_error" not in said:
            said |= {"error": reason[:200], "error_line": number}

    def _certificate(self, text: str, number: int) -> bool:
        if (depth := _DEPTH.match(text)) is not None:
            self.depth = int(depth[1])
        elif (error := _VERIFY_ERROR.match(text)) is not None:
            if len(self.verify_errors) < MAX_ITEMS:
                self.verify_errors.append(
                    TlsVerifyError(line=number, code=int(error["code"]), text=error["text"].strip()[:200], depth=self.depth)
                )
        elif (subject := _SUBJECT.match(text)) is not None:
            if len(self.chain) < MAX_ITEMS:
                self.chain.append({"line": number, "depth": int(subject["depth"]), "subject": subject["name"].strip()[:500]})
        elif self.chain and (issuer := _ISSUER.match(text)) is not None:
            self.chain[-1].setdefault("issuer", issuer["name"].strip()[:500])
        elif self.chain and (valid := _VALID.match(text)) is not None:
            self.chain[-1] |= {"not_before": valid["start"].strip()[:60], "not_after": valid["end"][:60]}
        else:
            return False
        return True

    def finish(self) -> TlsClientRun:
        offered = self.said.pop("offered", None)
        if self.said.get("cipher"):
            self.said.setdefault("protocol", offered)
        return TlsClientRun(
            **self.said,
            host=self.section.host,
            chain=tuple(TlsCertificate(**one) for one in self.chain),
            verify_errors=tuple(self.verify_errors),
            command=self.section.command,
            first_line=first_full_line(self.section),
            last_line=last_full_line(self.section),
        )
