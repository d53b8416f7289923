"""Between two states of one host a line of its configuration differs; and one tunnel in two syntaxes, compared by what it means.

Claim (`info`): the run has two parts that were taken to be compared (`ok/` and `ng/`, before and after, 成功 and 失敗), and a listing that both hold
(routes, addresses, tunnels, packet filter, NAT, router settings, versions) differs: what only one side has, what changed, what moved in a
chain. A difference is no fault: what it causes, other rules say. Likewise for a tunnel that a command or the kernel and a router's
configuration both describe: the fields in which they differ are named, by meaning and not by spelling.

Noise that is left out: counters, handles, lifetimes, temporary addresses, interfaces of containers, the order of lines where it has no meaning.

Never 'the same' for want of a listing: a kind that one side lacks, or of which it shows a part only, is not evaluable.

Refuted by: the same two listings taken at the same time.

Source: ip-route(8), iptables-save(8), nft(8), pfctl(8); VyOS' manual on tunnels; RFC 2473 (encapsulation limit).
"""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.config_compare import Comparison, Difference, NotComparable, compare
from runs.analysis.domain.run_parts import parts
from runs.analysis.domain.tunnel_settings import TunnelSettings, differing, said_once, same_tunnel, tunnel_settings
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesRuleset, PfRuleset
from runs.analysis.facts.network import Interfaces, RoutingTable, Tunnel
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.router import RouterConfig
from runs.analysis.facts.small import SoftwareVersion
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, Statement

KINDS: tuple[type[Fact], ...] = (
    RoutingTable, Interfaces, Tunnel, IptablesRuleset, NftRuleset, PfRuleset, RouterConfig, SoftwareVersion,
)  # fmt: skip
MOST_TOLD = 20
MOST_TUNNELS = 50

TITLE = message("config_drift", en="Configurations differ", ja="設定の差分")
KIND_WORDS = {
    "routes": message("config_drift.routes", en="IPv{version} routes", ja="IPv{version} の経路"),
    "addresses": message("config_drift.addresses", en="interfaces and addresses", ja="インタフェースとアドレス"),
    "tunnels": message("config_drift.tunnels", en="tunnels", ja="トンネル"),
    "iptables": message("config_drift.iptables", en="iptables rules (IPv{version})", ja="iptables の規則（IPv{version}）"),
    "nft": message("config_drift.nft", en="nftables rules", ja="nftables の規則"),
    "pf": message("config_drift.pf", en="pf rules", ja="pf の規則"),
    "settings": message("config_drift.settings", en="router settings", ja="ルーターの設定"),
    "versions": message("config_drift.versions", en="versions", ja="バージョン"),
}
DRIFT = message(
    "config_drift.title",
    en="{kind} differ between {left} and {right} in {n:count} {n:plural:place|places}.",
    ja="{kind}が {left} と {right} で {n:count} 箇所異なる。",
)
ONLY = message("config_drift.only", en="Only in {side}: {subject} {value}", ja="{side} のみ：{subject} {value}")
CHANGED = message(
    "config_drift.changed",
    en="{subject}: {before} in {left}, {after} in {right}",
    ja="{subject}：{left} では {before}、{right} では {after}",
)
MOVED = message("config_drift.moved", en="At another place in {subject}: {value}", ja="{subject} 内で位置が変わった：{value}")
MORE = message("config_drift.more", en="{n:count} more differences.", ja="ほか {n:count} 件の差分。")
SAME = message("config_drift.same", en="{kind} are the same in {left} and {right}.", ja="{kind}は {left} と {right} で同じ。")
LACKING = {
    "left_missing": message("config_drift.left_missing", en="{kind} of {left}", ja="{left} の{kind}"),
    "right_missing": message("config_drift.right_missing", en="{kind} of {right}", ja="{right} の{kind}"),
    "partial": message("config_drift.partial", en="whole {kind} of {left} and {right}", ja="{left} と {right} の省略のない{kind}"),
    "ambiguous": message(
        "config_drift.ambiguous",
        en="one listing of {kind} in each of {left} and {right} (there are several that differ)",
        ja="{left} と {right} それぞれ 1 つの{kind}（異なる一覧が複数ある）",
    ),
}
TWO_PARTS = message(
    "config_drift.two_parts",
    en="the same listings of two states (ok/ and ng/, before/ and after/)",
    ja="2 つの状態の同じ一覧（ok/ と ng/、before/ と after/ など）",
)
SYNTAXES = message(
    "config_drift.syntaxes",
    en="Tunnel {name} is described twice ({one}, {other}), and not alike: {fields:list}.",
    ja="トンネル {name} の 2 つの記述（{one}、{other}）が異なる：{fields:list}。",
)
FIELD = message("config_drift.field", en="{field}: {before} and {after}", ja="{field}：{before} と {after}")
NOT_SAID = message("config_drift.not_said", en="{field}: {value} and nothing said", ja="{field}：{value} と記載なし")
FIELD_WORDS = {
    "encapsulation": message("config_drift.encapsulation", en="encapsulation", ja="カプセル化"),
    "remote": message("config_drift.remote", en="remote end", ja="相手"),
    "local": message("config_drift.local", en="source address", ja="送信元アドレス"),
    "device": message("config_drift.device", en="device", ja="送信インタフェース"),
    "encapsulation limit": message("config_drift.limit", en="encapsulation limit", ja="encapsulation limit"),
}
DEFAULT = message("config_drift.default", en="{value} (default)", ja="{value}（既定値）")
AS_IS = message("config_drift.value", en="{value}", ja="{value}")
ALIKE = message(
    "config_drift.alike",
    en="Tunnel {name} means the same in both descriptions ({one}, {other}).",
    ja="トンネル {name} の 2 つの記述（{one}、{other}）は同じ意味。",
)
REFUTE = message(
    "config_drift.refute", en="The same two listings, taken at the same time.", ja="同時に採った同じ一覧で差がなければ覆る。"
)
AGAIN = message("config_drift.again", en="List both states again.", ja="両方の状態で採り直す。")
COLLECT = "(ip -4 route; ip -6 route; ip addr; ip -6 tunnel show; sudo iptables-save) > ok/state.txt"


@rule(
    title=TITLE,
    domain="host",
    topics=["routing", "packet-filter", "tunnel", "nat"],
    needs=[KINDS],
    uses=[ShellCommand],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each kind of listing that differs, and one for each tunnel whose two descriptions do."""
    facts = [fact for kind in KINDS for fact in case.all(kind)]
    pair = parts(dict.fromkeys(fact.file for fact in facts))
    same: list[Statement] = []
    told = False
    if pair is not None:
        left, right, sides = pair
        comparison = compare(*([f for f in facts if sides.get(f.file) == side] for side in (0, 1)))
        for outcome in _of_parts(comparison, left, right, same):
            told = True
            yield outcome
    for outcome in _of_tunnels([*facts, *case.all(ShellCommand)], same):
        told = True
        yield outcome
    if same:
        yield Excluded(statements=once(same))
    elif pair is None and not told:
        yield NotEvaluable(missing=(TWO_PARTS(),), collect=COLLECT)


def _of_parts(comparison: Comparison, left: str, right: str, same: list[Statement]) -> Iterator[Outcome]:
    for one in comparison.compared:
        kind = kind_words(one.kind)
        if one.differences:
            yield _drift(one.kind, one.host, one.differences, left, right)
        else:
            same.append(statement(SAME(kind=kind, left=left, right=right), one.left.place, one.right.place))
    for lacking in comparison.not_comparable:
        places = tuple(x.place for x in (lacking.left, lacking.right) if x is not None)
        yield NotEvaluable(missing=(_lacking(lacking, left, right),), collect=COLLECT, citations=places)


def kind_words(kind: str) -> Text:
    """A kind of listing in words: 'routes 4' as IPv4 routes."""
    words = kind.split(" ")
    made = KIND_WORDS[words[0]]
    return made(version=words[1]) if "version" in made.fields else made()


def _lacking(one: NotComparable, left: str, right: str) -> Text:
    words = LACKING[one.reason]
    names = {"left": left, "right": right}
    return words(kind=kind_words(one.kind), **{name: names[name] for name in words.fields if name in names})


def _drift(kind: str, host: str, differences: Sequence[Difference], left: str, right: str) -> Found:
    told = [_said(d, left, right) for d in differences[:MOST_TOLD]]
    title = DRIFT(kind=kind_words(kind), left=left, right=right, n=len(differences))
    if len(differences) > MOST_TOLD:
        told.append(Statement(MORE(n=len(differences) - MOST_TOLD)))
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=title,
        statements=tuple(told),
        subject={"kind": kind, "host": host, "parts": f"{left} {right}"},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), COLLECT),),
    )


def _said(d: Difference, left: str, right: str) -> Statement:
    if d.change == "changed" and d.left and d.right:
        said = CHANGED(subject=d.subject, before=d.left.value, after=d.right.value, left=left, right=right)
    elif d.change == "moved" and d.left:
        said = MOVED(subject=d.subject, value=d.left.value)
    else:
        one = d.left or d.right
        said = ONLY(side=left if d.left else right, subject=d.subject, value=one.value if one else "")
    return statement(said, *(s.place for s in (d.left, d.right) if s))


def _of_tunnels(facts: Sequence[Fact], same: list[Statement]) -> Iterator[Outcome]:
    """Each tunnel of a router's configuration beside what the kernel has, or a command made, by its first description in each syntax."""
    found = list(tunnel_settings(facts))
    configured = [t for t in found if t.syntax not in ("ip tunnel show", "ip tunnel add")][:MOST_TUNNELS]
    for tunnel in configured:
        seen: set[str] = set()
        for other in found:
            if other.syntax in ("ip tunnel show", "ip tunnel add") and other.syntax not in seen and same_tunnel(tunnel, other):
                seen.add(other.syntax)
                fields = differing(tunnel, other)
                names = {"name": tunnel.name or other.name, "one": other.syntax, "other": tunnel.syntax}
                if fields:
                    yield _unlike(tunnel, other, fields, names)
                else:
                    same.append(statement(ALIKE(**names), other.place(), tunnel.place("remote", "local")))


def _unlike(tunnel: TunnelSettings, other: TunnelSettings, fields: Sequence[str], names: dict[str, str]) -> Found:
    said = [FIELD(field=FIELD_WORDS[f](), before=_value(other, f), after=_value(tunnel, f)) for f in fields]
    for f in said_once(tunnel, other):
        said.append(NOT_SAID(field=FIELD_WORDS[f](), value=_value(other if other.value(f) else tunnel, f)))
    title = SYNTAXES(**names, fields=said)
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=title,
        statements=(statement(title, other.place(*fields), tunnel.place(*fields)),),
        subject={"kind": "tunnel", "tunnel": tunnel.name or other.name, "syntax": other.syntax},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), "ip -6 tunnel show; show configuration commands | match tunnel"),),
    )


def _value(tunnel: TunnelSettings, name: str) -> Text:
    words = AS_IS if name in tunnel.fields else DEFAULT
    return words(value=tunnel.value(name) or "")
