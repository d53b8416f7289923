"""VyOS configurations: interfaces, tunnels, default routes, filters and NAT as they are set."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.firewall import IptablesRuleset
from runs.analysis.facts.router import RouterConfig
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries import _filter_lines as filters

MOST = 3
WHOLE = message(
    "vyos_config.summary_whole",
    en="{n:count} settings; interfaces {names:list}.",
    ja="設定 {n:count} 件、インタフェース {names:list}。",
)
PART = message(
    "vyos_config.summary_part",
    en="An excerpt: {n:count} settings, interfaces {names:list}.",
    ja="抜粋：設定 {n:count} 件、インタフェース {names:list}。",
)
BARE = message("vyos_config.summary_bare", en="{n:count} settings: {words}.", ja="設定 {n:count} 件：{words}。")
TUNNEL = message(
    "vyos_config.summary_tunnel",
    en="Tunnel {name} ({kind}): {local} → {remote}.",
    ja="トンネル {name} ({kind})：{local} → {remote}。",
)
DEFAULT = message("vyos_config.summary_default", en="Default route set: {way}.", ja="デフォルト経路の設定：{way}。")
NO_DEFAULT = message(
    "vyos_config.summary_no_default",
    en="No static default route is set for IPv{version}.",
    ja="IPv{version} の静的デフォルト経路の設定なし。",
)
DELETED = message("vyos_config.summary_deleted", en="{n:count} settings deleted.", ja="削除 {n:count} 件。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for config in [f for f in facts if isinstance(f, RouterConfig)][:MOST]:
        yield from _one(file.path, config)
    for ruleset in [f for f in facts if isinstance(f, IptablesRuleset) and f.form == "vyos"][:MOST]:
        own = [rule for rule in ruleset.rules if not rule.text.endswith(f"default-action {(rule.target or '').lower()}")]
        if own:
            chains = [(f"{c.name} {c.policy}", c.line) for c in ruleset.chains if c.policy == "DROP"]
            yield from filters.lines(file.path, own, chains)


def _one(path: str, config: RouterConfig) -> Iterator[Statement]:
    names = [one.name for one in config.interfaces[:8]]
    n = len(config.settings)
    if names:
        place = Citation(path, lines=tuple(one.line for one in config.interfaces[:8]))
        yield Statement(PART(n=n, names=names) if config.partial else WHOLE(n=n, names=names), (place,))
    elif n:
        first = config.settings[0]
        yield Statement(BARE(n=n, words=" ".join(first.words)[:120]), (Citation(path, lines=(first.line,)),))
    for tunnel in config.tunnels[:MOST]:
        if tunnel.remote:
            said = TUNNEL(name=tunnel.name, kind=tunnel.encapsulation or "?", local=tunnel.local or "any", remote=tunnel.remote)
            yield Statement(said, (Citation(path, lines=tuple(sorted({tunnel.local_line, tunnel.remote_line} - {0}))),))
    defaults = [r for r in config.static_routes if r.destination in ("0.0.0.0/0", "::/0")]
    for route in defaults[:MOST]:
        way = " ".join(
            part for part in (route.destination, "via" if route.via else "", route.via or "", route.device or "") if part
        )
        yield Statement(DEFAULT(way=way), (Citation(path, lines=(route.line,)),))
    if not config.partial:
        for version, prefix in ((4, "0.0.0.0/0"), (6, "::/0")):
            if not any(r.destination == prefix for r in defaults):
                yield Statement(NO_DEFAULT(version=version), (Citation(path, lines=(config.first_line, config.last_line)),))
    if config.deleted:
        yield Statement(DELETED(n=len(config.deleted)), (Citation(path, lines=tuple(s.line for s in config.deleted[:10])),))
