"""`curl --trace-ascii` and `--trace` as the lines of `curl -v`: the same words, with headers and data in numbered rows.

== Info:   Trying 127.0.0.1:8443...
=> Send header, 91 bytes (0x5b)
0000: GET /ready HTTP/1.1
<= Recv header, 17 bytes (0x11)
0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.
Source: tool_cb_dbg.c of curl.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from runs.analysis.text import Line

BEGIN = re.compile(
    r"(?P<time>\d\d:\d\d:\d\d\.\d{1,6} )?(?:\[[\dx]+-[\dx]+\] )?"
    r"(?:== Info: ?(?P<info>.*)|(?P<way>=>|<=) (?P<verb>Send|Recv) (?P<what>header|data|SSL data), (?P<bytes>\d{1,10}) bytes? \(0x[0-9a-f]+\))$"
)
_ROW = re.compile(r"([0-9a-f]{4,8}): (.*)$|([0-9a-f]{4,8}):$")
_HEX = re.compile(r"((?:[0-9a-f]{2} ){1,16}) {0,48}")
MAX_HEAD_BYTES = 65_536


@dataclass
class _Block:
    """The rows of a block that was begun."""

    time: str
    mark: str  # '> ', '< '; '' for data
    data: bytearray = field(default_factory=bytearray)
    lines: list[Line] = field(default_factory=list)


def verbose_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines of a trace as those of a verbose log; other lines stay as they are."""
    block: _Block | None = None
    for line in lines:
        begin = (
            BEGIN.match(line.text[:4096])
            if "== Info:" in line.text[:60] or "bytes (0x" in line.text or "byte (0x" in line.text
            else None
        )
        if begin is not None:
            if block is not None:
                yield from _lines(block)
                block = None
            time = begin["time"] or ""
            if begin["info"] is not None:
                yield line._replace(text=f"{time}* {begin['info']}")
                continue
            mark = ("> " if begin["verb"] == "Send" else "< ") if begin["what"] == "header" else ""
            block = _Block(time, mark)
            if not mark:
                shown = "}" if begin["verb"] == "Send" else "{"
                ssl = " SSL data" if begin["what"] == "SSL data" else " data"
                if begin["what"] == "data":
                    yield line._replace(text=f"{time}{shown} [{begin['bytes']} bytes{ssl}]")
            continue
        row = _ROW.match(line.text[:4096]) if block is not None else None
        if block is not None and row is not None:
            _add(block, line, row[2] or "")
            continue
        if block is not None:
            yield from _lines(block)
            block = None
        yield line
    if block is not None:
        yield from _lines(block)


def _add(block: _Block, line: Line, text: str) -> None:
    if not block.mark or len(block.data) > MAX_HEAD_BYTES:
        return
    octets = _HEX.match(text)
    if octets is not None and (len(text) > len(octets[1]) or len(octets[1]) >= 3) and not text.startswith(("GET ", "HTTP")):
        block.data += bytes.fromhex(octets[1])
        block.lines += [line] * (len(octets[1]) // 3)
    else:
        said = (text + "\n").encode("utf-8", "replace")
        block.data += said
        block.lines += [line] * len(said)


def _lines(block: _Block) -> Iterator[Line]:
    """The head's lines with their marks, each with the line that its first byte stands on."""
    at = 0
    while block.mark and at < len(block.data):
        end = block.data.find(b"\n", at)
        stop = len(block.data) if end < 0 else end
        text = block.data[at:stop].decode("utf-8", "replace").rstrip("\r")
        yield block.lines[min(at, len(block.lines) - 1)]._replace(text=f"{block.time}{block.mark}{text}")
        at = stop + 1
