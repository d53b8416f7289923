"""How a line of tcpdump's text begins."""

import re

_TIME = r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{9,10}\.\d{1,9}|-?\d{1,7}\.\d{6,9}(?:\s+-?\d{1,7}\.\d{6,9})?"
_START = re.compile(
    rf"\s{{0,3}}(?:(?P<time>{_TIME})\s+)?(?:\S+\s{{1,2}}(?:In|Out|B|M|P|Ot)\s+)?"
    r"(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2} (?:\(oui [^)]{1,60}\) )?> .*?: )?"
    r"(?:(?:truncated-)?(?P<network>IP6?|ARP|RARP|arp) (?=\(|[\w.:%-]+ > |who-has|Request|Reply|Ethernet|reply|\S+ (?:is-at|tell))|(?P<old>[\w.-]+\.[\w-]+ > [\w.-]+\.[\w-]+: ))"
)


def looks_like_packet(text: str) -> bool:
    """Whether a line is the first line of a packet, as any common set of options prints it."""
    match = _START.match(text[:600])
    if match is None:
        return False
    return bool(match["network"]) or bool(match["time"])
