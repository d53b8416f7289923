"""Measures the timeline page: `python -m tests.bench.timeline [EVENTS]` (1,000,000) makes a run of logs and a capture and asks for pages.

Prints a Markdown table: median and 95th percentile of whole pages, from the request to the last byte, in this process.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.bench.frames import write_capture
from tests.bench.peers import say
from tests.bench.portal import HEADING, measured, portal, uploaded

ASKED = 60
START = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # when the capture of `write_capture` begins
WORDS = (
    "session {n} opened for user u{u}",
    "cache miss key={u} took {u} us",
    "upstream answered in {u} ms",
    "retrying after timeout, try {u}",
)


def write_log(path: Path, lines: int, per_second: int, program: str) -> None:
    """A log with RFC 3339 times; each 500th line is an error."""
    with path.open("w") as file:
        for n in range(lines):
            at = START + timedelta(microseconds=n * 1_000_000 // per_second)
            level = "ERROR" if n % 500 == 499 else "INFO"
            file.write(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {program}[7] {level} {WORDS[n % 4].format(n=n, u=n % 977)}\n")


def main(events: int) -> None:
    """Measure."""
    with portal() as folder:
        bundle = folder / "bundle"
        bundle.mkdir()
        frames = events // 4
        write_capture(bundle / "traffic.pcap", frames)
        write_log(bundle / "app.log", (events - frames) // 2, 2_000, "app")
        write_log(bundle / "proxy.log", events - frames - (events - frames) // 2, 2_000, "proxy")
        client, run = uploaded(bundle)

        def get(query: str) -> None:
            response = client.get(f"/runs/{run.key}/timeline/{query}")
            assert response.status_code == 200, response.status_code

        begin = int(START.timestamp())
        span = max((events - frames) // 2 // 2_000, 1)
        rng = np.random.default_rng(3)
        starts = [(begin + float(rng.uniform(0, span))) for _ in range(ASKED)]
        say(f"{events:,} events ({frames:,} frames, two logs) over {span} s; milliseconds a page\n")
        say(HEADING)
        measured("the first", ["?"] * ASKED, get)
        measured("at any offset", [f"?at={int(s * 1e9)}.0.0&fold=0" for s in starts], get)
        for width in (0.001, 1.0, span / 4):
            measured(f"zoomed to {width:g} s", [f"?range={s:.6f}..{s + width:.6f}" for s in starts], get)
        measured("zoomed, errors only", [f"?range={s:.6f}..{s + span / 4:.6f}&level=error" for s in starts], get)
        measured(
            "one source, zero in the middle",
            [f"?lane=app.log&at={int(s * 1e9)}.0.0&zero=app.log:{events // 8}" for s in starts],
            get,
        )
        measured("search for a word", ["?q=session+1234"] * 10, get)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
