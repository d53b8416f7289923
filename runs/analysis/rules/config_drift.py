"""Two parts of one run, taken when it worked and when it did not, list other configurations.

Claim: between the two folders (`ok` and `ng`, `before` and `after` …) a route, an address, a tunnel's setting, a line of a packet
filter or a version differs. It is no fault by itself: which of the differences is the cause, other rules say. A tunnel that one document
sets up in two syntaxes (`ip tunnel add` by hand, a router's `set interfaces tunnel`) with other values is told too.

Silent about counters, ages, handles and link-local addresses, about a listing that only one side has, or of which one side shows a part
(not evaluable, never 'the same'), and about the order of what has none; a rule of a chain that moved is told.

Refuted by: both listings taken again at the same moment.

Source: ip(8), iptables-save(8), pfctl(8), nft(8); the listings themselves.
"""

from collections.abc import Iterator
from itertools import combinations

from runs.analysis.case import Case
from runs.analysis.domain.config_statements import CONFIGURATION, Drift, TunnelSetting, compare, tunnel_settings
from runs.analysis.domain.opposites import opposite_parts
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Fact
from runs.analysis.facts.commanded import ConfigurationCommands
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, Statement, merge_citations

MOST_TOLD = 12

TITLE = message("config_drift", en="Configurations differ", ja="設定に差がある")
DIFFERS = message(
    "config_drift.title",
    en="{n:count} {n:plural:setting|settings} of {area} {n:plural:differs|differ} between {good} and {bad}.",
    ja="{good} と {bad} で {area} の設定が {n:count} 件異なる。",
)
ONLY = message("config_drift.only", en="Only in {side}: {what}", ja="{side} のみ：{what}")
CHANGED = message(
    "config_drift.changed",
    en="{key}: {good} in {good_side}, {bad} in {bad_side}.",
    ja="{key}：{good_side} は {good}、{bad_side} は {bad}。",
)
SAME = message(
    "config_drift.same",
    en="{area}: the same {n:count} {n:plural:setting|settings} in {good} and {bad}.",
    ja="{area}：{good} と {bad} で同じ（{n:count} 件）。",
)
TWO_WAYS = message(
    "config_drift.two_ways",
    en="Tunnel to {remote} is set up in two ways that differ: {what:list}.",
    ja="{remote} へのトンネルの 2 通りの設定に差がある：{what:list}。",
)
VALUES = message(
    "config_drift.values", en="{name}: {ours} ({syntax}), {theirs} ({other})", ja="{name}：{ours}（{syntax}）、{theirs}（{other}）"
)
NO_PARTS = message("config_drift.no_parts", en="a second part of the run to compare with", ja="比較できるもう一方の記録")
REFUTE = message(
    "config_drift.refute", en="Both listings taken again at the same moment.", ja="同じ時点で両方の一覧を取り直して一致すれば覆る。"
)
AGAIN = message(
    "config_drift.again", en="List it again, when it works and when it does not.", ja="正常時と異常時にそれぞれ一覧を取り直す。"
)
UNSET = message("config_drift.unset", en="not set", ja="指定なし")
UNSET_BUT = message("config_drift.unset_but", en="not set (default {value})", ja="指定なし（既定値 {value}）")
ONE_SIDE = message("config_drift.one_side", en="{area} of {side}", ja="{side} の {area}")
COMMANDS = {
    "routes IPv4": "ip route", "routes IPv6": "ip -6 route", "tunnels": "ip -6 tunnel show; ip tunnel show", "addresses": "ip addr",
    "interfaces": "ip -s link", "pf": "sudo pfctl -sr",
}  # fmt: skip


@rule(
    title=TITLE,
    domain="host",
    topics=["routing", "packet-filter", "tunnel"],
    needs=[(*CONFIGURATION, ConfigurationCommands)],
    collect="mkdir ok ng  # the same listings in both: ip addr; ip route; ip -6 route; sudo iptables-save",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each area that differs, one for all that are the same."""
    facts: list[Fact] = [f for kind in (*CONFIGURATION, ConfigurationCommands) for f in case.all(kind)]
    yield from _two_ways(tunnel_settings(facts))
    parts = opposite_parts(f.path for f in case.files)
    if parts is None:
        yield NotEvaluable(missing=(NO_PARTS(),))
        return
    good, bad = parts
    left, right = ([f for f in facts if f.file.startswith(f"{part}/")] for part in parts)
    drifts = compare(left, right)
    same: list[Statement] = []
    for drift in drifts.areas:
        if drift.count:
            yield _found(drift, good, bad)
        elif drift.same_count:
            same.append(statement(SAME(area=drift.area, n=drift.same_count, good=good, bad=bad)))
    if same:
        yield Excluded(statements=tuple(same))
    lacking = [(area, bad) for area in drifts.only_left_lists] + [(area, good) for area in drifts.only_right_lists]
    if lacking:
        missing = tuple(ONE_SIDE(area=area, side=side) for area, side in lacking[:MOST_TOLD])
        yield NotEvaluable(missing=missing, collect=next((COMMANDS[area] for area, _ in lacking if area in COMMANDS), None))


def _found(drift: Drift, good: str, bad: str) -> Found:
    told = [
        statement(
            CHANGED(key=a.key, good=a.value or "—", bad=b.value or "—", good_side=good, bad_side=bad),
            *merge_citations((a.place, b.place)),
        )
        for a, b in drift.changed
    ]
    for side, found in ((good, drift.only_left), (bad, drift.only_right)):
        told += [statement(ONLY(side=side, what=f"{s.key} {s.value}".strip()), s.place) for s in found]
    command = COMMANDS.get(drift.area)
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=DIFFERS(n=drift.count, area=drift.area, good=good, bad=bad),
        statements=tuple(told[:MOST_TOLD]),
        subject={"area": drift.area},
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), command),) if command else (),
    )


def _shown(setting: TunnelSetting, name: str) -> Text | str:
    default = setting.value(name)
    return setting.values.get(name) or (UNSET_BUT(value=default) if default else UNSET())


def _two_ways(settings: list[TunnelSetting]) -> Iterator[Found]:
    """Tunnels to one remote end that two syntaxes set otherwise; each remote once."""
    told: set[str] = set()
    for one, other in combinations(settings, 2):
        remote = one.values.get("remote")
        if remote is None or remote != other.values.get("remote") or one.syntax == other.syntax or remote in told:
            continue
        names = sorted({*one.values, *other.values} - {"remote"})
        differing = [n for n in names if one.value(n) != other.value(n)]
        if not differing:
            continue
        told.add(remote)
        what = [
            VALUES(
                name=n,
                ours=_shown(one, n),
                theirs=_shown(other, n),
                syntax=one.syntax,
                other=other.syntax,
            )
            for n in differing
        ]
        title = TWO_WAYS(remote=remote, what=what)
        yield Found(
            outcome="info",
            severity="info",
            confidence="certain",
            title=title,
            statements=(statement(title, *merge_citations((one.place, other.place))),),
            subject={"area": "tunnels", "remote": remote},
            topics=("tunnel", "map-e"),
            refuted_by=REFUTE(),
        )
