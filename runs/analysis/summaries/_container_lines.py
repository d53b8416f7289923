"""Containers: their states, exit codes and published ports."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.container import Container
from runs.analysis.messages import message
from runs.analysis.report import Statement

COUNT = message(
    "container.summary_count",
    en="{n:count} {n:plural:container|containers}, {running:count} running.",
    ja="コンテナ {n:count} 件、稼働中 {running:count} 件。",
)
ENDED = message("container.summary_ended", en="{name}: {state}, exit code {code}.", ja="{name}：{state}、終了コード {code}。")
PORT = message(
    "container.summary_port",
    en="{host} leads to port {port} of {name}.",
    ja="{host} は {name} のポート {port} に転送。",
)
MOST_LISTED = 4


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    found = [f for f in facts if isinstance(f, Container)]
    known = [f for f in found if f.state is not None]
    if known:
        running = sum(1 for f in known if f.state == "running")
        yield Statement(COUNT(n=len(known), running=running), (Citation(file.path, lines=tuple(f.line for f in known[:20])),))
    for one in [f for f in known if f.state != "running" and f.exit_code is not None][:MOST_LISTED]:
        said = ENDED(name=one.name or one.id or "?", state=one.state, code=one.exit_code)
        yield Statement(said, (Citation(file.path, lines=(one.line,)),))
    ports = list(dict.fromkeys((one.name or one.id or "?", port) for one in found for port in one.ports))
    for name, port in ports[:MOST_LISTED]:
        host = str(Endpoint(port.host_address, port.host_port))
        yield Statement(
            PORT(host=host, port=f"{port.container_port}/{port.protocol}", name=name), (Citation(file.path, lines=(port.line,)),)
        )
