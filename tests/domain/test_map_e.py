"""MAP-E: addresses and ports by the worked examples of RFC 7597 and of a line in the older layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.map_e import PortSet, choose_layout, decode_ce, encode_ce, port_sets, psid_of
from runs.analysis.domain.map_e_reader import allowed_ports, from_command, from_rows, from_sentences, from_tunnel

RFC_CE = "2001:db8:12:3400:0:c000:212:34"  # appendix A, example 1
OLD_CE = "2404:7a82:4d02:4100:85:d10d:200:4100"


def test_rfc_example_decodes() -> None:
    (held,) = decode_ce(RFC_CE)
    assert (held.layout, held.ipv4, held.psid) == ("rfc7597", "192.0.2.18", 0x34)


def test_rfc_example_has_its_ports() -> None:
    ports = PortSet(0x34, length=8, offset=6)
    blocks = list(ports.blocks())
    assert blocks[:2] == [(1232, 1235), (2256, 2259)]
    assert blocks[-2:] == [(63696, 63699), (64720, 64723)]
    assert (ports.block_count, ports.block_size, ports.count) == (63, 4, 252)
    assert 1232 in ports
    assert 1235 in ports
    assert 1231 not in ports
    assert 208 not in ports  # the block below the first is left out


def test_rfc_example_without_sharing_has_all_ports() -> None:
    assert list(PortSet(0, length=0, offset=0).blocks()) == [(0, 65535)]


def test_older_layout_decodes() -> None:
    (held,) = decode_ce(OLD_CE)
    assert (held.layout, held.ipv4, held.psid) == ("draft03", "133.209.13.2", 0x41)
    assert encode_ce(OLD_CE, held.ipv4, held.psid, "draft03") == OLD_CE


def test_older_line_has_fifteen_blocks() -> None:
    ports = PortSet(0x41, length=8, offset=4)
    blocks = list(ports.blocks())
    assert blocks[:3] == [(5136, 5151), (9232, 9247), (13328, 13343)]
    assert blocks[-1] == (62480, 62495)
    assert (ports.block_count, ports.count) == (15, 240)
    assert ports.block_of(5144) == (5136, 5151)
    assert ports.block_of(5152) is None


@pytest.mark.parametrize(
    "address", ["2001:db8::1", "fe80::f2f8:4aff:fe67:5810", "2001:db8:700:1::1:275", "192.0.2.1", "", "::", "x"]
)
def test_other_addresses_hold_nothing(address: str) -> None:
    assert decode_ce(address) == ()


def test_the_layout_whose_ipv4_address_is_stated_is_taken() -> None:
    both = encode_ce("2001:db8:1:2::", "198.51.100.7", 0x1200, "rfc7597")
    assert {one.layout for one in decode_ce(both)} == {"rfc7597"}  # the draft would read 0.198.51.100
    assert choose_layout(both, "198.51.100.7") == decode_ce(both)[0]


def test_disagreement_keeps_the_layout_that_is_possible() -> None:
    held = choose_layout(OLD_CE, "203.0.113.45")
    assert held is not None
    assert held.ipv4 != "203.0.113.45"


def test_a_first_block_gives_length_and_offset() -> None:
    assert port_sets(0x41, [(5136, 5151)])[0] == PortSet(0x41, 8, 4)
    assert port_sets(0x41, [(9232, 9247), (5136, 5151)], 15) == (PortSet(0x41, 8, 4),)
    assert port_sets(0x34, [(1232, 1235)], 63) == (PortSet(0x34, 8, 6),)
    assert port_sets(0x41, [(5137, 5152)]) == ()
    assert psid_of([(5136, 5151), (9232, 9247)], 8, 4) == 0x41


@given(
    st.integers(0, 16).flatmap(lambda a: st.tuples(st.just(a), st.integers(0, 16 - a))),
    st.integers(0, 65535),
    st.integers(0, 65535),
)
def test_membership_is_what_the_blocks_say(shape: tuple[int, int], psid: int, port: int) -> None:
    offset, length = shape
    ports = PortSet(psid & ((1 << length) - 1), length, offset)
    inside = any(first <= port <= last for first, last in ports.blocks())
    assert (port in ports) == inside
    assert sum(last - first + 1 for first, last in ports.blocks()) == ports.count


def test_a_table_states_parameters_with_their_lines() -> None:
    rows = [
        (10, ("CE Address", OLD_CE)),
        (11, ("BR (east)", "2001:db8:700:1::1:275")),
        (12, ("DMR", "2001:db8:225:100::64")),
        (13, ("IPv4 Address", "133.209.13.2")),
        (14, ("Port Range", "5136-5151 (他14ブロック)")),
    ]
    stated = from_rows(rows)
    assert stated is not None
    assert (stated.ce_line, stated.br_line, stated.dmr_line, stated.ipv4_line) == (10, 11, 12, 13)
    assert (stated.br_address, stated.dmr) == ("2001:db8:700:1::1:275", "2001:db8:225:100::64")
    assert (stated.layout, stated.ipv4_agrees, stated.block_count) == ("draft03", True, 15)
    allowed = allowed_ports([stated])
    assert allowed is not None
    assert allowed[0] == PortSet(0x41, 8, 4)


def test_stated_length_and_offset_count_more_than_blocks() -> None:
    stated = from_sentences([(3, "MAP-E PSID: 0x34"), (4, "PSID length: 8"), (5, "PSID offset = 6"), (6, "IPv4: 192.0.2.18")])
    assert stated is not None
    assert (stated.psid, stated.psid_length, stated.psid_offset) == (0x34, 8, 6)
    allowed = allowed_ports([stated])
    assert allowed is not None
    assert allowed[0].count == 252


def test_other_tables_and_tunnels_state_nothing() -> None:
    assert from_rows([(1, ("eth0", "192.0.2.1")), (2, ("port", "8080"))], "Hosts") is None
    assert from_tunnel("2001:db8:77::2", "2001:db8:ff::1", 4, "tunnel") is None
    assert from_command("ip route add default dev tun0", 1) is None


def test_a_tunnel_command_states_both_ends() -> None:
    stated = from_command(f"sudo ip -6 tunnel add mape mode ip4ip6 remote 2001:db8:ff::1 local {RFC_CE} dev eth1", 7)
    assert stated is not None
    assert (stated.ce_address, stated.br_address, stated.decoded_psid, stated.ce_line) == (RFC_CE, "2001:db8:ff::1", 0x34, 7)
    assert allowed_ports([stated]) is None
