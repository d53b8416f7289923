"""The capture lost packets: tcpdump or the interface counted drops.

Claim: 'N packets dropped by kernel' (or by interface), or a pcapng interface's statistics, with N > 0. What is then concluded from
a packet's absence is only tentative. 'received by filter' is no measure of loss: on loopback every packet passes the filter twice,
and packets still in the buffer at the end are counted there too.

Refuted by: nothing short of another capture; the counter is the kernel's own.

Source: tcpdump(8), 'packets dropped by kernel'; pcapng, Interface Statistics Block.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.facts.joined import CaptureRun
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

TITLE = message("capture_dropped_packets", en="The capture lost packets", ja="キャプチャの取りこぼし")
DROPPED = message(
    "capture_dropped_packets.title",
    en="The capture {capture} lost {n:count} packets: what is not in it may have been there.",
    ja="キャプチャ {capture} は {n:count} パケットを取りこぼした。写っていないパケットも存在した可能性がある。",
)
SAID = message("capture_dropped_packets.said", en="tcpdump counts {n:count} dropped.", ja="tcpdump の計数ではドロップ {n:count}。")
INTERFACE = message(
    "capture_dropped_packets.interface",
    en="The interface statistics in the file count {n:count} dropped.",
    ja="ファイル内のインタフェース統計ではドロップ {n:count}。",
)
NONE = message(
    "capture_dropped_packets.none",
    en="0 packets dropped; {captured:count} captured in {n:count} {n:plural:capture|captures}.",
    ja="ドロップ 0（キャプチャ {n:count} 件、計 {captured:count} パケット）。",
)
NONE_LOOPBACK = message(
    "capture_dropped_packets.none_loopback",
    en="0 packets dropped; {captured:count} captured in {n:count} {n:plural:capture|captures}. The filter received {received:count}: "
    "loopback counts each packet twice.",
    ja="ドロップ 0（キャプチャ {n:count} 件、計 {captured:count} パケット）。フィルタ受信 {received:count} はループバックで 2 回数えたもの。",
)
NONE_INTERFACE = message(
    "capture_dropped_packets.none_interface",
    en="The interface statistics in the file count 0 dropped.",
    ja="ファイル内のインタフェース統計ではドロップ 0。",
)
REFUTE = message(
    "capture_dropped_packets.refute",
    en="Another capture of the same traffic without drops.",
    ja="同じ通信を取りこぼしなく採ったキャプチャがあれば覆る。",
)
AGAIN = message(
    "capture_dropped_packets.again",
    en="Capture again with a larger buffer and without name resolution.",
    ja="バッファを大きくし、名前解決なしで採り直す。",
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[(CaptureStatistics, Capture)],
    uses=[CaptureRun],
    collect="sudo tcpdump -i any -w run.pcap 2> tcpdump_stderr.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each statistics; a capture without any says nothing."""
    captures = {r.statistics_file: r for r in case.all(CaptureRun)}
    clean: list[CaptureStatistics] = []
    for s in case.all(CaptureStatistics):
        run = captures.get(s.file)
        counts = [(s.dropped_by_kernel, s.dropped_line), (s.dropped_by_interface, s.dropped_by_interface_line)]
        lost = [(n, line) for n, line in counts if n]
        name = run.file if run else s.file
        if lost:
            said = [statement(SAID(n=n), Citation(s.file, lines=(line,))) for n, line in lost]
            yield _found(name, sum(n or 0 for n, _ in lost), said)
        elif s.dropped_by_kernel is not None:
            clean.append(s)
    if clean:
        yield Excluded(statements=(_none(clean, captures),))
    for capture in case.all(Capture):
        counted = [i.dropped_count for i in capture.interfaces if i.dropped_count is not None]
        place = Citation(capture.file)
        if sum(counted):
            yield _found(capture.file, sum(counted), [Statement(INTERFACE(n=sum(counted)), (place,))])
        elif counted:
            yield Excluded(statements=(Statement(NONE_INTERFACE(), (place,)),))


def _none(clean: list[CaptureStatistics], captures: dict[str, CaptureRun]) -> Statement:
    """One sentence for all captures that lost nothing."""
    captured, received = sum(s.captured or 0 for s in clean), sum(s.received_by_filter or 0 for s in clean)
    loopback = all(s.file in captures and captures[s.file].loopback for s in clean)
    places = (Citation(s.file, lines=(s.dropped_line,)) for s in clean)
    if loopback and received == 2 * captured:
        return statement(NONE_LOOPBACK(n=len(clean), captured=captured, received=received), *places)
    return statement(NONE(n=len(clean), captured=captured), *places)


def _found(capture: str, lost: int, said: list[Statement]) -> Found:
    return Found(
        outcome="fail",
        severity="medium",
        confidence="certain",
        title=DROPPED(capture=capture, n=lost),
        statements=tuple(said),
        subject={"what": "capture drops"},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), "sudo tcpdump -nn -i any -B 16384 -w run.pcap 2> tcpdump_stderr.log"),),
    )
