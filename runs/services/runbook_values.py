"""What commands of a runbook are filled with: a finding's addresses and ports as words that a shell reads as they stand. Pure."""

import ipaddress
import re
import shlex

from runs.analysis.report import Finding, RoleEndpoint

SERVER_ROLES = ("responder", "resolver", "forwarder")
CLIENT_ROLES = ("originator", "sender")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)


def values_of(finding: Finding) -> dict[str, str]:
    """{responder, port, client} as far as the finding has them, each a plain word, quoted as a shell wants it."""
    server, client = _in_role(finding, SERVER_ROLES), _in_role(finding, CLIENT_ROLES)
    words = {
        "responder": _host(str(server.endpoint.address)) if server else None,
        "port": _port(server.endpoint.port) if server else None,
        "client": _host(str(client.endpoint.address)) if client else None,
    }
    return {name: shlex.quote(word) for name, word in words.items() if word}


def _in_role(finding: Finding, roles: tuple[str, ...]) -> RoleEndpoint | None:
    """The first endpoint in the best of the roles."""
    found = (one for role in roles for one in finding.endpoints if one.role == role)
    return next(found, None)


def _host(text: str) -> str | None:
    """An address (with a zone, as IPv6 link-local ones need) or a host's name; None for anything else."""
    address, percent, zone = text.partition("%")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return text if _HOST.fullmatch(text) else None
    return text if not percent or _ZONE.fullmatch(zone) else None


def _port(port: int | None) -> str | None:
    return str(port) if port is not None and 0 < port < 65_536 else None
