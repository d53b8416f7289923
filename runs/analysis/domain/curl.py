"""The words of curl's verbose log, old and new, and its progress meter, which runs into them.

Source: the messages of curl 7.19 to 8.17 (lib/connect.c, lib/cf-socket.c, lib/transfer.c, src/tool_progress.c).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_NUMBER = r"[\d.]+[kMGTP]?"
_CLOCK = r"(?:--:--:--|\d+:\d\d:\d\d|\d+d \d\dh|\d+d|-+)"
_PROGRESS = re.compile(
    rf"\s*\d{{1,3}}\s+{_NUMBER}\s+\d{{1,3}}\s+(?P<received>{_NUMBER})\s+\d{{1,3}}\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}"
    rf"\s+{_CLOCK}\s+{_CLOCK}\s+{_CLOCK}\s+{_NUMBER}"
)
MAX_PIECE = 8_192  # the longest message that is read; a header may be cut, its name is not
_HEADER = re.compile(r"\s*(?:% Total\s+% Received|Dload\s+Upload\s+Total)")
_TRACE = re.compile(r"(?P<time>\d\d:\d\d:\d\d\.\d{1,6})\s+(?=[*<>{}=\[])")
_IDS = re.compile(r"\[[\dx]+-[\dx]+\] (?=[*<>{}])|\[[A-Z0-9-]+\] (?=\*)")

ADDRESS = r"(?P<address>\[[0-9A-Fa-f:.%\w]+\]|[0-9A-Fa-f.:]+(?:%\w+)?)"
TRYING = re.compile(
    r"\* +Trying " + r"(?:\[(?P<six>[^\]\s]+)\]|(?P<four>[0-9A-Za-z.:%_-]+?))(?::(?P<port>\d{1,5}))?\.\.\.(?P<rest>.*)"
)
CONNECTED = re.compile(
    r"\* (?:Connected to|Established connection to) (?P<name>\S+) \((?P<address>[^)\s]+)(?: port (?P<inner>\d+))?\)(?: port (?P<port>\d+))?"
)
CONNECT_FAILED = re.compile(r"\* connect to (?P<address>\S+) port (?P<port>\d+)(?: from \S+ port \d+)? failed: (?P<error>.+)")
IMMEDIATE_FAIL = re.compile(r"\* Immediate connect fail for (?P<address>[^\s]+?): (?P<error>.+)")
FAILED_TO_CONNECT = re.compile(
    r"\* ?(?P<text>Failed(?: to)? connect to (?P<name>\S+?)(?: port |:)(?P<port>\d+)(?: after (?P<ms>\d+) ms)?[:;] (?P<error>.+))"
)
CONNECT_TIMEOUT = re.compile(
    r"\* ?(?P<text>(?:Connection time-?out|Connection timed out|Resolving timed out)(?: after (?P<ms>\d+) (?:ms|milliseconds))?.*)"
)
FAMILY_TIMEOUT = re.compile(r"\* ipv(?P<family>[46]) connect timeout after (?P<ms>\d+)ms, move on!")
TIMED_OUT = re.compile(
    r"(?:Operation timed out|Connection timed out|Resolving timed out|SSL connection timeout|Operation too slow)"
    r"(?:\. )?(?:.*?after (?P<ms>\d+) (?:ms|milliseconds))?(?: with (?P<received>-?\d+)(?: out of -?\d+)? bytes received)?"
)
UNRESOLVED = re.compile(r"\* ?(?P<text>(?:Could not resolve (?:host|proxy):|Couldn't resolve host) ?'?(?P<name>[^\s']*)'?.*)")
RESOLVED = re.compile(r"\* Host (?P<name>\S+?):(?P<port>\d+) was resolved\.")
ABOUT_TO = re.compile(r"\* About to connect\(\) to (?P<name>\S+) port (?P<port>\d+)")
REUSING = re.compile(r"\* Re-?using existing (?:(?:http|https|ssl)s?: )?connection")
ANOTHER = re.compile(r"\* Issue another request to this URL: '(?P<url>[^']{1,4096})'")
ENDED = re.compile(r"\* (?:Closing connection|Connection #\d+ to host .* left intact|shutting down connection)")
FAILURE = re.compile(
    r"\* ?(?P<text>(?:Operation (?:timed out|too slow)|Empty reply from server|Recv failure|Send failure|SSL certificate problem|SSL: "
    r"|SSL connection timeout|OpenSSL|LibreSSL|GnuTLS|gnutls_handshake|schannel|transfer closed with|end of response with"
    r"|HTTP/2 stream \d+ was not closed|Received HTTP/0\.9|Failed sending data|Send failure|Proxy CONNECT aborted"
    r"|CONNECT tunnel failed|Received HTTP code \d+ from proxy|server certificate verification failed|TLS connect error"
    r"|Maximum \(\d+\) redirects followed|connection to proxy closed|error:[0-9A-Fa-f]{8}).*)"
)
EXIT = re.compile(r"curl: \((?P<code>\d{1,3})\) (?P<text>.*)")
STATUS = re.compile(r"< HTTP/(?P<version>[\d.]+) (?P<status>\d{3})(?:\s|$)")
REQUEST = re.compile(r"> (?P<method>[A-Z]{3,12}) (?P<target>\S+) HTTP/(?P<version>[\d.]+)$")
DATA_IN = re.compile(r"\{ \[(\d+) bytes data\]")
TLS = re.compile(r"\* +(?:SSL connection using|TLSv1|SSLv3|ALPN|TLS \d|successfully set certificate|Initializing NSS|schannel:)")


class Piece(NamedTuple):
    """What is left of a part of a physical line once progress meter and trace time are taken off."""

    text: str
    time: str | None  # '17:50:19.325354' of --trace-time
    received: str | None  # the meter's count of received bytes, such as '104' or '12.3k'


def pieces(text: str) -> Iterator[Piece]:
    """The parts of a physical line: the meter's updates are split off at carriage returns and where they run into a message."""
    for part in text.split("\r"):
        part = part[:MAX_PIECE]
        received = None
        position = 0
        while (meter := _PROGRESS.match(part, position)) is not None:
            received, position = meter["received"], meter.end()
        rest = part[position:]
        if _HEADER.match(rest):
            yield Piece("% Total", None, received)
            continue
        time = None
        if (trace := _TRACE.match(rest)) is not None:
            time, rest = trace["time"], rest[trace.end() :]
        if (ids := _IDS.match(rest)) is not None:
            rest = rest[ids.end() :]
        yield Piece(rest, time, received)
