"""An ICMP or ICMPv6 error says that a packet of a known conversation was refused on its way.

Claim: the error quotes a packet of the conversation; its sender, type and code in words, the direction that is refused, and from
the quoted TTL how far that packet had come: exact where the packet itself is in the capture, else assumed from the usual initial
TTLs (64, 128, 255) and said so.

Not this rule: port unreachable for UDP (`udp_port_unreachable`), fragmentation needed and packet too big that the sender obeys
(`path_mtu_blackhole` judges them), time exceeded of a traceroute, errors about ICMP echo (ping says it itself), and probes of a
traceroute: UDP ports 33434 and on, packets that leave with a TTL below 32.

Silent where the conversation goes on: its responder sends data after the error, or it ends with the FINs of both sides. One
source whose packets to more than 8 ports of one address are refused is a scan or a closed host: one finding, `medium`.

Refuted by: the quoted packet belongs to another conversation; the conversation goes on unharmed.

Source: RFC 792, RFC 1812 §5.2.7, RFC 4443 §3.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.filter_rejects import FILTERS, causes_of_error
from runs.analysis.domain.frames import error_places
from runs.analysis.domain.icmp_names import error_words
from runs.analysis.domain.wording import family, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement

INITIAL_TTLS = (64, 128, 255)
LEAST_TTL = 32  # no host sends with less, but for a traceroute
TRACEROUTE_PORTS = range(33_434, 33_535)
MOST_PORTS = 8
TITLE = message("icmp_rejected", en="A device on the way rejects packets", ja="経路上の機器がパケットを拒否している")
REJECTS = message(
    "icmp_rejected.title",
    en="{sender} rejects packets from {source} to {destination}: {what} ({n:count} {n:plural:time|times}).",
    ja="{sender} が {source} から {destination} へのパケットを拒否している：{what}（{n:count} 回）。",
)
UNDELIVERED = message(
    "icmp_rejected.title_undelivered",
    en="{sender} cannot deliver packets from {source} to {destination}: {what} ({n:count} {n:plural:time|times}).",
    ja="{sender} は {source} から {destination} へのパケットを届けられない：{what}（{n:count} 回）。",
)
NOT_DELIVERED = {(4, 3, 0), (4, 3, 1), (4, 3, 2), (4, 3, 6), (4, 3, 7), (6, 1, 0), (6, 1, 3)}
"""Errors of a device that knows no way on: no policy of its own (RFC 1812 §5.2.7.1, RFC 4443 §3.1)."""
QUOTED = message(
    "icmp_rejected.quoted",
    en="The error quotes the packet of frame {frame:count}.",
    ja="エラーに添付された元パケットはフレーム {frame:count} と一致する。",
)
QUOTED_LINE = message(
    "icmp_rejected.quoted_line",
    en="The error quotes the packet of line {line:count}.",
    ja="エラーに添付された元パケットは {line:count} 行目と一致する。",
)
TYPE_CODE = message(
    "icmp_rejected.type_code",
    en="{protocol} type {type:count} code {code:count}: {what}.",
    ja="{protocol} type {type:count} code {code:count}（{what}）。",
)
HOPS = message(
    "icmp_rejected.hops",
    en="It left with TTL {sent:count} and had {left:count} left: {hops:count} {hops:plural:hop|hops} from the capture point it was refused.",
    ja="送信時の TTL {sent:count} に対し添付パケットの TTL は {left:count}：採取点から {hops:count} ホップ先で拒否されている。",
)
HOPS_ASSUMED = message(
    "icmp_rejected.hops_assumed",
    en="It had TTL {left:count} left: {hops:count} {hops:plural:hop|hops} from its source if it started with {sent:count} (assumed).",
    ja="添付パケットの TTL は {left:count}：送信時 {sent:count} と仮定すると {hops:count} ホップ先で拒否されている。",
)
SENDER_HOPS = message(
    "icmp_rejected.sender_hops",
    en="The error itself arrives with TTL {ttl:count}: {hops:count} {hops:plural:hop|hops} away if it started with {sent:count} (assumed).",
    ja="エラー自体は TTL {ttl:count} で届く：送信時 {sent:count} と仮定すると {hops:count} ホップ先の機器。",
)
REFUTE = message(
    "icmp_rejected.refute",
    en="The conversation goes on unharmed, or the rule at {sender} is lifted and it still fails.",
    ja="会話が支障なく続くか、{sender} の規則を外しても失敗が続けば覆る。",
)
RULES = message(
    "icmp_rejected.rules",
    en="Look at the filter rules and counters of {sender}.",
    ja="{sender} のフィルタ規則とカウンタを確認する。",
)
TRACE = message("icmp_rejected.trace", en="Trace the refused direction.", ja="拒否された方向を traceroute で確認する。")
NONE = message(
    "icmp_rejected.none",
    en="No ICMP error quotes a packet of a conversation.",
    ja="会話のパケットを添付した ICMP エラーはない。",
)


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-filter", "return-path", "routing"],
    needs=[IcmpError],
    uses=[Conversation, *FILTERS],
    collect="sudo tcpdump -i any -nn -s 0 -w icmp.pcap 'icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each device, direction and kind of refusal."""
    conversations = {(c.file, c.segment, c.row): c for c in case.all(Conversation)}
    groups: dict[tuple[str, str, str, int, int], list[tuple[IcmpError, Conversation]]] = {}
    for error in case.all(IcmpError):
        c = conversations.get((error.file, error.segment, -1 if error.conversation_row is None else error.conversation_row))
        if c is not None and _refuses(error) and not _unharmed(error, c):
            destination = _stable(error.quoted_destination, c)
            source = _stable(error.quoted_source, c)
            key = (error.sender, source, destination, error.icmp_type, error.icmp_code)
            groups.setdefault(key, []).append((error, c))
    merged: dict[tuple[str, ...], list[list[tuple[IcmpError, Conversation]]]] = {}
    for found in groups.values():
        e = found[0][0]
        about = (e.sender, e.quoted_source.address, e.quoted_destination.address, str(e.icmp_type), str(e.icmp_code))
        merged.setdefault(about, []).append(found)
    for alike in merged.values():
        if len(alike) > MOST_PORTS:
            yield _found(case, [one for found in alike for one in found], "many")
        else:
            yield from (_found(case, found) for found in alike)
    if not groups:
        places = error_places({e.file: e for e in case.all(IcmpError)}.values())
        yield Excluded(statements=(Statement(NONE(), places[:4]),))


def _refuses(error: IcmpError) -> bool:
    """Errors that tell of a refusal; those that other rules judge are left out."""
    if error.quoted_protocol in ("icmp", "icmpv6") or _is_traceroute(error):
        return False
    if error.version == 4:
        too_big, port = error.icmp_code == 4, error.icmp_code == 3 and error.quoted_protocol == "udp"
        return error.icmp_type == 3 and not too_big and not port
    return error.icmp_type == 1 and not (error.icmp_code == 4 and error.quoted_protocol == "udp")


def _is_traceroute(error: IcmpError) -> bool:
    """Whether the quoted packet only asks how far it comes."""
    port = error.quoted_destination.port or 0
    by_port = error.quoted_protocol == "udp" and port in TRACEROUTE_PORTS
    return by_port or (error.original_ttl is not None and 0 < error.original_ttl < LEAST_TTL)


def _unharmed(error: IcmpError, c: Conversation) -> bool:
    """Whether the conversation goes on after the error, or ended as it should."""
    if c.protocol != "tcp":
        return bool(c.frames[1]) and (c.last_data_frames[1] > error.frame or min(c.frames) > 1)
    return c.handshake_complete and any(c.payload_bytes) and (c.last_data_frames[1] > error.frame or c.conn_state == "SF")


def _stable(end: Endpoint, c: Conversation) -> str:
    """The end as it is called in another run: a client's port is of this attempt only."""
    return str(end) if end == c.responder else end.address


def _found(case: Case, found: list[tuple[IcmpError, Conversation]], port: str | None = None) -> Found:
    error, c = found[0]
    source, destination = _stable(error.quoted_source, c), _stable(error.quoted_destination, c)
    if port is not None:
        source, destination = error.quoted_source.address, error.quoted_destination.address
    to_responder = error.quoted_destination == c.responder
    what = error_words(error.version, error.icmp_type, error.icmp_code)
    said = UNDELIVERED if (error.version, error.icmp_type, error.icmp_code) in NOT_DELIVERED else REJECTS
    protocol = "ICMP" if error.version == 4 else "ICMPv6"
    told = [
        statement(
            TYPE_CODE(protocol=protocol, type=error.icmp_type, code=error.icmp_code, what=what), *error_places(e for e, _ in found)
        )
    ]
    told += _how_far(error)
    return Found(
        outcome="fail",
        severity="critical" if port is None else "medium",
        confidence="certain",
        title=said(sender=error.sender, source=source, destination=destination, what=what, n=len(found)),
        statements=tuple(told),
        subject={
            "sender": error.sender,
            "direction": "to responder" if to_responder else "to originator",
            "family": family(error.sender),
            "address": c.responder.address,
            "port": port or str(c.responder.port),
            "error": f"{error.version}/{error.icmp_type}/{error.icmp_code}",
        },
        endpoints=(
            RoleEndpoint("rejecting host", Endpoint(error.sender)),
            RoleEndpoint("originator", Endpoint(c.originator.address)),
        ),
        because=(*causes_of_error(case, error, c), *_unresolved(error)),
        refuted_by=REFUTE(sender=error.sender),
        next_actions=(
            Action(RULES(sender=error.sender), "iptables-save -c; nft list ruleset; show access-lists"),
            Action(TRACE(), f"traceroute -n {error.quoted_destination.address}"),
        ),
    )


def _unresolved(error: IcmpError) -> tuple[Cause, ...]:
    """What a router says where nobody answers its ARP (RFC 1812 §4.3.3.1) or neighbour solicitations."""
    said = (error.version, error.icmp_type, error.icmp_code) in ((4, 3, 1), (6, 1, 3))
    return (Cause("arp_unanswered", {"address": error.quoted_destination.address}),) if said else ()


def _how_far(error: IcmpError) -> Iterator[Statement]:
    (place,) = error_places([error])
    if error.quoted_line:
        both = Citation(error.file, lines=tuple(sorted((error.quoted_line, error.line))))
        yield statement(QUOTED_LINE(line=error.quoted_line), both)
    elif error.quoted_frame:
        both = Citation(error.file, frames=tuple(sorted((error.quoted_frame, error.frame))))
        yield statement(QUOTED(frame=error.quoted_frame), both)
    if error.original_ttl is not None and error.original_ttl >= error.quoted_ttl:
        hops = error.original_ttl - error.quoted_ttl
        yield statement(HOPS(sent=error.original_ttl, left=error.quoted_ttl, hops=hops), place)
    elif error.quoted_ttl:
        sent = _initial(error.quoted_ttl)
        yield statement(HOPS_ASSUMED(left=error.quoted_ttl, sent=sent, hops=sent - error.quoted_ttl), place)
    if error.ttl:
        sent = _initial(error.ttl)
        yield statement(SENDER_HOPS(ttl=error.ttl, sent=sent, hops=sent - error.ttl), place)


def _initial(ttl: int) -> int:
    return next(t for t in INITIAL_TTLS if ttl <= t)
