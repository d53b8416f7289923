"""MAP-E parameters are collected from every place that states them, each with its own lines."""

from collections.abc import Sequence

from runs.analysis.case import Case, MemoryTables
from runs.analysis.correlators.map_e_parameters import parameters
from runs.analysis.facts.base import Fact
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.facts.network import Tunnel
from runs.analysis.facts.notes import Note, NoteTable, ShellCommand
from runs.analysis.facts.router import ConfiguredTunnel, RouterConfig

CE, BR = "2001:db8:12:3400:0:c000:212:34", "2001:db8:ff::1"


def collected(facts: Sequence[Fact]) -> list[tuple[str, str, tuple[int, ...], bool]]:
    """File, kind of place, lines and whether a person wrote it."""
    found = parameters(Case("run", [], facts, MemoryTables()))
    return [(one.file, one.stated_in, one.lines, one.from_notes) for one in found if isinstance(one, MapEParameters)]


def test_each_place_states_its_own() -> None:
    rows = ((5, ("CE", CE)), (6, ("BR", BR)), (7, ("PSID length", "8")), (8, ("PSID offset", "6")))
    facts = [
        Note(file="log.md", title="MAP-E retry"),
        NoteTable(file="log.md", line=3, head=("parameter", "value"), rows=rows),
        ShellCommand(file="log.md", text=f"ip -6 tunnel add mape mode ip4ip6 remote {BR} local {CE} dev eth3", line=12),
        Tunnel(file="tunnel.txt", name="mape", mode="ip/ipv6", remote=BR, local=CE, line=2),
        Tunnel(file="tunnel.txt", name="other", mode="ip/ipv6", remote=BR, local="2001:db8:77::2", line=3),
        RouterConfig(
            file="config.txt", tunnels=(ConfiguredTunnel(line=1, name="tun9", local=CE, local_line=4, remote=BR, remote_line=3),)
        ),
    ]
    assert collected(facts) == [
        ("log.md", "table", (5, 6, 7, 8), True),
        ("log.md", "command", (12,), True),
        ("tunnel.txt", "tunnel", (2,), False),
        ("config.txt", "configuration", (3, 4), False),
    ]


def test_nothing_is_made_of_other_evidence() -> None:
    table = NoteTable(
        file="hosts.md", line=1, head=("host", "address"), rows=((3, ("web", "192.0.2.7")), (4, ("port", "8080-8090")))
    )
    assert collected([Note(file="hosts.md", title="Hosts"), table]) == []
