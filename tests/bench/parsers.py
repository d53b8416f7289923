"""Measures the parsers of text on generated files: lines a second and peak memory, each kind in a process of its own.

    python -m tests.bench.parsers [--lines 1000000] [--jc] [KIND …]

Each kind meets lines of its own form, with times that go on. Seconds are those of the processor, so that other work on the machine
does not count. Prints a Markdown table; with --jc also how long jc takes for what both read (its JSON goes nowhere).
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def clock(number: int) -> str:
    """'08:15:02.114300', a tenth of a millisecond on for each line."""
    second, rest = divmod(number, 10_000)
    return f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{rest * 100:06d}"


def tcpdump_text(number: int) -> str:
    """Data and ACKs of 500 connections."""
    flow, turn = divmod(number, 4)
    flow %= 500
    client, server = f"10.0.{flow % 250}.{flow % 200 + 1}.{40_000 + flow}", "192.0.2.20.8443"
    at = 1 + 2896 * (number // 2000)
    if turn < 2:
        start = at + 1448 * turn
        said = f"{server} > {client}: Flags [.], seq {start}:{start + 1448}, ack 101, win 509, options [nop,nop,TS val 93 ecr 55], length 1448"
    else:
        said = (
            f"{client} > {server}: Flags [.], ack {at + 1448 * (turn - 1)}, win 501, options [nop,nop,TS val 56 ecr 93], length 0"
        )
    return f"{clock(number)} IP {said}"


def tcpdump_verbose(number: int) -> str:
    """Two lines a packet."""
    packet, half = divmod(number, 2)
    if half:
        numbers = f"cksum 0x1a2b (correct), seq {packet + 1}:{packet + 11}, ack 1, win 502, length 10"
        return f"    10.0.0.{packet % 250 + 1}.40000 > 192.0.2.20.8443: Flags [P.], {numbers}"
    return f"{clock(packet)} IP (tos 0x0, ttl 64, id {packet & 0xFFFF}, offset 0, flags [DF], proto TCP (6), length 50)"


def tshark_text(number: int) -> str:
    """tshark's default list."""
    info = f"40000 → 8443 [ACK] Seq={1 + 1448 * (number // 250)} Ack=1 Win=501 Len=1448"
    return f"{number + 1:7d} {number / 10_000:.6f} 10.0.0.{number % 250 + 1} → 192.0.2.20 TCP 1514 {info}"


def syslog(number: int) -> str:
    """RFC 3164."""
    said = f"request {number} from 192.0.2.{number % 250} took {number % 900} ms"
    return f"Mar  1 {clock(number)[:8]} gw{number % 3} app{number % 7}[{number % 4000}]: {said}"


def journal(number: int) -> str:
    """journalctl -o short-iso."""
    return f"2026-03-01T{clock(number)[:8]}+0900 gw1 app{number % 7}[{number % 4000}]: request {number} took {number % 900} ms"


def json_lines(number: int) -> str:
    """A structured log."""
    return json.dumps(
        {"ts": 1_772_320_502 + number / 1000, "level": "info", "logger": f"part{number % 5}", "msg": f"request {number} done"}
    )


def macos_log(number: int) -> str:
    """log show --style syslog."""
    return f"2026-03-01 {clock(number)}+0900  studio proxyd[812]: (libnet.dylib) [com.example.proxy:ports] connection {number} accepted"


def nginx_access(number: int) -> str:
    """The combined format."""
    answer = f'"GET /item/{number} HTTP/1.1" {200 if number % 50 else 503} {number % 9000} "-" "curl/8.5.0"'
    return f"192.0.2.{number % 250} - - [01/Mar/2026:{clock(number)[:8]} +0900] {answer}"


def timestamped_text(number: int) -> str:
    """Epoch seconds in front."""
    return f"{1_772_320_502 + number / 1000:.6f} read {number % 4096} bytes from 192.0.2.{number % 250}"


MADE: dict[str, tuple[str, Callable[[int], str], str | None]] = {
    "tcpdump_text (-nn)": ("tcpdump_text", tcpdump_text, None),
    "tcpdump_text (-v)": ("tcpdump_text", tcpdump_verbose, None),
    "tshark_text": ("tshark_text", tshark_text, None),
    "syslog": ("syslog", syslog, "syslog-bsd"),
    "journal": ("journal", journal, None),
    "json_lines": ("json_lines", json_lines, None),
    "macos_log": ("macos_log", macos_log, None),
    "nginx_access": ("nginx_access", nginx_access, "clf"),
    "timestamped_text": ("timestamped_text", timestamped_text, None),
}


def lines_of(make: Callable[[int], str], count: int) -> Iterator[str]:
    """The lines of a file, with line ends."""
    return (make(number) + "\n" for number in range(count))


def measure(kind: str, path: Path) -> None:
    """Parse a file and print seconds, peak MB and what was counted; run in a process of its own."""
    from runs.analysis import registry
    from runs.analysis.source import Source

    parser = registry.parsers()[kind]
    start = time.process_time()
    parsed = parser.parse(Source(path, path.name))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "counts": dict(parsed.counts), "problems": len(parsed.problems)}))  # noqa: T201


def jc_seconds(parser: str, path: Path) -> float | None:
    """How long jc takes for the file; None where it is not there or fails."""
    program = shutil.which("jc") or str(Path(sys.executable).with_name("jc"))
    start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with path.open("rb") as file:
        try:
            sink = subprocess.DEVNULL
            done = subprocess.run([program, f"--{parser}", "-q"], stdin=file, stdout=sink, stderr=sink, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start if done.returncode == 0 else None


def main() -> None:
    """Make each file, measure, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("kinds", nargs="*")
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--jc", action="store_true")
    options.add_argument("--measure", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measure(given.measure, Path(given.kinds[0]))
        return
    print(f"| kind | lines | seconds | lines/s | peak memory |{' jc, seconds |' if given.jc else ''}")  # noqa: T201
    print(f"| --- | --- | --- | --- | --- |{' --- |' if given.jc else ''}")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        for title, (kind, make, jc) in MADE.items():
            if given.kinds and kind not in given.kinds:
                continue
            path = Path(folder) / kind
            with path.open("w", encoding="utf-8") as file:
                file.writelines(lines_of(make, given.lines))
            run = subprocess.run(
                [sys.executable, "-m", __spec__.name, "--measure", kind, str(path)], capture_output=True, check=True
            )
            found = json.loads(run.stdout)
            row = f"| {title} | {given.lines:,} | {found['seconds']:.1f} | {given.lines / found['seconds']:,.0f} | {found['peak_mb']:.0f} MB |"
            if given.jc:
                taken = jc_seconds(jc, path) if jc else None
                row += f" {f'{taken:.1f}' if taken else '—'} |"
            print(row, flush=True)  # noqa: T201
            path.unlink()


if __name__ == "__main__":
    main()
