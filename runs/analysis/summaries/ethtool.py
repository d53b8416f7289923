"""ethtool: what the link came to, errors that the card counted, and offloads that captures show."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.interface_state import LinkSettings, OffloadSettings
from runs.analysis.facts.small import SoftwareVersion
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries._counter_lines import counter_lines

MOST = 6
LINK = message(
    "ethtool.summary_link",
    en="{name}: {speed:count} Mbit/s, {duplex} duplex.",
    ja="{name}：{speed:count} Mbit/s、{duplex} duplex。",
)
NO_LINK = message("ethtool.summary_no_link", en="{name}: no link.", ja="{name}：リンクなし。")
FIXED = message("ethtool.summary_fixed", en="Autonegotiation is off on {name}.", ja="{name} のオートネゴシエーションは off。")
SLOWER = message(
    "ethtool.summary_slower",
    en="{name} could do {best:count} Mbit/s.",
    ja="{name} は {best:count} Mbit/s に対応。",
)
OFFLOADS = message("ethtool.summary_offloads", en="Offloads on {name}: {names:list}.", ja="{name} のオフロード：{names:list}。")
NO_OFFLOADS = message("ethtool.summary_no_offloads", en="All offloads are off on {name}.", ja="{name} のオフロードはすべて off。")
DRIVER = message("ethtool.summary_driver", en="{driver}.", ja="{driver}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for link in [fact for fact in facts if isinstance(fact, LinkSettings)][:MOST]:
        yield from _link(file.path, link)
    yield from counter_lines(file, facts)
    for card in [fact for fact in facts if isinstance(fact, OffloadSettings)][:MOST]:
        on = [one for one in card.offloads if one.is_on][:MOST]
        lines = tuple(one.line for one in on) or (card.line,)
        said = OFFLOADS(name=card.name, names=[one.name for one in on]) if on else NO_OFFLOADS(name=card.name)
        yield Statement(said, (Citation(file.path, lines=lines),))
    for driver in [fact for fact in facts if isinstance(fact, SoftwareVersion)][:MOST]:
        yield Statement(DRIVER(driver=driver.detail or driver.name), (Citation(file.path, lines=(driver.line,)),))


def _link(path: str, link: LinkSettings) -> Iterator[Statement]:
    if link.has_link is False:
        yield Statement(NO_LINK(name=link.name), (Citation(path, lines=(link.link_line,)),))
    elif link.speed_mbps is not None:
        lines = tuple(line for line in (link.speed_line, link.duplex_line) if line)
        yield Statement(LINK(name=link.name, speed=link.speed_mbps, duplex=link.duplex or "?"), (Citation(path, lines=lines),))
        best = max((int(digits) for mode in link.supported if (digits := mode.partition("base")[0]).isdigit()), default=0)
        if best > link.speed_mbps:
            yield Statement(SLOWER(name=link.name, best=best), (Citation(path, lines=(link.line,)),))
    if link.autonegotiation is False:
        yield Statement(FIXED(name=link.name), (Citation(path, lines=(link.autonegotiation_line,)),))
