"""mtr's documents: `--csv`, `--xml`, `--json`.

    Mtr_Version,Start_Time,Status,Host,Hop,Ip,Asn,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,
    MTR.0.95,1772323201,OK,198.51.100.9,1,192.0.2.254,AS64500,0.00,10,0,0.41,0.52,0.31,1.12,0.20
    <MTR SRC="edge" DST="198.51.100.9" …>  <HUB COUNT="1" HOST="192.0.2.254">  <Loss%>  0.0%</Loss%>
    {"report": {"mtr": {"src": "edge", "dst": "198.51.100.9" …}, "hubs": [{"count": 1, "host": "192.0.2.254", "Loss%": 0.0 …}]}}

The XML is read by lines: 'Loss%' is no name that a reader of XML takes, and old versions quote no attribute.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from runs.analysis.domain.mtr_values import mtr_hop
from runs.analysis.facts.path_report import PathHop
from runs.analysis.text import Line

CSV_HEAD = re.compile(r"Mtr_Version,Start_Time,Status,Host,Hop,Ip,")
CSV = re.compile(r"MTR\.[^,]{1,40},\d{1,12},\w{1,20},[^,]{1,255},\d{1,3},[^,]{1,255},(?:AS[^,]*,)?\d")
XML = re.compile(r"""\s*<MTR SRC="?(?P<source>[^"\s>]{1,255})"? DST="?(?P<target>[^"\s>]{1,255})"?[ >]""")
JSON = re.compile(r'\{\s*"report"\s*:\s*\{\s*"mtr"\s*:\s*\{')
_HUB = re.compile(r"""\s*<HUB COUNT="?(?P<number>\d{1,3})"?(?: HOST="?(?P<where>[^"\s>]{1,255}(?: \([^")]{1,64}\))?)"?)?>""")
_FIELD = re.compile(r"<(?P<name>[A-Za-z]{2,8}%?)>\s*(?P<value>[^<]{0,255}?)\s*</(?P=name)>")
_BEHIND = ("Loss%", "Snt", " ", "Last", "Avg", "Best", "Wrst", "StDev")
_COUNT = re.compile(r'"count"\s*:')
MOST_RUNS, MOST_HUBS = 1_000, 256
MOST_CHARACTERS = 4_000_000


class Document(NamedTuple):
    """A run: from where, to where, its first line and its hops."""

    host: str | None
    target: str | None
    line: int
    hops: list[PathHop]


def read_csv(lines: Sequence[Line]) -> Iterator[Document]:
    """A run for each target, and for each time its hops begin anew."""
    names: list[str] = []
    run: Document | None = None
    for line in lines:
        if CSV_HEAD.match(line.text):
            names = line.text.strip().rstrip(",").split(",")
        elif CSV.match(line.text):
            cells = line.text.strip().split(",")
            columns = names or [
                "Mtr_Version",
                "Start_Time",
                "Status",
                "Host",
                "Hop",
                "Ip",
                *(["Asn"] if cells[6][:2] == "AS" else []),
                *_BEHIND,
            ]
            row = dict(zip(columns, cells, strict=False))
            if not row.get("Hop", "").isdigit():
                continue
            hop = mtr_hop(line.number, int(row["Hop"]), row.get("Ip", ""), row)
            if run is None or run.target != row["Host"] or (run.hops and hop.number < run.hops[-1].number):
                if run is not None:
                    yield run
                run = Document(None, row["Host"], line.number, [])
            if not run.hops or hop.number > run.hops[-1].number:
                run.hops.append(hop)
            elif len(run.hops[-1].others) < MOST_HUBS and (
                place := hop.address or hop.name
            ):  # a hop of several places has a row for each
                run.hops[-1] = replace(run.hops[-1], others=(*run.hops[-1].others, place))
    if run is not None:
        yield run


def read_xml(lines: Sequence[Line]) -> Iterator[Document]:
    """A run for each MTR element."""
    run: Document | None = None
    hub: tuple[int, int, str] | None = None
    values: dict[str, str] = {}
    for line in lines:
        text = line.text[:4000]
        if (head := XML.match(text)) is not None:
            run, hub = Document(head["source"], head["target"], line.number, []), None
        if run is None:
            continue
        if (opened := _HUB.match(text)) is not None:
            hub, values = (line.number, int(opened["number"]), opened["where"] or ""), {}
        values |= {field["name"]: field["value"] for field in _FIELD.finditer(text)}
        if "</HUB>" in text and hub is not None:
            run.hops.append(mtr_hop(hub[0], hub[1], hub[2] or values.get("Host", ""), values))
            hub = None
        if "</MTR>" in text:
            yield run
            run = None
    if run is not None and run.hops:  # cut
        yield run


def read_json(lines: Sequence[Line]) -> Iterator[Document]:
    """A run for each object that begins with a report. A hop's line is that of its count."""
    text = "\n".join(line.text for line in lines)[:MOST_CHARACTERS]
    decoder = json.JSONDecoder()
    place = index = 0  # of the text, and of the line there
    for _ in range(MOST_RUNS):
        start = JSON.search(text, place)
        if start is None:
            return
        index += text.count("\n", place, start.start())
        place = start.end()
        try:
            told, end = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            index += text.count("\n", start.start(), place)
            continue
        at, line, before = [], index, start.start()
        for found in _COUNT.finditer(text, start.start(), end):
            line += text.count("\n", before, found.start())
            before = found.start()
            at.append(lines[line].number)
        yield _document(told["report"], lines[index].number, at)
        index += text.count("\n", start.start(), end)
        place = end


def _document(report: dict[str, Any], line: int, at: list[int]) -> Document:
    head = report["mtr"]
    hubs = report.get("hubs")
    hops = []
    for index, hub in enumerate(hubs[:MOST_HUBS] if isinstance(hubs, list) else []):
        if isinstance(hub, dict) and re.fullmatch(r"\d{1,3}", str(hub.get("count", ""))):
            values = {key: str(value) for key, value in hub.items()}
            hops.append(mtr_hop(at[index] if index < len(at) else line, int(hub["count"]), str(hub.get("host", "")), values))
    return Document(_text(head.get("src")), _text(head.get("dst")), line, hops)


def _text(value: Any) -> str | None:
    return value[:255] if isinstance(value, str) and value else None
