"""Asks tcpdump which frames of the captures each filter selects, and keeps its answers: `python -m tests.filters.make_fixtures`.

For developers: it needs tcpdump (Debian's). An answer is a list of frame ranges, '' for none, or null where libpcap refuses the filter.
"""

import json
import struct
import subprocess
import tempfile
from pathlib import Path

from tests.filters.captures import write_all

HERE = Path(__file__).parent
ANSWERS = HERE / "answers.json"
BUNDLES = HERE.parent / "bundles"
REJECTS_ALL = "rejects all packets"


def capture_paths() -> list[Path]:
    """The captures that filters are tried on."""
    return [*sorted((HERE / "data").iterdir()), *sorted(BUNDLES.glob("*/*.pcap"))]


def filter_lines() -> list[str]:
    """The filters."""
    return (HERE / "filters.txt").read_text("utf-8").splitlines()


def numbered(data: bytes) -> bytes:
    """A pcap whose frames have their number as time stamp, so that a selection tells which they were."""
    order = "<" if data[:1] in (b"\xd4", b"\x4d") else ">"
    made, at, number = [data[:24]], 24, 1
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        made.append(struct.pack(order + "II", number, 0) + data[at + 8 : at + 16 + length])
        at, number = at + 16 + length, number + 1
    return b"".join(made)


def ask(path: str, text: str) -> str | None:
    """The frames that tcpdump selects; None where it refuses the filter."""
    done = subprocess.run(["tcpdump", "-r", path, "-w", "-", "--", text], capture_output=True, check=False)
    if done.returncode:
        return "" if REJECTS_ALL in done.stderr.decode() else None
    data, at, found = done.stdout, 24, []
    while at + 16 <= len(data):
        seconds, fraction, length = struct.unpack_from("<III" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">III", data, at)
        found.append(seconds or fraction)
        at += 16 + length
    return ranges(found)


def ranges(numbers: list[int]) -> str:
    """'1-3,7' of rising numbers."""
    made: list[list[int]] = []
    for number in numbers:
        if made and made[-1][1] == number - 1:
            made[-1][1] = number
        else:
            made.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in made)


def main() -> None:
    """Write the captures and the answers."""
    write_all()
    answers: dict[str, dict[str, str | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in capture_paths():
            data = path.read_bytes()
            copy = Path(folder) / path.name
            copy.write_bytes(data if path.suffix == ".pcapng" else numbered(data))
            name = str(path.relative_to(HERE.parent))
            answers[name] = {text: ask(str(copy), text) for text in filter_lines()}
    ANSWERS.write_text(json.dumps(answers, indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
