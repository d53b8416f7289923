"""Which resolvers a host asks, as its configuration says."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ResolverConfig(Fact, frozen=True, kw_only=True):
    """resolv.conf, a resolver of `scutil --dns`, the servers of `ipconfig /all`. Each item with its line."""

    evidence_name: ClassVar[Message] = message(
        "evidence.resolver_config", en="the resolver's configuration (resolv.conf)", ja="リゾルバの設定 (resolv.conf)"
    )

    servers: tuple[tuple[str, int], ...] = ()  # addresses, in the order they are asked
    search: tuple[tuple[str, int], ...] = ()
    options: tuple[tuple[str, int], ...] = ()  # 'timeout:2', 'attempts:1', 'use-vc'
    domain: str | None = None  # it is asked for names of this domain alone
    interface: str | None = None  # it is asked for what goes out of this interface alone
    unreachable: tuple[int, ...] = ()  # lines that say it cannot be reached
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
