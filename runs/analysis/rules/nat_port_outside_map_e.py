"""Translated source ports lie outside the port set that the MAP-E PSID allows; or only part of the set is used.

Claim: the CE address (or a stated PSID) gives the allowed ports; a translation rule or a tracked connection uses a port that is not
among them: the border relay drops its packets. ICMP query identifiers count as ports; outside the set they are `info`, since many
relays let them pass. Using one of many blocks is `info` too: it works, and ends sooner.

The set: layout of the CE address by RFC 7597 or by draft-ietf-softwire-map-03, the one that agrees with the stated IPv4; offset and
length from stated values, else from a stated port block that fits the PSID; never from the interface identifier. Without those: not
evaluable.

Refuted by: another offset or length for this line.

Source: RFC 7597 §5.1 and §8.2; draft-ietf-softwire-map-03 §6.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.map_e import PortSet, port_sets
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conntrack import ConntrackTable
from runs.analysis.facts.firewall import IptablesRuleset
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, Statement

MOST_BLOCKS = 16
_TO = re.compile(r"^(?P<address>[0-9a-fA-F.:\[\]]+?)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?$")

TITLE = message(
    "nat_port_outside_map_e", en="Translated ports and the MAP-E port set", ja="NAT 変換後のポートと MAP-E のポート集合"
)
OUTSIDE = message(
    "nat_port_outside_map_e.title",
    en="{n:count} translated {n:plural:port lies|ports lie} outside the port set of PSID {psid}.",
    ja="NAT 変換後のポート {n:count} 件が PSID {psid} のポート集合の外にある。",
)
ICMP = message(
    "nat_port_outside_map_e.title_icmp",
    en="{n:count} ICMP query {n:plural:identifier lies|identifiers lie} outside the port set of PSID {psid}.",
    ja="ICMP の識別子 {n:count} 件が PSID {psid} のポート集合の外にある。",
)
PARTLY = message(
    "nat_port_outside_map_e.title_partly",
    en="Only {used:count} of the {all:count} port blocks of PSID {psid} {used:plural:is|are} used.",
    ja="PSID {psid} のポートブロック {all:count} 個のうち、使っているのは {used:count} 個だけ。",
)
SET = message(
    "nat_port_outside_map_e.set",
    en="PSID {psid} allows {n:count} ports: {blocks:list}.",
    ja="PSID {psid} で使えるポートは {n:count} 個：{blocks:list}。",
)
DECODED = message(
    "nat_port_outside_map_e.decoded",
    en="The CE address holds IPv4 {ipv4} and PSID {psid} (layout of {layout}).",
    ja="CE アドレスには IPv4 {ipv4} と PSID {psid} が含まれる（{layout} の配置）。",
)
DISAGREES = message(
    "nat_port_outside_map_e.disagrees",
    en="The stated IPv4 address {stated} is another one.",
    ja="記載された IPv4 アドレス {stated} とは異なる。",
)
USED = message(
    "nat_port_outside_map_e.used",
    en="Ports {first}–{last} are translated to here.",
    ja="ここでポート {first}–{last} に変換している。",
)
TRACKED = message(
    "nat_port_outside_map_e.tracked",
    en="A connection was translated to port {port} here.",
    ja="ここで接続がポート {port} に変換されている。",
)
INSIDE = message(
    "nat_port_outside_map_e.inside",
    en="All translated ports lie in the set of PSID {psid}.",
    ja="変換後のポートはすべて PSID {psid} の集合に入っている。",
)
NO_SET = message(
    "nat_port_outside_map_e.no_set",
    en="PSID, offset and length of the line, or one of its port blocks",
    ja="回線の PSID・オフセット・長さ、またはポートブロックの記載",
)
REFUTE = message(
    "nat_port_outside_map_e.refute", en="Another offset or length for this line.", ja="この回線のオフセットや長さが別の値なら覆る。"
)
FIX = message("nat_port_outside_map_e.fix", en="Translate to the allowed blocks only.", ja="許されたブロックだけに変換する。")
ALL_BLOCKS = message("nat_port_outside_map_e.all_blocks", en="Use all blocks.", ja="すべてのブロックを使う。")
LAYOUTS = {"rfc7597": "RFC 7597", "draft03": "draft-ietf-softwire-map-03"}


class Use(NamedTuple):
    """Ports that something translates to, with the place; `icmp`: query identifiers."""

    first: int
    last: int
    icmp: bool
    said: Statement


@rule(
    title=TITLE,
    domain="network",
    topics=["map-e", "nat"],
    needs=[MapEParameters, (IptablesRuleset, ConntrackTable)],
    collect="sudo iptables-save -t nat -c; sudo conntrack -L",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for the line."""
    parameters = case.all(MapEParameters)
    ports = _port_set(parameters)
    uses = list(_uses(case, parameters))
    if ports is None or not uses:
        places = tuple(Citation(p.file, lines=p.lines) for p in parameters[:4] if p.lines)
        yield NotEvaluable(missing=(NO_SET(),), citations=places)
        return
    psid = f"0x{ports.psid:x}"
    outside = [u for u in uses if ports.block_of(u.first) is None or ports.block_of(u.first) != ports.block_of(u.last)]
    wrong = [u for u in outside if not u.icmp]
    background = list(_background(parameters, ports, psid))
    if wrong:
        yield _found(OUTSIDE(n=len(wrong), psid=psid), "fail", [*(u.said for u in wrong[:10]), *background], "outside", psid)
    if outside and not wrong:
        yield _found(ICMP(n=len(outside), psid=psid), "info", [u.said for u in outside[:10]], "icmp", psid)
    if not wrong:
        told = [statement(INSIDE(psid=psid), *(c for u in uses if not u.icmp for c in u.said.citations)), *background]
        yield Excluded(statements=once(told))
        blocks = {ports.block_of(p) for u in uses if not u.icmp for p in (u.first, u.last)}
        if len(blocks) < ports.block_count and any(u.last - u.first >= ports.block_size - 1 for u in uses):
            title = PARTLY(used=len(blocks), all=ports.block_count, psid=psid)
            yield _found(title, "info", [*(u.said for u in uses[:4]), *background], "partly", psid)


def _port_set(parameters: Sequence[MapEParameters]) -> PortSet | None:
    psid = next((p.psid for p in parameters if p.psid is not None), None)
    if psid is None:
        psid = next((p.decoded_psid for p in parameters if p.decoded_psid is not None), None)
    if psid is None:
        return None
    length = next((p.psid_length for p in parameters if p.psid_length is not None), None)
    offset = next((p.psid_offset for p in parameters if p.psid_offset is not None), None)
    if length is not None and offset is not None:
        try:
            return PortSet(psid, length, offset)
        except ValueError:
            return None
    blocks = {(b.first, b.last) for p in parameters if p.from_notes or p.stated_in != "configuration" for b in p.ports}
    count = next((p.block_count for p in parameters if p.block_count is not None), None)
    return next(iter(port_sets(psid, blocks, count)), None)


def _uses(case: Case, parameters: Sequence[MapEParameters]) -> Iterator[Use]:
    shared = {p.ipv4_address or p.decoded_ipv4 for p in parameters if p.ipv4_address or p.decoded_ipv4}
    for ruleset in (r for r in case.all(IptablesRuleset) if not r.prescribed):
        for r in ruleset.rules:
            match = _TO.match(r.to or "") if r.target == "SNAT" else None
            if match is None or not match["first"] or (shared and match["address"] not in shared):
                continue
            first, last = int(match["first"]), int(match["last"] or match["first"])
            icmp = r.protocol in ("icmp", "1", "icmpv6", "58")
            said = statement(USED(first=first, last=last), Citation(ruleset.file, lines=(r.line,)))
            yield Use(first, last, icmp, said)
    for table in case.all(ConntrackTable):
        for c in table.connections:
            end = c.translated_source
            if end is not None and end.port is not None and (not shared or end.address in shared):
                said = statement(TRACKED(port=str(end.port)), Citation(table.file, lines=(c.line,)))
                yield Use(end.port, end.port, c.protocol.startswith("icmp"), said)


def _background(parameters: Sequence[MapEParameters], ports: PortSet, psid: str) -> Iterator[Statement]:
    blocks = [f"{a}–{b}" for a, b in ports.blocks()][:MOST_BLOCKS]
    stated = [Citation(p.file, lines=tuple(sorted({b.line for b in p.ports if b.line}))) for p in parameters if p.ports]
    yield statement(SET(psid=psid, n=ports.count, blocks=blocks), *stated[:2])
    for p in parameters:
        if p.layout and p.decoded_ipv4 and p.ce_line:
            place = Citation(p.file, lines=(p.ce_line,))
            yield statement(DECODED(ipv4=p.decoded_ipv4, psid=f"0x{p.decoded_psid or 0:x}", layout=LAYOUTS[p.layout]), place)
            if p.ipv4_agrees is False and p.ipv4_address:
                yield statement(DISAGREES(stated=p.ipv4_address), Citation(p.file, lines=(p.ipv4_line or p.ce_line,)))
            break


def _found(title: Text, outcome: Literal["fail", "info"], told: list[Statement], what: str, psid: str) -> Found:
    return Found(
        outcome=outcome,
        severity="high" if outcome == "fail" else "info",
        confidence="firm",
        title=title,
        statements=once(told, 20),
        subject={"psid": psid, "what": what},
        refuted_by=REFUTE(),
        next_actions=(Action(FIX() if outcome == "fail" else ALL_BLOCKS()),),
    )
