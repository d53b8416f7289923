"""`evidence_command_flawed`: rg -E, and limits shorter than an answer takes."""

import pytest

from runs.analysis.facts.firewall import PfRule, PfRuleset
from runs.analysis.facts.notes import ShellCommand
from tests.kit import SECOND, Run, answered, english, places, timed_out, tried

RULE = "evidence_command_flawed"


def ran(text: str, line: int = 7) -> Run:
    return Run().add("notes.md", ShellCommand(text=text, line=line))


@pytest.mark.parametrize(
    "command",
    [
        "iptables -S | rg -E 'DROP|REJECT'",
        "rg -nE 'DROP|REJECT' rules.txt",
        "rg -i -n -E DROP rules.txt",
        "rg --no-heading --color=never -E 'DROP' rules.txt",
        'sudo nft list ruleset | rg -E "drop|reject"',
    ],
)
def test_fires_on_a_pattern_in_the_place_of_an_encoding(command: str) -> None:
    (found,) = ran(command).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "low", "certain")
    assert places(found.statements) == {"notes.md": ((), (7,))}
    assert "grep -E" in (found.next_actions[0].command or "")


@pytest.mark.parametrize(
    "command",
    [
        "rg 'DROP|REJECT' rules.txt",
        "grep -E 'DROP|REJECT' rules.txt",
        "rg -e 'DROP|REJECT' rules.txt",
        "rg -E utf-16le DROP events.txt",
        "rg -E cp932 DROP events.txt",
        "rg -Esjis DROP events.txt",
        "rg -E 'latin1' DROP events.txt",
        "pfctl -sr",
    ],
)
def test_silent_on_sound_commands(command: str) -> None:
    run = ran(command)
    assert run.found(RULE) == []
    assert places(run.excluded(RULE)) == {"notes.md": ((), (7,))}


def test_its_empty_result_and_the_whole_listing_beside_it_are_cited() -> None:
    grep = PfRuleset(command_line=1, grepped=True, grep_flawed=True, no_match_line=2)
    whole = PfRuleset(command_line=3, rules=(PfRule(line=4, text="pass all", action="pass"),))
    run = Run().add("pf.txt", ShellCommand(text="pfctl -sr | rg -E 'a|b'", line=1), grep, whole)
    assert places(run.found(RULE)[0].statements) == {"pf.txt": ((), (1, 2, 4))}


def test_a_limit_shorter_than_the_answer_takes() -> None:
    slow = {**answered(line=31), "elapsed_ns": 9 * SECOND}
    run = Run().curl("short.log", tried(), target="/report", **timed_out(4, line=11))
    (found,) = run.curl("long.log", tried(), target="/report", **slow).found(RULE)
    assert places(found.statements) == {"long.log": ((), (31,)), "short.log": ((), (11,))}


def test_silent_where_the_slow_answer_is_of_another_target() -> None:
    slow = {**answered(), "elapsed_ns": 9 * SECOND}
    run = Run().curl("short.log", tried(), target="/report", **timed_out(4))
    assert run.curl("long.log", tried(), target="/other", **slow).found(RULE) == []


def test_the_address_is_quoted_in_the_command() -> None:
    slow = {**answered(), "elapsed_ns": 9 * SECOND}
    run = Run().curl("short.log", tried(), target="/", url="http://x/?a=1&b=$(id)", **timed_out(4))
    (found,) = run.curl("long.log", tried(), target="/", **slow).found(RULE)
    assert (found.next_actions[0].command or "").endswith("'http://x/?a=1&b=$(id)'")


def test_not_evaluable_without_commands() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert english(unknown.missing[0]).startswith("one of:")
    assert unknown.collect
