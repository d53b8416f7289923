"""What the summaries of interfaces say of their counters: errors and drops, each way, against the packets."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.interface_state import InterfaceCounters
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
TROUBLED = message(
    "counters.summary_troubled",
    en="{name} {way}: {counters:list} of {n:count} packets.",
    ja="{name} {way}：{counters:list}（{n:count} パケット中）。",
)
BARE = message("counters.summary_bare", en="{name} {way}: {counters:list}.", ja="{name} {way}：{counters:list}。")
CLEAN = message(
    "counters.summary_clean",
    en="No errors and no drops on {names:list}.",
    ja="{names:list} にエラー・ドロップなし。",
)
DETAILS = message("counters.summary_details", en="{name}: {counters:list}.", ja="{name}：{counters:list}。")


def counter_lines(file: CaseFile, facts: Sequence[Fact]) -> Iterator[Statement]:
    """A sentence for each troubled direction of each interface, and one for those without trouble."""
    clean: list[InterfaceCounters] = []
    troubled = 0
    for one in (fact for fact in facts if isinstance(fact, InterfaceCounters)):
        ways = list(_troubles(one))
        if not ways and one.received_packets is not None:
            clean.append(one)
        for way, counters, packets, line in ways:
            troubled += 1
            if troubled <= 2 * MOST:
                place = (Citation(file.path, lines=(line or one.line,)),)
                named = {"name": one.name, "way": way, "counters": counters}
                yield Statement(TROUBLED(**named, n=packets) if packets else BARE(**named), place)
        if one.others and one.program == "ethtool":
            told = [counter for counter in one.others if counter.name not in _TOLD][:MOST]
            if told:
                shown = [f"{counter.name} {counter.value:,}" for counter in told]
                place = (Citation(file.path, lines=tuple(counter.line for counter in told)),)
                yield Statement(DETAILS(name=one.name, counters=shown), place)
    if clean and not troubled:
        lines = tuple(dict.fromkeys(one.receive_line or one.line for one in clean[:MOST]))
        yield Statement(CLEAN(names=[one.name for one in clean[:MOST]]), (Citation(file.path, lines=lines),))


_TOLD = ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "rx_missed_errors", "rx_missed", "tx_carrier_errors", "collisions")


def _troubles(one: InterfaceCounters) -> Iterator[tuple[str, list[str], int | None, int]]:
    received = (("errors", one.receive_errors), ("dropped", one.receive_dropped), ("missed", one.receive_missed))
    sent = (
        ("errors", one.send_errors),
        ("dropped", one.send_dropped),
        ("carrier", one.carrier_errors),
        ("collisions", one.collisions),
    )
    for way, counters, packets, line in (
        ("RX", received, one.received_packets, one.receive_line),
        ("TX", sent, one.sent_packets, one.send_line),
    ):
        shown = [f"{name} {value:,}" for name, value in counters if value]
        if shown:
            yield way, shown, packets, line
