"""What to note beside the next capture: the state of the host that the rules asked for in vain, before and after."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from runs.analysis.domain.wording import is_loopback, quoted
from runs.analysis.messages import Message, message
from runs.analysis.next_capture.aims import Aim
from runs.analysis.report import ScriptLine, Statement

Step = Literal["before", "after"]

CLOCK = message(
    "next_capture.clock",
    en="The clock, so that the places' times can be laid beside each other.",
    ja="時計を残し、各所の時刻を突き合わせられるようにする。",
)
SOCKETS = message(
    "next_capture.sockets", en="Who listens on the port, and as which process.", ja="どのプロセスがそのポートで待ち受けているか。"
)
ROUTES = message(
    "next_capture.routes",
    en="Routes and rules of both families; no routing table is in the evidence.",
    ja="両ファミリの経路と規則（証跡に経路表がない）。",
)
INTERFACES = message(
    "next_capture.interfaces",
    en="Interfaces with their addresses and error counters, before and after.",
    ja="インタフェース、アドレス、エラーカウンタ（前後で比べる）。",
)
NEIGHBOURS = message(
    "next_capture.neighbours",
    en="Neighbours by ARP and ND, after the attempt.",
    ja="試行直後の ARP・ND の隣接表。",
)
FILTERS = message(
    "next_capture.filters",
    en="Packet-filter rules with counters before and after: the rule that counts the packets is the one that decides.",
    ja="フィルタ規則をカウンタ付きで前後に残す（カウンタの増えた規則が判定した規則）。",
)
TRACKED = message("next_capture.tracked", en="What the connection tracking made of it.", ja="接続追跡がどう扱ったか。")
PATH = message(
    "next_capture.path",
    en="How far packets to {address} come, with the port that fails.",
    ja="失敗するポートを使い、{address} への経路のどこまで届くか。",
)
RESOLVE = message(
    "next_capture.resolve", en="What the name {name} resolves to, and how fast.", ja="{name} の名前解決の結果と所要時間。"
)
LOG = message("next_capture.log", en="What the daemon wrote during the attempt.", ja="試行中にデーモンが残したログ。")
TUNNELS = message(
    "next_capture.tunnels", en="The tunnel's settings and its remote end's route.", ja="トンネルの設定と、相手側への経路。"
)


class Snapshot(NamedTuple):
    """A command for when one of the rules could not be answered. `places`: where it is worth running."""

    rules: frozenset[str]
    places: frozenset[str]
    steps: tuple[Step, ...]
    why: Message
    command: str
    name: str
    even_local: bool = False  # also where all that failed stays on the host


SNAPSHOTS = (
    Snapshot(frozenset({"port_not_listening"}), frozenset({"client", "behind", "responder"}), ("before",), SOCKETS,
             "ss -ltnp || lsof -nP -iTCP -sTCP:LISTEN", "listening", True),
    Snapshot(frozenset({"interface_down"}), frozenset({"client", "responder", "tunnel"}), ("before", "after"), INTERFACES,
             "ip addr; ip -s link || ifconfig -a", "interfaces"),
    Snapshot(frozenset({"route_missing", "next_hop_mismatch"}), frozenset({"client", "responder", "tunnel"}), ("before",), ROUTES,
             "ip route; ip -6 route; ip rule || netstat -rn", "routes"),
    Snapshot(frozenset({"arp_unanswered", "next_hop_mismatch"}), frozenset({"client", "responder"}), ("after",), NEIGHBOURS,
             "ip neigh show || arp -an", "neighbours"),
    Snapshot(frozenset({"firewall_would_block", "firewall_no_block"}), frozenset({"client", "behind", "responder", "tunnel"}),
             ("before", "after"), FILTERS,
             "iptables-save -c; ip6tables-save -c; nft list ruleset; pfctl -vvsr; pfctl -sn", "filters", True),
    Snapshot(frozenset({"nat_port_outside_map_e"}), frozenset({"tunnel"}), ("after",), TRACKED, "conntrack -L", "conntrack"),
    Snapshot(frozenset({"tunnel_endpoint_unreachable", "tunnel_remote_mismatch"}), frozenset({"tunnel"}), ("before",), TUNNELS,
             "ip tunnel show; ip -6 tunnel show; ip -6 route", "tunnels"),
)  # fmt: skip


def snapshots(aim: Aim, place: str) -> Iterator[ScriptLine]:
    """The commands of one place. A rule that was answered both ways is not asked again; a firewall's two rules need one listing."""
    yield _line("before", CLOCK, "date -u; chronyc tracking || timedatectl", f"{place}_clock.txt")
    for one in SNAPSHOTS:
        lacking = one.rules & aim.lacking.keys()
        if one.name == "filters":  # one kind of filter in the evidence answers one of the two
            lacking = lacking if lacking == one.rules else frozenset()
        if lacking and place in one.places and (one.even_local or not aim.is_local):
            for step in one.steps:
                suffix = f"_{step}" if len(one.steps) > 1 else ""
                yield _line(step, one.why, one.command, f"{place}_{one.name}{suffix}.txt")
    if place == "client":
        yield from _of_client(aim)
    log = aim.lacking.get("log_errors")
    if place in ("behind", "responder") and log is not None and log.collect:
        yield _line("after", LOG, log.collect, f"{place}_daemon.log")


def _of_client(aim: Aim) -> Iterator[ScriptLine]:
    if "dns_failed" in aim.lacking:
        for name in aim.names[:3]:
            why = Statement(RESOLVE(name=name))
            yield ScriptLine(
                step="before", why=(why,), command=f"dig {quoted(name)} A; dig {quoted(name)} AAAA", file="client_dns.txt"
            )
    if "traceroute_rejected" in aim.lacking:
        far = {end.address: end for end in aim.ends if not is_loopback(end.address)}
        for end in list(far.values())[:2]:
            why = Statement(PATH(address=end.address))
            command = f"traceroute -n -T -p {end.port} {quoted(end.address)} || traceroute -n {quoted(end.address)}"
            yield ScriptLine(step="after", why=(why,), command=command, file="client_path.txt")


def _line(step: Step, why: Message, command: str, file: str) -> ScriptLine:
    return ScriptLine(step=step, why=(Statement(why()),), command=command, file=file)
