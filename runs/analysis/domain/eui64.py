"""MAC addresses and the link-local addresses made of them (RFC 4291 appendix A: modified EUI-64)."""

import re
from ipaddress import AddressValueError, IPv6Address

MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{1,2}([:-])(?:[0-9A-Fa-f]{1,2}\1){4}[0-9A-Fa-f]{1,2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![\w:.-])"
)
LINK_LOCAL = re.compile(r"(?<![\w:])(fe[89ab][0-9a-f]:[0-9a-f:]{2,40})(?:%[\w.-]+)?(?![\w:])", re.IGNORECASE)
_INSERTED = 0xFFFE << 24
_LOCAL_BIT = 0x02 << 56


def normal_mac(text: str) -> str | None:
    """'a4:12:42:6b:0e:21' of any spelling; None for what is none, or stands for no device (zeros, broadcast, groups)."""
    parts = re.split(r"[:-]", text) if re.search(r"[:-]", text) else re.findall(r"[0-9A-Fa-f]{2}", text)
    if len(parts) != 6:
        return None
    try:
        octets = [int(part, 16) for part in parts]
    except ValueError:
        return None
    if not any(octets) or octets[0] & 1 or max(octets) > 255:
        return None
    return ":".join(f"{octet:02x}" for octet in octets)


def normal_link_local(text: str) -> str | None:
    """A link-local address in its shortest form; None for what is none."""
    try:
        address = IPv6Address(text.partition("%")[0].partition("/")[0])
    except AddressValueError:
        return None
    return str(address) if address.is_link_local else None


def link_local_of(mac: str) -> str:
    """The link-local address that stateless configuration makes of a MAC (as `normal_mac` gives it)."""
    number = int(mac.replace(":", ""), 16)
    identifier = (number >> 24) << 40 | _INSERTED | (number & 0xFFFFFF)
    return str(IPv6Address(0xFE80 << 112 | identifier ^ _LOCAL_BIT))


def mac_of(address: str) -> str | None:
    """The MAC that a link-local address is made of; None for one that is made otherwise (stable privacy, by hand)."""
    try:
        identifier = int(IPv6Address(address.partition("%")[0])) & (1 << 64) - 1
    except AddressValueError:
        return None
    if identifier >> 24 & 0xFFFF != 0xFFFE:
        return None
    number = ((identifier ^ _LOCAL_BIT) >> 40) << 24 | identifier & 0xFFFFFF
    return normal_mac(":".join(f"{octet:02x}" for octet in number.to_bytes(6, "big")))
