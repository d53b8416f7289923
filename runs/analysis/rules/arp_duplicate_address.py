"""Two MAC addresses answer for one IP address.

Claim: replies for the same address carry two or more hardware addresses. A ping may go through all the same: whoever answers
first wins, and it changes.

`firm` where one asker gets more replies than it asked questions: both answer at once. Else `tentative` and `medium`: an address
that moved (a failover, a new lease) looks the same. Silent for the virtual addresses of VRRP, HSRP, GLBP and Network Load
Balancing, where a second MAC is meant.

Refuted by: proxy ARP or a failover between the replies that explains both.

Source: RFC 5227 §2.4; RFC 5798 §7.3 (virtual router MAC addresses).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.arp import ArpResolution
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

VIRTUAL_PREFIXES = (
    "00:00:5e:00:01",
    "00:00:5e:00:02",
    "00:00:0c:07:ac",
    "00:00:0c:9f:f",
    "00:05:73:a0",
    "00:07:b4",
    "02:bf",
    "03:bf",
)

TITLE = message("arp_duplicate_address", en="Two hosts claim one address", ja="IP アドレスが重複している")
DUPLICATE = message(
    "arp_duplicate_address.title",
    en="{n:count} MAC addresses answer for {target}: {macs:list}.",
    ja="{target} に {n:count} つの MAC アドレスが応答している：{macs:list}。",
)
HERE = message("arp_duplicate_address.here", en="The replies are these.", ja="応答はこれらのフレーム。")
REFUTE = message(
    "arp_duplicate_address.refute",
    en="Proxy ARP or a failover between the replies.",
    ja="プロキシ ARP、または応答の間のフェイルオーバーで説明できれば覆る。",
)
FIND = message(
    "arp_duplicate_address.find",
    en="Find the switch ports of both MAC addresses.",
    ja="両 MAC アドレスのスイッチポートを特定する。",
)
PROBE = message("arp_duplicate_address.probe", en="Probe for the duplicate.", ja="重複検査を行う。")
NONE = message(
    "arp_duplicate_address.none", en="One MAC address answers for {target}.", ja="{target} に応答する MAC アドレスは 1 つ。"
)


@rule(
    title=TITLE,
    domain="network",
    topics=["address-resolution"],
    needs=[ArpResolution],
    collect="sudo tcpdump -i any -nn -e -w arp.pcap arp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each address."""
    by_target: dict[str, list[ArpResolution]] = {}
    for arp in case.all(ArpResolution):
        if arp.reply_count:
            by_target.setdefault(arp.target, []).append(arp)
    single: list[Statement] = []
    for target, found in by_target.items():
        macs = sorted({m for a in found for m in a.macs if not m.lower().startswith(VIRTUAL_PREFIXES)})
        places = [Citation(a.file, frames=a.reply_frames[:20]) for a in found]
        at_once = any(len(a.macs) > 1 and a.reply_count > a.request_count for a in found)
        if len(macs) > 1:
            yield Found(
                outcome="fail",
                severity="high" if at_once else "medium",
                confidence="firm" if at_once else "tentative",
                title=DUPLICATE(target=target, n=len(macs), macs=macs),
                statements=(statement(HERE(), *places),),
                subject={"address": target},
                endpoints=(RoleEndpoint("responder", Endpoint(target)),),
                refuted_by=REFUTE(),
                next_actions=(
                    Action(PROBE(), f"arping -D -c 3 -I IFACE {target}"),
                    Action(FIND(), "show mac address-table"),
                ),
            )
        else:
            single.append(statement(NONE(target=target), *places[:1]))
    if single:
        yield Excluded(statements=tuple(single[:12]))
