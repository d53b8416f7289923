"""A UDP datagram is answered by 'port unreachable': nobody listens on that port.

Claim: ICMP 3/3 or ICMPv6 1/4 quotes a datagram to the port. Silence alone is never a UDP fault: a service may have nothing to
say.

Silent where the quoted datagram is an answer (a client that closed its socket before the answer came: every resolver's late
answers), for the ports of a traceroute, and where the port answers in the same conversation. More than 8 closed ports of one
address are a scan: one `info`.

Refuted by: an answer from the same port; a listener there at that time.

Source: RFC 1122 §4.1.3.1, RFC 4443 §3.1.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.filter_rejects import FILTERS, causes_of_error
from runs.analysis.domain.frames import error_places
from runs.analysis.domain.wording import responder_subject, statement
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

MOST_PORTS = 8

TITLE = message("udp_port_unreachable", en="A UDP port is closed", ja="UDP ポートが閉じている")
CLOSED = message(
    "udp_port_unreachable.title",
    en="{sender} says that UDP port {port} of {address} is closed (port unreachable, {n:count} {n:plural:time|times}).",
    ja="{sender} が {address} の UDP ポート {port} は閉じていると返している（port unreachable、{n:count} 回）。",
)
HERE = message("udp_port_unreachable.here", en="The errors are these.", ja="エラーはこれらのフレーム。")
REFUTE = message("udp_port_unreachable.refute", en="An answer from the same port.", ja="同じポートから応答があれば覆る。")
SCAN = message(
    "udp_port_unreachable.title_scan",
    en="{n:count} UDP ports of {address} are asked and closed: a scan, or a host that takes no UDP.",
    ja="{address} の UDP ポート {n:count} 個が問い合わせを受け、いずれも閉じている。走査（scan）か、UDP を受け付けないホストである。",
)
LISTEN = message("udp_port_unreachable.listen", en="List the UDP listeners there.", ja="UDP の待ち受けを確認する。")
NONE = message(
    "udp_port_unreachable.none", en="No ICMP error speaks of a closed UDP port.", ja="UDP ポートの閉塞を示す ICMP エラーはない。"
)


@rule(
    title=TITLE,
    domain="host",
    topics=["service-down"],
    needs=[IcmpError],
    uses=[Conversation, *FILTERS],
    collect="sudo tcpdump -i any -nn -s 0 -w icmp.pcap 'udp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each port."""
    groups: dict[str, list[IcmpError]] = {}
    conversations = {(c.file, c.segment, c.row): c for c in case.all(Conversation)} if case.has(IcmpError) else {}
    for e in case.all(IcmpError):
        if e.quoted_protocol == "udp" and (e.version, e.icmp_type, e.icmp_code) in ((4, 3, 3), (6, 1, 4)):
            row = -1 if e.conversation_row is None else e.conversation_row
            c = conversations.get((e.file, e.segment, row))
            if c is None or (c.responder == e.quoted_destination and not c.frames[1]):
                groups.setdefault(str(e.quoted_destination), []).append(e)
    traced = _traceroute_ports(groups)
    by_address: dict[str, list[list[IcmpError]]] = {}
    for end, errors in groups.items():
        if end not in traced:
            by_address.setdefault(errors[0].quoted_destination.address, []).append(errors)
    for address, ports in by_address.items():
        if len(ports) > MOST_PORTS:
            yield _scan(address, ports)
        else:
            yield from (_found(case, errors) for errors in ports)
    if not groups:
        places = error_places({e.file: e for e in case.all(IcmpError)}.values())
        yield Excluded(statements=(Statement(NONE(), places[:4]),))


def _scan(address: str, ports: list[list[IcmpError]]) -> Found:
    title = SCAN(address=address, n=len(ports))
    places = error_places(e for p in ports for e in p if e.file == ports[0][0].file)
    return Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=title,
        statements=(statement(HERE(), *places),),
        subject={"role": "responder", "address": address, "protocol": "udp", "what": "scan"},
        endpoints=(RoleEndpoint("responder", Endpoint(address)),),
        refuted_by=REFUTE(),
    )


def _traceroute_ports(groups: dict[str, list[IcmpError]]) -> set[str]:
    """The ports that a UDP traceroute asks on purpose: several neighbouring ports from 33434 on, each once or so, on one host."""
    ports: dict[str, set[int]] = {}
    for errors in groups.values():
        end = errors[0].quoted_destination
        if end.port is not None and 33_434 <= end.port <= 33_534:
            ports.setdefault(end.address, set()).add(end.port)
    return {str(e[0].quoted_destination) for e in groups.values() if len(ports.get(e[0].quoted_destination.address, ())) >= 3}


def _found(case: Case, errors: list[IcmpError]) -> Found:
    first = errors[0]
    end = first.quoted_destination
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain",
        title=CLOSED(sender=first.sender, port=end.port, address=end.address, n=len(errors)),
        statements=(statement(HERE(), *error_places(errors)),),
        subject=responder_subject(end) | {"protocol": "udp"},
        endpoints=(RoleEndpoint("responder", end), RoleEndpoint("originator", Endpoint(first.quoted_source.address))),
        because=causes_of_error(case, first, None),
        refuted_by=REFUTE(),
        next_actions=(Action(LISTEN(), f"ss -ulnp 'sport = :{end.port}'"),),
    )
