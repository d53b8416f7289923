"""`next_hop_mismatch`: MAC, EUI-64 link-local and device name held together; and what must stay silent."""

from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.eui64 import link_local_of, mac_of, normal_mac
from runs.analysis.facts.network import Interface, Interfaces, Neighbour, Neighbours, Route, RoutingTable
from runs.analysis.facts.notes import Note, NoteLine, NoteTable, ShellCommand
from tests.kit import Run, english, places

RULE = "next_hop_mismatch"
GATEWAY, HOME = "d0:5f:64:1a:2b:3c", "70:4c:a5:9e:01:02"
GATEWAY6, HOME6 = link_local_of(GATEWAY), link_local_of(HOME)
TABLE = NoteTable(
    line=3, head=("機器", "IF", "MAC"), rows=((5, ("網ゲートウェイ", "-", GATEWAY.upper())), (6, ("Home Router", "eth0", HOME)))
)


def says(text: str) -> Note:
    return Note(statements=(NoteLine(line=9, text=text),))


def run(*facts: object) -> Run:
    made = Run().add("reference.md", TABLE)
    for n, fact in enumerate(facts):
        made.add(f"{n}.txt", fact)  # type: ignore[arg-type]
    return made


def test_a_sentence_that_calls_the_home_router_the_gateway_fires() -> None:
    (found,) = run(says(f"BR への経路は網ゲートウェイ (`{HOME6}`) 経由")).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert english(found.title) == f"{HOME6} is called 網ゲートウェイ, and it is Home Router."
    assert places(found.statements) == {"0.txt": ((), (9,)), "reference.md": ((), (6,))}


def test_a_neighbour_table_and_a_route_make_it_certain_and_graver() -> None:
    neighbours = Neighbours(neighbours=(Neighbour(line=2, address=HOME6, device="eth1", mac=HOME),))
    routes = RoutingTable(version=6, routes=(Route(line=4, destination="::/0", via=HOME6, device="eth1"),))
    (found,) = run(says(f"default route via 網ゲートウェイ {HOME6}"), neighbours, routes).found(RULE)
    assert (found.severity, found.confidence) == ("high", "certain")
    assert places(found.statements)["2.txt"] == ((), (4,))


def test_a_table_whose_row_has_the_other_devices_address_fires() -> None:
    rows = ((5, ("網ゲートウェイ", GATEWAY, HOME6)), (6, ("Home Router", HOME, HOME6)))
    (found,) = Run().add("reference.md", NoteTable(line=3, rows=rows)).found(RULE)
    assert found.subject["named"] == "網ゲートウェイ"


def test_a_command_with_a_comment_fires() -> None:
    command = ShellCommand(text=f"ip -6 route add ::/0 via {HOME6} dev eth1  # 網ゲートウェイ", line=7)
    assert run(command).found(RULE)


def test_the_right_next_hop_excludes_it() -> None:
    routes = RoutingTable(version=6, routes=(Route(line=4, destination="::/0", via=GATEWAY6, device="eth1"),))
    made = run(says(f"網ゲートウェイ ({GATEWAY6}) 経由"), routes)
    assert made.found(RULE) == []
    assert "0.txt" not in places(made.excluded(RULE))
    assert places(made.excluded(RULE))["1.txt"] == ((), (4,))


def test_silent_where_nothing_is_claimed() -> None:
    private = "fe80::85ac:20e:b602:3f3a"
    for text in (
        f"網ゲートウェイ ({private}) 経由",  # no EUI-64
        f"{HOME6} を網ゲートウェイと取り違えていた。経路を直した",  # speaks of the mix-up
        f"網ゲートウェイではなく {HOME6} を経由していた",
        f"Home Router と網ゲートウェイのうち {HOME6} 経由",  # names both
        f"網ゲートウェイの MAC を調べた。{HOME6} は応答した",  # not about the way
        f"経路は {HOME6} 経由",  # names none
    ):
        assert run(says(text)).found(RULE) == [], text


def test_a_host_that_lists_its_own_interface_is_that_device() -> None:
    own = Interfaces(host="home router", interfaces=(Interface(line=3, name="eth0", kind="ether", mac=HOME),))
    assert run(own, says(f"Home Router ({HOME6}) 経由")).found(RULE) == []


def test_not_evaluable_without_devices() -> None:
    made = Run().add("n.md", says(f"経路は {HOME6} 経由"))
    assert made.found(RULE) == []
    assert "neigh" in (made.unknown(RULE)[0].collect or "")


@given(st.binary(min_size=6, max_size=6))
def test_eui64_goes_both_ways(octets: bytes) -> None:
    mac = normal_mac(octets.hex(":"))
    if mac is not None:
        assert mac_of(link_local_of(mac)) == mac


def test_spellings_of_a_mac() -> None:
    assert normal_mac("D0-5F-64-1A-2B-3C") == normal_mac("d05f.641a.2b3c") == normal_mac("d0:5f:64:1a:2b:3c") == GATEWAY
    assert normal_mac("ff:ff:ff:ff:ff:ff") is normal_mac("00:00:00:00:00:00") is normal_mac("d0:5f") is None
    assert mac_of("fe80::1") is mac_of("eth0") is None
    assert link_local_of("a4:11:bb:7d:ee:11") == "fe80::a611:bbff:fe7d:ee11"
