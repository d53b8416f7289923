"""The only way out of the portal to an address that a person typed: to places an administrator has allowed, and nowhere else.

The name is looked up once, every address it has must be a public one or lie in an allowed network, and the connection goes to
just that address; there are no proxies and no redirects, and little of the answer is read.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10
MOST_ANSWER_BYTES = 1024
_DEFAULT_PORTS = {"https": 443, "http": 80}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address stands in its last 32 bits

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(ValueError):
    """No administrator has allowed the place. `why`: 'address' (no http(s) address), 'origin' (not on the list), 'network' (it leads inside)."""

    def __init__(self, why: str, what: str) -> None:
        super().__init__(f"{why}: {what}")
        self.why, self.what = why, what


class Unreachable(OSError):
    """There was no answer, in words."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and how the body begins."""

    status: int
    beginning: str
    milliseconds: int


def origin_of(url: str) -> str:
    """'https://chat.example.org:8443': scheme, host in lower case, and a port unless it is the scheme's own. Raises NotAllowed."""
    parts = _parts(url)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else "")


def _parts(url: str) -> SplitResult:
    bad = NotAllowed("address", url[:200])
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise bad
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0 or "@" in parts.netloc or parts.fragment:
        raise bad
    return parts


def allowed(url: str) -> str:
    """The origin of an address that an administrator has allowed. Raises NotAllowed."""
    origin = origin_of(url)
    if origin not in settings.WEBHOOK_ORIGINS:
        raise NotAllowed("origin", origin)
    return origin


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """POST and read how the answer begins. Raises NotAllowed, Unreachable.

    A step of the network may take TIMEOUT_SECONDS; who calls watches over the whole.
    """
    allowed(url)
    parts = _parts(url)
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    started = time.monotonic()
    connection = _Pinned(parts, port, _addresses(str(parts.hostname), port))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        beginning = answer.read(MOST_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(str(error) or type(error).__name__) from error
    finally:
        connection.close()
    return Answer(answer.status, beginning, round((time.monotonic() - started) * 1000))


def _addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, all of them fit to be reached. Raises NotAllowed, Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    named = _literal(host)  # an administrator who allows an address, not a name, means it
    for address in addresses:
        if named is None and not _may_reach(ipaddress.ip_address(address.partition("%")[0])):
            raise NotAllowed("network", f"{host} → {address}")
    return addresses


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _may_reach(address: Address) -> bool:
    within = address
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        within = inner or address
    if any(within in network for network in settings.WEBHOOK_NETWORKS if network.version == within.version):
        return True
    return within.is_global and not within.is_multicast and not within.is_reserved


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the addresses that were looked up and checked; TLS proves the name."""

    def __init__(self, parts: SplitResult, port: int, addresses: list[str]) -> None:
        super().__init__(str(parts.hostname), port, timeout=TIMEOUT_SECONDS)
        self.default_port = _DEFAULT_PORTS[parts.scheme]  # so that Host names another one only
        self._addresses = addresses
        self._context = ssl.create_default_context() if parts.scheme == "https" else None

    def connect(self) -> None:
        failure: OSError = OSError("no address")
        for address in self._addresses:
            try:
                self.sock = socket.create_connection((address, self.port), self.timeout)
                break
            except OSError as error:
                failure = error
        else:
            raise failure
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
