"""`ip tunnel show`: both ends of each tunnel that has any."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Tunnel
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
TUNNEL = message("ip_tunnel.summary", en="{name} ({mode}): {local} → {remote}.", ja="{name} ({mode})：{local} → {remote}。")
LIMIT = message("ip_tunnel.summary_limit", en="Encapsulation limit of {name}: {limit}.", ja="{name} の encaplimit は {limit}。")
NONE = message("ip_tunnel.summary_none", en="No tunnel has a remote end.", ja="対向の設定されたトンネルなし。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    tunnels = [f for f in facts if isinstance(f, Tunnel)]
    ended = [t for t in tunnels if t.remote]
    for tunnel in ended[:MOST]:
        place = (Citation(file.path, lines=(tunnel.line,)),)
        yield Statement(TUNNEL(name=tunnel.name, mode=tunnel.mode, local=tunnel.local or "any", remote=tunnel.remote), place)
        if tunnel.encapsulation_limit is not None:
            yield Statement(LIMIT(name=tunnel.name, limit=tunnel.encapsulation_limit), place)
    if tunnels and not ended:
        yield Statement(NONE(), (Citation(file.path, lines=tuple(t.line for t in tunnels[:MOST])),))
