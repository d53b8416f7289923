"""What a reverse proxy says of the servers behind it."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class UpstreamFailure(Fact, frozen=True, kw_only=True):
    """Requests of one path that failed at one upstream for one cause."""

    evidence_name: ClassVar[Message] = message(
        "evidence.upstream_failure", en="a reverse proxy's error log", ja="リバースプロキシのエラーログ"
    )

    upstream: str  # host and port, as the log has it: '127.0.0.1:9001', 'unix:/run/app.sock:'
    cause: str  # 'connect() failed (111: Connection refused)'
    requests: tuple[str, ...] = ()  # their paths, without query
    count: int
    lines: tuple[int, ...]  # the first 20
    first_wall_ns: int  # of the log's clock face
    last_wall_ns: int
