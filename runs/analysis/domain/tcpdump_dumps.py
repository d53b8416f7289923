"""A tcpdump text whose packets were all dumped in hex: its frames read from their bytes, where these are the packets of the lines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Table
from runs.analysis.facts.base import Fact
from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.messages import message
from runs.analysis.packets.dumps import Dumps, bytes_table
from runs.analysis.packets.schema import SCTP, TCP, UDP, column
from runs.analysis.packets.upper.facts import upper_facts
from runs.analysis.registry import Problem

OTHERS = message(
    "tcpdump_text.other_bytes",
    en="the hex dump holds another packet than this line (or too little of it); the lines are read, not the dumps",
    ja="16 進ダンプの内容がこの行のパケットと異なる（または不足）。ダンプではなく行の表示を読む",
)


class Dumped(NamedTuple):
    """What the bytes of a text say."""

    tables: dict[str, Table]  # with `bytes`, which `offset` of `packets` points into
    facts: list[Fact]
    interface: CaptureInterface
    truncated_count: int


def read_dumps(dumps: Dumps, tables: Mapping[str, Table]) -> Dumped | Problem | None:
    """The frames of the dumps; a Problem where they are not the packets of the lines; None where not all were dumped."""
    found = dumps.read()
    if found is None:
        return None
    read, file = found
    shown, lines = tables["packets"], tables["packets"]["line"]
    if len(read.packets) != len(shown):
        return Problem(OTHERS(), line=int(lines[0]))
    compared = np.isin(shown["protocol"], (TCP, UDP, SCTP)) & (shown["source_port"] > 0)
    differs = np.zeros(len(shown), bool)
    for name in ("protocol", "source_port", "destination_port"):
        differs |= compared & (column(read.packets, name) != column(shown, name))
    if differs.any():
        return Problem(OTHERS(), line=int(lines[np.flatnonzero(differs)[0]]))
    packets = Table({**read.packets.columns, "line": lines.copy()}, read.packets.meta)
    facts = list(upper_facts(file, replace(read, packets=packets)))
    made = {**read.tables, "packets": packets, "bytes": bytes_table(file)}
    return Dumped(made, facts, read.capture.interfaces[0], read.capture.truncated_count)
