"""Access logs of web servers: requests by status and target, with their lines."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class AccessGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Requests with the same method, target (without query) and status."""

    method: str
    target: str
    status: int
    count: int
    lines: tuple[int, ...]  # the first 20
    first_wall_ns: int | None = None
    last_wall_ns: int | None = None


class AccessLog(Fact, frozen=True, kw_only=True):
    """An access log in the common or combined form."""

    evidence_name: ClassVar[Message] = message("evidence.access_log", en="an access log", ja="アクセスログ")

    requests: int
    statuses: dict[str, int]  # requests by status
    groups: tuple[AccessGroup, ...]  # all of status 400 and above, then the most frequent; at most 500
    clients: tuple[tuple[str, int], ...] = ()  # addresses by number of requests, the first 50
    zone: str | None = None
