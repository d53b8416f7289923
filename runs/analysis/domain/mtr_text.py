"""mtr's tables for the eye: the report, the screen copied from a terminal, and WinMTR's text.

HOST: edge                        Loss%   Snt   Last   Avg  Best  Wrst StDev
  1. AS64500  gw.example (192.0.2.254)   0.0%    10    0.4   0.5   0.3   1.1   0.2
    |  `|-- 192.0.2.253
|                             192.0.2.254 -    0 |   10 |   10 |    0 |    1 |    3 |    1 |
"""

import re
from typing import NamedTuple

from runs.analysis.domain.mtr_values import COLUMNS, mtr_hop
from runs.analysis.facts.path_report import PathHop
from runs.analysis.text import Line

DEFAULT = ("Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev")
HEAD = re.compile(r"(?:HOST: (?P<host>\S{1,255})|\s{0,4}Host)\s+(?P<columns>(?:(?:Loss%|[A-Z][A-Za-z]{2,4})\s*){2,20})$")
WHERE = re.compile(r"(?P<from>[\w.-]{1,255}) \([^)\s]{1,64}\) ?-> ?(?P<to>\S{1,255}) \((?P<address>[^)\s]{1,64})\)")
WIN_HEAD = re.compile(r"\|\s+WinMTR statistics\s+\|")
WIN_HOP = re.compile(
    r"\|\s*(?P<where>\S.{0,120}?)\s+-\s+(?P<loss>\d{1,3}) \|\s*(?P<sent>\d{1,9}) \|\s*(?P<received>\d{1,9}) \|\s*(?P<best>\d{1,7})"
    r" \|\s*(?P<average>\d{1,7}) \|\s*(?P<worst>\d{1,7}) \|\s*\d{1,7} \|\s*$"
)
_NUMBER = re.compile(r"\s{0,4}(?P<number>\d{1,3})\.\s?(?:\|--)?\s*(?:\[?AS[\d?]+\]?(?:/AS\d+)*\s+)?(?P<rest>\S.*)$")
_VALUE = re.compile(r"(?<=\s)\d{1,9}(?:\.\d*)?%?(?=\s|$)")
_OTHER = re.compile(
    r"\s{3,8}\|\s+`?\|-- (?P<where>\S{1,255})|\s{4,40}(?:\S{1,255} \((?P<both>[^)\s]{1,64})\)|(?P<bare>\S{1,255}))\s*$"
)
HOP_SURE = re.compile(r"\s{0,4}\d{1,3}\.\|-- \S.*\s\d{1,3}\.\d%?\s+\d+\s")


class Columns(NamedTuple):
    """The values that a table has for each hop, in order."""

    names: tuple[str, ...]
    host: str | None


def read_head(text: str) -> Columns | None:
    """The columns of a table's first line."""
    match = HEAD.match(text)
    if match is None:
        return None
    names = tuple(match["columns"].split())
    return Columns(names, match["host"]) if set(names) <= COLUMNS and {"Loss%", "Snt", "Rcv"} & set(names) else None


def read_hop(line: Line, names: tuple[str, ...]) -> PathHop | None:
    """A hop: a number, a place, and as many values as there are columns; none for a hop that still waits."""
    text = line.text[:1000]
    if (row := WIN_HOP.match(text)) is not None:
        values = {"Loss%": row["loss"], "Snt": row["sent"], "Best": row["best"], "Avg": row["average"], "Wrst": row["worst"]}
        return mtr_hop(line.number, 0, row["where"], values)
    match = _NUMBER.match(text)
    if match is None:
        return None
    rest = match["rest"].rstrip()
    if rest in ("(waiting for reply)", "???"):
        return mtr_hop(line.number, int(match["number"]), "???", {"Loss%": "100"})
    found = list(_VALUE.finditer(rest))[-len(names) :]
    if len(found) < len(names) or rest[found[0].start() :].split() != [value[0] for value in found]:
        return None
    values = dict(zip(names, (value[0] for value in found), strict=True))
    return mtr_hop(line.number, int(match["number"]), rest[: found[0].start()], values)


def other_place(text: str) -> str | None:
    """A further place that answers at the hop above."""
    match = _OTHER.match(text[:1000])
    return (match["where"] or match["both"] or match["bare"]) if match is not None else None
