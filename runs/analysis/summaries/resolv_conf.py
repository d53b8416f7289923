"""resolv.conf: which resolvers are asked, in which order."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.report import Statement

SERVERS = message("resolv_conf.summary_servers", en="Resolvers, in order: {servers:list}.", ja="リゾルバ（順に）：{servers:list}。")
NO_SERVER = message(
    "resolv_conf.summary_no_server",
    en="No resolver is named: the host asks itself.",
    ja="リゾルバの指定なし（自ホストに問い合わせる）。",
)
SEARCH = message("resolv_conf.summary_search", en="Search list: {names:list}.", ja="検索ドメイン：{names:list}。")
OPTIONS = message("resolv_conf.summary_options", en="Options: {names:list}.", ja="オプション：{names:list}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for config in [f for f in facts if isinstance(f, ResolverConfig)][:4]:
        if config.servers:
            place = Citation(file.path, lines=tuple(line for _, line in config.servers[:6]))
            yield Statement(SERVERS(servers=[address for address, _ in config.servers[:6]]), (place,))
        else:
            yield Statement(NO_SERVER(), (Citation(file.path, lines=(config.first_line,)),))
        for items, words in ((config.search, SEARCH), (config.options, OPTIONS)):
            if items:
                lines = tuple(sorted({line for _, line in items[:6]}))
                yield Statement(words(names=[name for name, _ in items[:6]]), (Citation(file.path, lines=lines),))
