"""`iptables_walk`: every outcome that is possible, against a walk over all ways that the unknown may turn out."""

import random
from itertools import product

import pytest

from runs.analysis.domain.iptables_walk import Packet, decide, matches
from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset

PACKET = Packet("tcp", "192.0.2.77", "198.51.100.9", 51_515, 8443, "NEW")


def rule(target: str | None = "ACCEPT", chain: str = "FORWARD", line: int = 9, **fields: object) -> IptablesRule:
    return IptablesRule(line=line, text=str(fields.pop("text", "")), table="filter", chain=chain, target=target, **fields)  # type: ignore[arg-type]


def ruleset(*rules: IptablesRule, policy: str | None = "ACCEPT", chains: tuple[str, ...] = ()) -> IptablesRuleset:
    own = tuple(IptablesChain(table="filter", name=name, policy=None, line=2) for name in chains)
    return IptablesRuleset(
        form="save", chains=(IptablesChain(table="filter", name="FORWARD", policy=policy, line=1), *own), rules=rules
    )


def actions(given: IptablesRuleset, packet: Packet = PACKET) -> list[str]:
    return [d.action for d in decide(given, "FORWARD", packet)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"protocol": "tcp", "destination_ports": "8443"}, True),
        ({"protocol": "6"}, True),
        ({"protocol": "!udp"}, True),
        ({"destination_ports": "8000:9000"}, True),
        ({"destination_ports": ":8442"}, False),
        ({"destination_ports": "8443:"}, True),
        ({"destination_ports": "22,80,8443"}, True),
        ({"destination_ports": "! 22,80"}, True),
        ({"destination_ports": "! 8443"}, False),
        ({"destination_ports": "https"}, None),
        ({"source": "192.0.2.0/24"}, True),
        ({"source": "! 192.0.2.0/24"}, False),
        ({"source": "2001:db8::/32"}, False),
        ({"destination": "server.example"}, None),
        ({"states": ("RELATED", "ESTABLISHED")}, False),
        ({"states": ("NEW",)}, True),
        ({"states": ("DNAT",)}, None),
        ({"states": ("ESTABLISHED",), "understood": False}, None),  # it may be negated
        ({"in_interface": "lan3"}, None),
        ({"in_interface": "lo"}, False),
        ({"in_interface": "! lo"}, True),
        ({"understood": False}, None),
        ({"protocol": "udp", "understood": False}, False),
    ],
)
def test_conditions(fields: dict[str, object], expected: bool | None) -> None:
    assert matches(rule(**fields), PACKET) is expected  # type: ignore[arg-type]


def test_a_known_interface_decides_and_plus_is_a_prefix() -> None:
    packet = PACKET._replace(in_interface="eth1")
    assert [matches(rule(in_interface=name), packet) for name in ("eth1", "eth+", "wan+", "! eth1")] == [True, True, False, False]


def test_established_before_reject_lets_answers_through_and_no_more() -> None:
    given = ruleset(rule(states=("RELATED", "ESTABLISHED")), rule("REJECT", line=10))
    assert actions(given) == ["REJECT"]
    assert actions(given, PACKET._replace(state="ESTABLISHED")) == ["ACCEPT"]


def test_return_in_a_built_in_chain_meets_the_policy() -> None:
    assert actions(ruleset(rule("RETURN"), rule("ACCEPT"), policy="DROP")) == ["DROP"]


def test_a_return_that_may_match_leaves_the_rest_open() -> None:
    given = ruleset(
        rule("own"), rule("ACCEPT", line=12), rule("RETURN", "own", understood=False), rule("DROP", "own", 11), chains=("own",)
    )
    assert actions(given) == ["DROP", "ACCEPT"]


def test_a_goto_does_not_come_back() -> None:
    given = ruleset(rule("own", text="-A FORWARD -g own"), rule("ACCEPT"), policy="DROP", chains=("own",))
    assert actions(given) == ["DROP"]


def test_a_chain_that_is_not_listed_is_unknown() -> None:
    assert actions(ruleset(rule("elsewhere"), policy="DROP")) == ["unknown"]


def test_chains_that_jump_in_a_circle_or_fan_out_end() -> None:
    assert actions(ruleset(rule("a"), rule("a", "a"), policy="DROP", chains=("a",)))[0] == "unknown"
    names = tuple(f"c{n}" for n in range(60))
    fan = [rule(b, a, understood=False) for a, b in zip(("FORWARD", *names), names, strict=False) for _ in range(2)]
    assert actions(ruleset(*fan, policy="DROP", chains=names)) == ["DROP"]


def brute(given: IptablesRuleset, answers: dict[int, bool], chain: str = "FORWARD") -> str | None:
    """One way: what happens when each open match is as given; None: back from the chain."""
    for one in given.rules:
        match = matches(one, PACKET)
        if one.chain != chain or not (answers[one.line] if match is None else match):
            continue
        if one.target == "RETURN":
            return None
        if one.target in ("ACCEPT", "DROP", "REJECT"):
            return one.target
        if one.target in ("a", "b") and (inner := brute(given, answers, one.target)) is not None:
            return inner
    return None


@pytest.mark.parametrize("seed", range(150))
def test_it_names_every_way_that_is_possible_and_no_certain_one_wrongly(seed: int) -> None:
    chance = random.Random(seed)
    rules = []
    for line in range(1, 10):
        chain = chance.choice(("FORWARD", "FORWARD", "a", "b"))
        deeper = {"FORWARD": ("a", "b"), "a": ("b",), "b": ()}[chain]
        conditions: list[dict[str, object]] = [
            {},
            {"protocol": "udp"},
            {"destination_ports": "8443"},
            {"destination_ports": "! 8443"},
            {"in_interface": "x"},
            {"understood": False},
        ]
        rules.append(
            rule(
                chance.choice(("ACCEPT", "DROP", "REJECT", "RETURN", "LOG", None, *deeper, *deeper)),
                chain,
                line,
                **chance.choice(conditions),
            )
        )
    given = ruleset(*rules, policy=chance.choice(("ACCEPT", "DROP")), chains=("a", "b"))
    unsure = [r.line for r in rules if matches(r, PACKET) is None]
    policy = given.chains[0].policy
    possible = {brute(given, dict(zip(unsure, turn, strict=True))) or policy for turn in product((True, False), repeat=len(unsure))}
    assert set(actions(given)) == possible
