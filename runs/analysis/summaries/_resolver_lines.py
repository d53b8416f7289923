"""What the summaries of resolvers say: who is asked for what, in which order, and which cannot be reached."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import CaseFile
from runs.analysis.facts.base import Citation
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
SERVERS = message("resolv_conf.summary_servers", en="Resolvers, in order: {servers:list}.", ja="リゾルバ（順に）：{servers:list}。")
FOR_DOMAIN = message("resolvers.summary_domain", en="For {domain}: {servers:list}.", ja="{domain} の問い合わせ先：{servers:list}。")
FOR_INTERFACE = message(
    "resolvers.summary_interface", en="By {interface}: {servers:list}.", ja="{interface} 経由の問い合わせ先：{servers:list}。"
)
UNREACHABLE = message("resolvers.summary_unreachable", en="Not reachable: {servers:list}.", ja="到達不能：{servers:list}。")
NO_SERVER = message(
    "resolv_conf.summary_no_server",
    en="No resolver is named: the host asks itself.",
    ja="リゾルバの指定なし（自ホストに問い合わせる）。",
)
SEARCH = message("resolv_conf.summary_search", en="Search list: {names:list}.", ja="検索ドメイン：{names:list}。")
OPTIONS = message("resolv_conf.summary_options", en="Options: {names:list}.", ja="オプション：{names:list}。")


def resolver_lines(file: CaseFile, configs: Sequence[ResolverConfig]) -> Iterator[Statement]:
    """Of each configuration, the first MOST."""
    for config in configs[:MOST]:
        servers = [address for address, _ in config.servers[:6]]
        place = Citation(file.path, lines=tuple(dict.fromkeys(line for _, line in config.servers[:6])))
        if not servers:
            yield Statement(NO_SERVER(), (Citation(file.path, lines=(config.first_line,)),))
        elif config.domain:
            yield Statement(FOR_DOMAIN(domain=config.domain, servers=servers), (place,))
        elif config.interface:
            yield Statement(FOR_INTERFACE(interface=config.interface, servers=servers), (place,))
        else:
            yield Statement(SERVERS(servers=servers), (place,))
        if config.unreachable:
            yield Statement(UNREACHABLE(servers=servers), (Citation(file.path, lines=config.unreachable),))
        for items, words in ((config.search, SEARCH), (config.options, OPTIONS)):
            if items:
                lines = tuple(sorted({line for _, line in items[:6]}))
                yield Statement(words(names=[name for name, _ in items[:6]]), (Citation(file.path, lines=lines),))
