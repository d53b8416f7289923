"""`tunnel_remote_mismatch`: the DMR used as border relay, another relay than documented, and the look-alikes."""

from runs.analysis.domain.map_e import encode_ce
from runs.analysis.facts.network import Interface, Interfaces, Tunnel
from runs.analysis.facts.notes import Note, NoteLine, NoteTable, ShellCommand
from runs.analysis.facts.router import ConfiguredTunnel, RouterConfig
from tests.kit import Run, english, places

RULE = "tunnel_remote_mismatch"
CE = encode_ce("2001:db8:77:4100::", "192.0.2.18", 0x34, "draft03")
EAST, WEST, DMR = "2001:db8:ff::1", "2001:db8:ff::2", "2001:db8:dd:100::64"


def documents(*rows: tuple[str, str]) -> NoteTable:
    return NoteTable(line=10, head=("MAP-E", "値"), rows=tuple((11 + n, row) for n, row in enumerate(rows)))


TABLE = documents(("CE", CE), ("BR (東)", EAST), ("BR (西)", WEST), ("DMR", DMR))


def tunnel(remote: str, local: str = CE) -> Tunnel:
    return Tunnel(name="mape", mode="ip/ipv6", remote=remote, local=local, line=2)


def test_the_dmr_used_as_border_relay_fires() -> None:
    (found,) = Run().add("reference.md", TABLE).add("tunnel.txt", tunnel(DMR)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "certain")
    assert "DMR" in english(found.title)
    assert places(found.statements) == {"tunnel.txt": ((), (2,)), "reference.md": ((), (12, 13, 14))}


def test_a_remote_end_that_no_document_names_fires_less_surely() -> None:
    (found,) = Run().add("reference.md", TABLE).add("tunnel.txt", tunnel("2001:db8:ee::9")).found(RULE)
    assert (found.severity, found.confidence) == ("medium", "firm")


def test_the_configuration_and_the_interfaces_listing_count_too() -> None:
    config = RouterConfig(tunnels=(ConfiguredTunnel(line=4, name="tun0", local=CE, local_line=5, remote=DMR, remote_line=6),))
    (found,) = Run().add("reference.md", TABLE).add("config.txt", config).found(RULE)
    assert places(found.statements)["config.txt"] == ((), (6,))
    listing = Interfaces(interfaces=(Interface(line=3, name="mape", kind="tunnel6", local=CE, peer=DMR, flags=("UP",)),))
    assert Run().add("reference.md", TABLE).add("addr.txt", listing).found(RULE)


def test_a_command_of_a_note_alone_is_tentative() -> None:
    command = ShellCommand(text=f"ip -6 tunnel add mape mode ipip6 remote {DMR} local {CE} dev eth1", line=30, ran=False)
    note = Note(statements=(NoteLine(line=5, text=f"DMR: {DMR}"), NoteLine(line=6, text=f"BR: {EAST}")))
    (found,) = Run().add("note.md", command, note).found(RULE)
    assert found.confidence == "tentative"


def test_each_of_several_border_relays_is_right() -> None:
    for remote in (EAST, WEST):
        made = Run().add("reference.md", TABLE).add("tunnel.txt", tunnel(remote))
        assert made.found(RULE) == []
        assert "tunnel.txt" in places(made.excluded(RULE))


def test_a_sentence_that_contrasts_both_is_read_word_by_word() -> None:
    note = Note(statements=(NoteLine(line=8, text=f"DMR (`{DMR}`) ではなく東日本BR (`{EAST}`) を使用"),))
    right = Run().add("note.md", note).add("tunnel.txt", tunnel(EAST))
    assert right.found(RULE) == []
    assert right.excluded(RULE)
    wrong = Run().add("note.md", note).add("tunnel.txt", tunnel(DMR))
    assert [f.confidence for f in wrong.found(RULE)] == ["certain"]


def test_silent_for_other_tunnels() -> None:
    plain = Run().add("reference.md", TABLE).add("tunnel.txt", tunnel("2001:db8:ee::9", local="2001:db8:1:2:a:b:c:d"))
    assert plain.found(RULE) == []
    unset = Run().add("reference.md", TABLE).add("tunnel.txt", tunnel("::"))
    assert unset.found(RULE) == []


def test_not_evaluable_without_a_document_or_any_parameter() -> None:
    undocumented = Run().add("tunnel.txt", tunnel(DMR))
    assert undocumented.found(RULE) == []
    assert undocumented.unknown(RULE)
    assert Run().add("a.md", Note()).unknown(RULE)
