"""`firewall_no_block`: an exclusion only where the rules, or packets that passed, are enough for it."""

from runs.analysis.facts.firewall import PfRule, PfRuleset
from tests.kit import Run, Talk, english, places

RULE = "firewall_no_block"
PASS = PfRule(line=4, text="pass all", action="pass")
BLOCK = PfRule(line=5, text="block drop in proto tcp to any port 8443", action="block", direction="in", destination_ports=("8443",))
ANCHOR = PfRule(line=6, text='anchor "vpn/*"', action="anchor", anchor="vpn/*")
WHOLE = Talk().opens().request().answer().closes()


def listed(*rules: PfRule, grepped: bool = False) -> Run:
    return Run().add("pf.txt", PfRuleset(rules=rules, grepped=grepped))


def test_a_whole_listing_without_a_block_excludes() -> None:
    run = listed(PASS)
    assert english(run.excluded(RULE)[0].text) == "1 pf rule listed, none blocks."
    assert places(run.excluded(RULE)) == {"pf.txt": ((), (4,))}


def test_packets_that_passed_excuse_an_anchor_that_is_not_listed() -> None:
    run = listed(PASS, ANCHOR).capture("a.pcap", WHOLE)
    assert places(run.excluded(RULE)) == {"pf.txt": ((), (4, 6)), "a.pcap": ((1, 2, 3), ())}


def test_they_are_cited_by_line_where_a_text_shows_them() -> None:
    run = listed(PASS, ANCHOR).capture("a.txt", WHOLE, text=True)
    assert places(run.excluded(RULE))["a.txt"] == ((), (3, 5, 7))


def test_another_conversation_that_nothing_answers_undoes_it() -> None:
    silent = Talk(port=9, client_port=50_001).syn().waits(1).syn_again()
    for rules in ((PASS, ANCHOR), (PASS, BLOCK)):
        run = listed(*rules).capture("a.pcap", WHOLE, silent)
        assert run.excluded(RULE) == []
        (unknown,) = run.unknown(RULE)
        assert "a.pcap#1" in english(unknown.missing[0])
        assert unknown.collect
        assert "pfctl" in unknown.collect


def test_a_whole_listing_without_block_or_anchor_decides_for_that_one_too() -> None:
    assert listed(PASS).capture("a.pcap", Talk().syn().waits(1).syn_again()).excluded(RULE)


def test_a_refusal_is_suspect_only_beneath_a_rule_that_returns() -> None:
    refused = Talk().syn().rst()
    returning = PfRule(line=7, text="block return in", action="block", returns=True)
    assert listed(PASS, returning).capture("a.pcap", WHOLE, Talk(client_port=1).syn().rst()).excluded(RULE) == []
    assert listed(PASS, ANCHOR).capture("a.pcap", WHOLE, refused).excluded(RULE)


def test_blocking_rules_without_traffic_are_not_evaluable() -> None:
    (unknown,) = listed(PASS, BLOCK).unknown(RULE)
    assert unknown.citations[0].lines == (5,)


def test_an_anchor_without_traffic_is_not_evaluable_and_named() -> None:
    (unknown,) = listed(PASS, ANCHOR).unknown(RULE)
    assert "vpn/*" in english(unknown.missing[0])
    assert unknown.collect == "sudo pfctl -a 'vpn/*' -sr"


def test_a_grep_is_weaker_than_the_rules() -> None:
    assert listed(PASS, grepped=True).excluded(RULE) == []
    assert listed(grepped=True).unknown(RULE)


def test_a_rule_that_was_not_understood_decides_nothing() -> None:
    odd = PfRule(line=8, text="block ???", action="other", understood=False)
    assert listed(PASS, odd).excluded(RULE) == []


def test_not_evaluable_without_rules() -> None:
    (unknown,) = Run().capture("a.pcap", WHOLE).unknown(RULE)
    assert "packet filter's rules" in english(unknown.missing[0])
    assert unknown.collect


def test_an_anchor_name_is_quoted_in_the_command() -> None:
    hostile = PfRule(line=6, text="anchor x", action="anchor", anchor="x'; reboot; '")
    (unknown,) = listed(PASS, hostile).unknown(RULE)
    assert unknown.collect == "sudo pfctl -a 'x'\"'\"'; reboot; '\"'\"'' -sr"
