"""Reading filters: what they mean, and where a mistake stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.domain.filters.tokens import MAX_LENGTH, FilterError
from runs.analysis.messages import render
from tests.filters.make_fixtures import filter_lines

FILTERS = filter_lines()
PIECES = sorted(
    {piece for line in FILTERS for piece in re.findall(r"\w+|\S", line)} | {"inner", "remark", "any", "stream", "frame", "3-5"}
)


def check(text: str) -> None:
    """Parse, and look at the error if there is one."""
    mistake = None
    try:
        parse(text)
    except FilterError as error:
        mistake = error
    if mistake is not None:
        assert 0 <= mistake.position <= len(text)
        assert render(mistake.text, "en")
        assert render(mistake.text, "ja")


def test_an_empty_filter_selects_everything() -> None:
    assert parse("") is None
    assert parse(" \n") is None


@pytest.mark.parametrize("text", FILTERS)
def test_it_reads_every_filter(text: str) -> None:
    assert parse(text) is not None


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("port", 4),
        ("tcp port 80 and", 15),
        ("host nowhere.example", 5),
        ("tcp port 99999", 9),
        ("(tcp", 4),
        ("tcp)", 3),
        ("tcp[13", 6),
        ("tcp[13] & 2", 11),
        ("ip[0:3] = 1", 5),
        ("ip[0] / 0 = 1", 6),
        ("ip[0] << 32 = 1", 6),
        ("ah[0] = 1", 0),
        ("vlan 4096", 5),
        ("net 10.0.0.0/33", 4),
        ("host 300.1.1.1", 5),
        ("icmp port 5", 10),
        ("ip port 80", 8),
        ("tcp host 10.0.0.1", 9),
        ("ip6 host 10.0.0.1", 9),
        ("src proto 6", 10),
        ("port 80 or tcp or 443", 18),
        ("80", 0),
        ("gateway 10.0.0.1", 8),
        ("ip protochain 6", 14),
        ("tcp and pppoes", 8),
        ("remark slow", 7),
        ("remark", 6),
        ("stream x", 7),
        ("frame", 5),
        ("inner tcp", 6),
        ("tcp or @", 7),
        ("less many", 5),
        ("ip[99999999999] = 1", 3),
        ("ip6 broadcast", 4),
    ],
)
def test_a_mistake_has_its_place(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.position == position
    assert "{" not in render(caught.value.text, "en") + render(caught.value.text, "ja")


def test_values_take_the_qualifiers_before_them() -> None:
    assert parse("tcp src port 80 or 443") == parse("tcp src port 80 or tcp src port 443")
    assert parse("port (80 or 443)") == parse("port 80 or port 443")
    assert parse("host 10.0.0.1 or (10.0.0.2 or 10.0.0.3)") == parse("host 10.0.0.1 or (host 10.0.0.2 or host 10.0.0.3)")


def test_and_binds_no_tighter_than_or() -> None:
    assert parse("tcp or udp and icmp") == parse("(tcp or udp) and icmp")
    assert parse("not tcp and udp") == parse("(not tcp) and udp")


def test_each_vlan_moves_what_follows_inwards() -> None:
    assert parse("tcp and vlan 5 and tcp") == tree.And(tree.And(tree.Protocol("tcp", 0), tree.Vlan(5, 0)), tree.Protocol("tcp", 1))


def test_libpcaps_precedence_of_arithmetic() -> None:
    assert parse("len * 3 % 2 = 0") == parse("len * (3 % 2) = 0")
    assert parse("len % 3 * 2 = 0") == parse("len % (3 * 2) = 0")
    assert parse("len + 1 & 3 = 2") == parse("(len + 1) & 3 = 2")
    assert parse("len + 5-3 = 2") == parse("(len + 5) - 3 = 2")


def test_words_of_our_own() -> None:
    assert parse("remark fast-retransmission") == tree.Remark("fast_retransmission")
    assert parse("stream 3-5") == tree.Stream(3, 5, "tcp")
    assert parse("udp stream 3") == tree.Stream(3, 3, "udp")
    assert parse("frame 13006-13022") == tree.Frame(13006, 13022)
    assert parse("inner (tcp)") == tree.Inner(tree.Protocol("tcp", 0))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2_000,
        "not " * 999 + "tcp",
        "1=" + "-" * 3_000,
        "len=" + "1+" * 1_900 + "1",
        "port " + "1||" * 1_300 + "1",
        "ip[" * 1_000,
        "(" * 90 + "tcp" + ")" * 90,
        "x" * (MAX_LENGTH + 1),
        "inner (" * 500,
        "1%" * 1_900 + "1=1",
    ],
)
def test_long_and_deep_filters_end(text: str) -> None:
    check(text)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_mistake(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_words_are_a_filter_or_a_mistake(words: list[str]) -> None:
    check(" ".join(words))


@given(st.sampled_from(FILTERS), st.integers(0, 60), st.integers(0, 3), st.sampled_from(["", *PIECES]))
def test_any_change_of_a_filter_is_a_filter_or_a_mistake(text: str, place: int, length: int, piece: str) -> None:
    check(text[:place] + piece + text[place + length :])
