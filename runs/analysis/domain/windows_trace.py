"""The first lines of Windows' tracert and pathping, in English and Japanese: what is traced, over how many hops at most."""

import re

_ADDRESS = r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(?:%\w+)?)"
HEAD = re.compile(
    rf"\s*(?:Tracing route to (?:(?P<name>[^\s\[\]]+) \[(?P<address>{_ADDRESS})\]|(?P<bare>{_ADDRESS}))(?=\s|$)"
    rf"|(?:(?P<jname>[^\s\[\]]+) ?\[(?P<jaddress>{_ADDRESS})\]|(?P<jbare>{_ADDRESS}))\s?へのルートをトレースしています)"
)
MOST = re.compile(r"over a maximum of (\d{1,3}) hops|経由するホップ数は最大 (\d{1,3}) です")


def traced(head: re.Match[str]) -> tuple[str, str | None]:
    """The target's address, and its name where one is printed."""
    address = head["address"] or head["bare"] or head["jaddress"] or head["jbare"]
    name = head["name"] or head["jname"]
    return address, name if name != address else None
