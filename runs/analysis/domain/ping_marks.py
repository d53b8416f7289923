"""What routers print for each probe as one character, and their last line.

    Sending 5, 100-byte ICMP Echos to 192.0.2.7, timeout is 2 seconds:
    Packet sent with a source address of 192.0.2.1
    .!!U!
    Success rate is 60 percent (3/5), round-trip min/avg/max = 1/2/4 ms

Source: Cisco's tables of the characters of ping and of its IPv6 form; Junos prints '!' and '.' for `rapid`.
"""

import re

ASKED = re.compile(r"Sending \d{1,9}, (?:\[?[\d.]{1,9}\]?)-byte ICMP Echos to (?P<address>[^\s,]{1,255}), timeout is")
SOURCE = re.compile(r"Packet sent with a source address of (?P<source>[^\s]{1,64})")
SUCCESS = re.compile(
    r"Success rate is (?P<rate>\d{1,3}) percent \((?P<received>\d{1,9})/(?P<sent>\d{1,9})\)"
    r"(?:, round-trip min/avg/max = (?P<min>\d{1,9})/(?P<avg>\d{1,9})/(?P<max>\d{1,9}) ms)?"
)
UNKNOWN = re.compile(r"% ?(?P<text>Unrecognized host or address.{0,100}|Bad IP address.{0,100})")
_MARKS = re.compile(r"[!.UHNPAQMBTR@&?]{1,512}$")
_RAPID = re.compile(r"[!.]{1,512}$")
MEANING = {
    "U": "destination unreachable",
    "H": "host unreachable",
    "N": "network unreachable",
    "P": "port or protocol unreachable",
    "A": "administratively prohibited",
    "Q": "source quench",
    "M": "could not fragment",
    "B": "packet too big",
    "T": "time exceeded",
    "&": "time exceeded",
    "R": "parameter problem",
    "@": "unreachable",
    "?": "unknown packet type",
}


def marks(text: str, has_asked: bool) -> str:
    """The characters of a line that holds nothing else; '' for any other line.

    Without Cisco's first line (Junos): answers and silence alone, and an answer among them; the dots of a flood are no such line.
    """
    text = text.strip()
    if has_asked:
        return text if _MARKS.match(text) else ""
    return text if _RAPID.match(text) and "!" in text else ""
