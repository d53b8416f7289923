"""A README and a note say the same in the same words: MAP-E parameters, commands, tables; typed blocks are no state of a host."""

from pathlib import Path

import pytest

from runs.analysis import pipeline
from runs.analysis.case import Case, MemoryTables
from runs.analysis.facts.commanded import ConfigurationCommands
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.facts.router import RouterConfig
from runs.analysis.source import Source

BODY = """
## MAP-E parameters

| Parameter | Value |
| --- | --- |
| CE address | 2001:db8:77:4100:c0:2:1200:3400 |
| BR | 2001:db8:ff::1 |
| DMR | 2001:db8:fe::64 |
| IPv4 address | 192.0.2.18 |
| PSID | 0x34 |
| Port range | 5136-5151 (and 14 other blocks) |

We set this up by hand, and it answered for a while:

```
sudo ip -6 tunnel add wan9 mode ip4ip6 remote 2001:db8:ff::1 \\
    local 2001:db8:77:4100:c0:2:1200:3400 dev eth3
sudo iptables -t nat -A POSTROUTING -o wan9 -p tcp -j SNAT --to-source 192.0.2.18:5136-5151
```

On the router it would be:

```
set interfaces tunnel wan9 remote 2001:db8:ff::1
commit
```

What the router shows is this:

```
$ show configuration commands
set interfaces tunnel wan9 encapsulation ipip6
set interfaces tunnel wan9 remote 2001:db8:ff::1
```
"""
LIST = "\n| File | Command | Remark |\n| --- | --- | --- |\n| `t.txt` | `ip -6 tunnel show` | The tunnel is up. |\n"
DOCUMENTS = {"README.md": f"# RUN_ID=20260301Tmape No answer\n{LIST}{BODY}", "memo.md": f"# No answer\n{BODY}"}


@pytest.fixture(params=DOCUMENTS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    path = tmp_path / request.param
    path.write_text(DOCUMENTS[request.param])
    result, _ = pipeline.parse(Source(path, path.name))
    assert result.kind == {"README.md": "readme", "memo.md": "note"}[request.param]
    file = pipeline.BundleFile(path=path.name, size_bytes=path.stat().st_size, sha256="", result=result)
    case = Case("run", [pipeline._case_file(file)], result.located(path.name), MemoryTables())
    assert pipeline.correlate(case) == {}
    return case


def test_the_table_gives_map_e_parameters(case: Case) -> None:
    table, command, *_ = case.all(MapEParameters)
    assert (table.stated_in, table.ce_address, table.br_address) == ("table", "2001:db8:77:4100:c0:2:1200:3400", "2001:db8:ff::1")
    assert (table.dmr, table.ipv4_address, table.psid, table.block_count) == ("2001:db8:fe::64", "192.0.2.18", 0x34, 15)
    assert [(block.first, block.last) for block in table.ports] == [(5136, 5151)]
    assert table.ipv4_agrees
    assert table.psid_agrees
    assert (command.stated_in, command.br_address, command.from_notes) == ("command", "2001:db8:ff::1", True)


def test_commands_are_what_they_set_up(case: Case) -> None:
    (said,) = case.all(ConfigurationCommands)
    lines = DOCUMENTS[said.file].splitlines()
    assert said.tunnels[0].remote == "2001:db8:ff::1"
    assert "tunnel add" in lines[said.tunnels[0].line - 1]
    assert said.rules[0].rule.to == "192.0.2.18:5136-5151"
    assert "SNAT" in lines[said.rules[0].rule.line - 1]


def test_what_was_typed_is_told_from_what_a_router_showed(case: Case) -> None:
    assert [config.prescribed for config in case.all(RouterConfig)] == [True, False]
