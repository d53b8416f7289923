"""Measures the packet list as pages: `python -m tests.bench.packet_pages [FRAMES]` (5,000,000) uploads a capture and asks for pages.

Prints a Markdown table: median and 95th percentile of whole pages of 100 frames at random places, from the request to the last byte,
in this process. `tests.bench.frames` measures the store beneath them.
"""

import sys
from urllib.parse import urlencode

import numpy as np

from tests.bench.frames import write_capture
from tests.bench.peers import say
from tests.bench.portal import HEADING, measured, portal, uploaded

ASKED = 100
FILTERS = (
    "",
    "tcp port 443",
    "host 10.0.7.9",
    "tcp[tcpflags] & tcp-syn != 0",
    "remark any",
    "inner (tcp port 443)",
    "ip[2:2] > 600",
)


def main(frames: int) -> None:
    """Measure."""
    with portal() as folder:
        bundle = folder / "bundle"
        bundle.mkdir()
        write_capture(bundle / "traffic.pcap", frames)
        client, run = uploaded(bundle)
        address = f"/runs/{run.key}/files/{run.files.get().pk}/frames/"

        def get(query: str) -> None:
            response = client.get(address + query)
            assert response.status_code == 200, response.status_code

        rng = np.random.default_rng(5)
        places = rng.integers(1, frames, ASKED).tolist()
        say(f"{frames:,} frames; milliseconds a page\n")
        say(HEADING)
        for words in FILTERS:
            queries = [f"?{urlencode({'filter': words, 'from': place})}" for place in places]
            measured(f"`{words.replace('|', chr(92) + '|')}`" if words else "no filter", queries, get)
        measured("one frame", [f"{place}/" for place in places], get)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
