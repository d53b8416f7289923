"""Plain and compiled kernels give the same tables; text rows are judged as captures are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runs.analysis.packets import jit
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.rows import PacketRow, tables_from_rows
from runs.analysis.packets.schema import SYN, column

pytestmark = pytest.mark.xdist_group("numba")  # one process compiles, the others load
DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("name", ["random-tcp.pcap", "ipv4-in-ipv6.pcap", "two-interfaces.pcapng", "hostile-bad_ihl_opts.pcap"])
def test_compiled_kernels_agree_with_plain_ones(name: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jit.Engine, "__init__", lambda self, size: setattr(self, "is_compiled", False))
    plain = read_capture(DATA / name)
    monkeypatch.setattr(jit.Engine, "__init__", lambda self, size: setattr(self, "is_compiled", True))
    compiled = read_capture(DATA / name)
    for ours, theirs in zip(plain.tables.values(), compiled.tables.values(), strict=True):
        assert set(ours) == set(theirs)
        for column_name in ours:
            assert np.array_equal(ours[column_name], theirs[column_name]), column_name


def test_rows_of_a_text_are_judged_as_the_capture() -> None:
    read = read_capture(DATA / "no-response-keep-alive.pcap")
    packets = read.packets
    texts = address_texts(read.addresses, np.concatenate((packets["source"], packets["destination"])))
    scale = {True: 10, False: None}
    rows = [
        PacketRow(
            ts_ns=int(packets["ts_ns"][i]), source=texts[int(packets["source"][i])], destination=texts[int(packets["destination"][i])],
            source_port=int(packets["source_port"][i]), destination_port=int(packets["destination_port"][i]), protocol="tcp",
            tcp_flags=int(packets["tcp_flags"][i]), sequence=int(packets["sequence"][i]),
            acknowledgment=int(packets["acknowledgment"][i]), window=int(packets["window"][i]),
            window_scale=scale[bool(packets["tcp_flags"][i] & SYN)], payload_length=int(packets["payload_length"][i]),
            ttl=int(packets["ttl"][i]), ip_id=int(column(packets, "ip_id")[i]), line=10 + i,
        )
        for i in range(len(packets))
    ]  # fmt: skip
    tables = tables_from_rows(rows)
    assert tables["packets"]["remarks"].tolist() == packets["remarks"].tolist()
    assert tables["packets"]["line"].tolist() == list(range(10, 10 + len(packets)))
    for name in ("state", "completeness", "payload_bytes", "history", "initial_rtt_ns"):
        assert np.array_equal(tables["conversations"][name], read.conversations[name])
