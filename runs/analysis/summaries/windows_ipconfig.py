"""`ipconfig`: which adapters are connected, with which addresses, and where the default goes; addresses that no server gave."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Interfaces, RoutingTable
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries import _interface_lines, _resolver_lines

GATEWAYS = message(
    "windows_ipconfig.summary_gateways", en="Default gateways: {ways:list}.", ja="デフォルトゲートウェイ：{ways:list}。"
)
NO_GATEWAY = message("windows_ipconfig.summary_no_gateway", en="No default gateway.", ja="デフォルトゲートウェイなし。")
ALONE = message(
    "windows_ipconfig.summary_alone",
    en="{name} gave itself {address}: no DHCP server answered.",
    ja="{name} は {address} を自動構成：DHCP サーバーの応答なし。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    yield from _interface_lines.summary(file, facts, case)
    listings = [fact for fact in facts if isinstance(fact, Interfaces)]
    routes = [route for fact in facts if isinstance(fact, RoutingTable) for route in fact.routes]
    if routes:
        ways = [f"{route.via} ({route.device})" for route in routes[:4]]
        yield Statement(GATEWAYS(ways=ways), (Citation(file.path, lines=tuple(route.line for route in routes[:4])),))
    elif listings:
        yield Statement(NO_GATEWAY(), (Citation(file.path, lines=(listings[0].first_line, listings[0].last_line)),))
    for listing in listings:
        for one in listing.interfaces:
            for address in one.addresses:
                if "autoconf" in address.flags:
                    yield Statement(ALONE(name=one.name, address=address.address), (Citation(file.path, lines=(address.line,)),))
    yield from _resolver_lines.resolver_lines(file, [fact for fact in facts if isinstance(fact, ResolverConfig)])
