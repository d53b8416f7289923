"""DNS messages (RFC 1035), by dpkt: names of types and codes, a record in words."""

from ipaddress import IPv4Address, IPv6Address
from typing import Any

RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 41: "OPT", 64: "SVCB", 65: "HTTPS",
    255: "ANY",
}  # fmt: skip


def type_name(number: int) -> str:
    """'A', 'AAAA' …; 'TYPE99' for what has no name here."""
    return TYPES.get(number, f"TYPE{number}")


def record_words(record: Any) -> str:
    """A resource record: 'www.example.net A 192.0.2.1'."""
    data = bytes(getattr(record, "rdata", b""))
    shown = data.hex()
    if record.type == 1 and len(data) == 4:
        shown = str(IPv4Address(data))
    elif record.type == 28 and len(data) == 16:
        shown = str(IPv6Address(data))
    else:
        for name in ("cname", "nsname", "ptrname", "mxname", "mname"):
            if hasattr(record, name):
                shown = str(getattr(record, name))
    return f"{record.name} {type_name(record.type)} {shown[:200]}"
