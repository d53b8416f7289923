"""Where to record the next capture, with which filter, and why there."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import is_loopback, quoted
from runs.analysis.facts.base import Citation
from runs.analysis.facts.container import Container
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import Forwarder
from runs.analysis.messages import message
from runs.analysis.next_capture.aims import PATIENT_SECONDS, Aim, Lack, Request, lack_of
from runs.analysis.next_capture.snapshots import snapshots
from runs.analysis.report import CapturePlace, ScriptLine, Statement

MOST_PACKETS = 1_000_000
START_SECONDS = 180  # between the first place's start and the client's
TUNNEL_RULES = {"tunnel_endpoint_unreachable", "tunnel_encapsulation", "tunnel_remote_mismatch", "dhcp_lease_lost"}
FAR_RULES = {
    "syn_unanswered", "response_missing", "response_slow", "return_path_lost", "retransmission_stall", "retransmission_rate_high",
    "loss_episode", "transfer_stall", "connection_reset", "path_mtu_blackhole", "icmp_rejected", "zero_window_stall",
}  # fmt: skip
"""Rules whose findings a capture at the other end confirms or refutes."""

CLIENT = message("next_capture.client", en="On the host that asks", ja="要求を出すホストで")
BEHIND = message(
    "next_capture.behind",
    en="Behind the program that accepts, on the same host",
    ja="同じホストの、接続を受け付けるプログラムの背後で",
)
CONTAINER = message("next_capture.container", en="In the network of container {name}", ja="コンテナ {name} のネットワーク内で")
TUNNEL = message("next_capture.tunnel", en="On the router that ends the tunnel", ja="トンネルを終端するルータで")
RESPONDER = message("next_capture.responder", en="On {ends}, or as near to it as you get", ja="{ends} 自身か、できるだけその近くで")

WATCH = message(
    "next_capture.watch",
    en="{ends} and, whatever the port, the ICMP errors of any router on the way.",
    ja="{ends} との通信と、途中のどのルータからの ICMP エラーも（ポートに関わらず）採る。",
)
WATCH_ALL = message(
    "next_capture.watch_all",
    en="All TCP and ICMP but SSH: which port it goes on to is not known.",
    ja="SSH 以外の TCP と ICMP をすべて採る（先のポートが不明なため）。",
)
WATCH_TUNNEL = message(
    "next_capture.watch_tunnel",
    en="What is carried in the tunnel (ip6 proto 4, 41, GRE), DHCPv6 and ICMPv6: a filter for the inner addresses does not see packets in "
    "a tunnel.",
    ja="トンネル内の通信（ip6 proto 4、41、GRE）、DHCPv6、ICMPv6 を採る。内側アドレスだけのフィルタではトンネル内のパケットは写らない。",
)
NARROW = message(
    "next_capture.narrow",
    en="The filter before admitted no ICMP: a rejection by a router could not be in the capture.",
    ja="前回のフィルタは ICMP を含まず、ルータの拒否応答が写り得なかった。",
)
CUT = message(
    "next_capture.cut",
    en="-s 0 keeps whole packets: {n:count} of {all:count} frames of {file} are cut.",
    ja="-s 0 で全長を残す（{file} では {all:count} フレーム中 {n:count} 件が途中で切れている）。",
)
WHOLE = message(
    "next_capture.whole",
    en="-s 0 keeps whole packets, so that request and answer can be read.",
    ja="-s 0 で全長を残し、要求と応答の中身を読めるようにする。",
)
DROPPED = message(
    "next_capture.dropped",
    en="-B 16384 (16 MiB): the kernel dropped {n:count} packets last time.",
    ja="-B 16384（16 MiB）: 前回はカーネルが {n:count} パケットを取りこぼした。",
)
NOT_HELD = message(
    "next_capture.not_held", en="No capture holds this attempt: {label}.", ja="この試行を含むキャプチャがない: {label}。"
)
BOUNDED = message(
    "next_capture.bounded",
    en="It ends after {n:count} packets or {seconds:count} s, so that the disk does not fill.",
    ja="{n:count} パケットまたは {seconds:count} 秒で終わる（ディスクを埋めない）。",
)
NAMED = message(
    "next_capture.named",
    en="Port 53 too: the name is resolved anew, and by whom is to be seen.",
    ja="ポート 53 も採る（名前解決をやり直すため）。",
)
NOTHING_BEHIND = message(
    "next_capture.nothing_behind",
    en="Nothing behind {end} was captured: whether the request is handed on is not known.",
    ja="{end} の背後は採取されていない。要求が先へ渡されたかどうか分からない。",
)
BOTH_ENDS = message(
    "next_capture.both_ends",
    en="Two captures of the same packets say on which side they are lost.",
    ja="同じパケットを 2 点で採れば、どちら側で失われたか分かる。",
)
ASK = message("next_capture.ask", en="The same request again over IPv{family}.", ja="同じ要求を IPv{family} でもう一度送る。")
SHORTENED = message(
    "next_capture.shortened",
    en="What may be secret in its URL is left out here; put it in by hand.",
    ja="URL 中の秘密と思われる部分は省いた。必要なら手で補うこと。",
)


def places_of(case: Case, aim: Aim) -> Iterator[CapturePlace]:
    """The client first; then every place whose view the evidence lacks."""
    lack = lack_of(case, aim)
    yield _client(case, aim, lack)
    if aim.is_local:
        yield _behind(case, aim, lack)
    elif aim.told.keys() & FAR_RULES:
        title = RESPONDER(ends=", ".join(dict.fromkeys(e.address for e in aim.ends if not is_loopback(e.address))))
        why = (Statement(BOTH_ENDS()), *_bounds(aim.seconds + START_SECONDS, lack))
        lines = [*snapshots(aim, "responder"), _tcpdump("responder", "any", _ports(aim), why, lack)]
        yield CapturePlace(id="responder", title=title, lines=tuple(lines))
    inner = [c for c in case.all(Conversation) if c.outer]
    if inner or aim.told.keys() & TUNNEL_RULES:
        why = (Statement(WATCH_TUNNEL()), *_bounds(aim.seconds + START_SECONDS, lack))
        tunnelled = "ip6 proto 4 or ip6 proto 41 or ip proto 41 or proto 47 or icmp6 or icmp or udp portrange 546-547"
        capture = _tcpdump("tunnel", "any", tunnelled, why, lack)
        yield CapturePlace(id="tunnel", title=TUNNEL(), lines=(*snapshots(aim, "tunnel"), capture))


def _client(case: Case, aim: Aim, lack: Lack) -> CapturePlace:
    narrow = aim.told.get("capture_filter_too_narrow")
    why = [Statement(WATCH(ends=_told(aim)))]
    why += [Statement(NARROW(), narrow.citations[:1])] if narrow else []
    why += [Statement(NOT_HELD(label=a.label), a.citations[:1]) for a in lack.uncaptured[:2]]
    words = _ports(aim) if aim.is_local else f"(({_hosts(aim)}) and ({_ports(aim, bare=True)})) or icmp or icmp6"
    if aim.names:
        words, why = f"{words} or port 53", [*why, Statement(NAMED())]
    interface = "any" if not aim.is_local or lack.uncaptured else _loopback(lack)
    capture = _tcpdump("client", interface, words, (*why, *_bounds(aim.seconds + START_SECONDS, lack)), lack)
    asked = [_ask(number, request) for number, request in enumerate(aim.requests, 1)]
    return CapturePlace(id="client", title=CLIENT(), lines=(*snapshots(aim, "client"), capture, *asked))


def _behind(case: Case, aim: Aim, lack: Lack) -> CapturePlace:
    """The other side of a port of the own host: the container it is published from, where the forwarder leads, or all."""
    own = {end.port for end in aim.ends}
    why = [Statement(NOTHING_BEHIND(end=str(aim.ends[0])))]
    for container in case.all(Container):
        published = next((p for p in container.ports if p.host_port in own), None)
        if container.name and published is not None:
            why = [Statement(NOTHING_BEHIND(end=str(aim.ends[0])), (Citation(container.file, lines=(published.line,)),))]
            pid = f'"$(docker inspect -f "{{{{.State.Pid}}}}" {quoted(container.name)})"'
            words = f"port {published.container_port} or icmp or icmp6"
            line = _tcpdump(
                "behind", "any", words, (*why, *_bounds(aim.seconds + START_SECONDS, lack)), lack, f"nsenter -t {pid} -n "
            )
            return CapturePlace(id="behind", title=CONTAINER(name=container.name), lines=(*snapshots(aim, "behind"), line))
    led = next((f for f in case.all(Forwarder) if f.listen.port in own and f.target.port not in own and f.target.port), None)
    if led is not None:
        why = [Statement(NOTHING_BEHIND(end=str(led.listen)), (led.citation,)), Statement(WATCH(ends=str(led.target)))]
        words = f"port {led.target.port} or icmp or icmp6"
    else:
        words, why = "(tcp and not port 22) or icmp or icmp6", [*why, Statement(WATCH_ALL())]
    capture = _tcpdump("behind", "any", words, (*why, *_bounds(aim.seconds + START_SECONDS, lack)), lack)
    return CapturePlace(id="behind", title=BEHIND(), lines=(*snapshots(aim, "behind"), capture))


def _bounds(seconds: int, lack: Lack) -> Iterator[Statement]:
    for capture in lack.truncated[:1]:
        yield Statement(CUT(n=capture.truncated_count, all=capture.frame_count, file=capture.file), (Citation(capture.file),))
    if not lack.truncated:
        yield Statement(WHOLE())
    for lossy in lack.lossy[:1]:
        yield Statement(DROPPED(n=lossy.dropped_by_kernel or 0), (Citation(lossy.file, lines=(lossy.dropped_line,)),))
    yield Statement(BOUNDED(n=MOST_PACKETS, seconds=seconds))


def _tcpdump(place: str, interface: str, words: str, why: tuple[Statement, ...], lack: Lack, before: str = "") -> ScriptLine:
    buffer = " -B 16384" if lack.lossy else ""
    command = f'{before}tcpdump -i "${{IF:-{interface}}}" -n -s 0{buffer} -c {MOST_PACKETS} -w {place}.pcap {quoted(words)}'
    return ScriptLine(step="capture", why=why, command=command, file=f"{place}.pcap")


def _ask(number: int, request: Request) -> ScriptLine:
    why = [Statement(ASK(family=request.family))]
    file = f"request_{number}_ipv{request.family}.log"
    if request.url is None:
        command = f"nc -v -z -w 10 {quoted(request.end.address)} {request.end.port}"
    else:
        why += [Statement(SHORTENED())] if request.shortened else []
        command = f"curl -v --trace-time -{request.family} --max-time {PATIENT_SECONDS} -o /dev/null {quoted(request.url)}"
    return ScriptLine(step="request", why=tuple(why), command=command, file=file)


def _told(aim: Aim) -> str:
    return ", ".join(str(end) for end in aim.ends)


def _hosts(aim: Aim) -> str:
    return " or ".join(f"host {address}" for address in dict.fromkeys(end.address for end in aim.ends))


def _ports(aim: Aim, bare: bool = False) -> str:
    words = " or ".join(f"port {port}" for port in dict.fromkeys(end.port for end in aim.ends))
    return words if bare else f"{words} or icmp or icmp6"


def _loopback(lack: Lack) -> str:
    """The loopback's name on the host, by the captures that were taken there: 'lo0' of BSD and macOS, 'lo' of Linux."""
    names = {i.name for c in lack.captures for i in c.interfaces if i.name}
    types = {i.linktype for c in lack.captures for i in c.interfaces}
    return "lo0" if "lo0" in names or types & {0, 108} else "lo" if types else "any"
