"""Feed damaged captures to everything that reads them, for as long as asked: `python -m tests.packets.fuzz --seconds 600 --seed 1`.

Each case mutates one of the captures of the tests (bytes flipped, lengths set to extremes, pieces cut, repeated or spliced with
another capture) and goes through recognition, parsing, conversations, dissection, the lines of the frame list and filters. A case fails when
anything raises, when it takes longer than its limit, or when memory grows beyond the budget. Failing inputs are written to
`tests/packets/crashers/`, which `test_crashers.py` reads for good.
"""

import argparse
import hashlib
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.syntax import parse as parse_filter
from runs.analysis.facts.capture import Capture
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.conversations import conversation_facts
from runs.analysis.packets.frame import dissect, frame_bytes
from runs.analysis.packets.info import info_lines
from runs.analysis.packets.layer_words import layer_words
from runs.analysis.packets.segment import segment_context
from runs.analysis.packets.upper.pages import told_frames, told_options
from runs.analysis.pipeline import parse
from runs.analysis.source import Source
from tests.packets.test_capture import pcap
from tests.packets.test_links import LINKS, TUNNELS

HERE = Path(__file__).parent
SEEDS = [HERE / "data", HERE.parent / "bundles"]
CRASHERS = HERE / "crashers"
WORDS = (
    "inner (tcp port 80 or ip[8] < 9 or udp[0:2] = 1111)",
    "tcp[tcpflags] & tcp-syn != 0 or vlan or icmp6[0] = 1",
    "remark any",
)
CASE_SECONDS = 20
MEMORY_BYTES = 1 << 30
INTERESTING = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"\x01\0\0\0",
    b"\xff\xff",
    b"\0\0",
)


class TooSlow(Exception):
    """A case took longer than CASE_SECONDS."""


def corpus() -> list[bytes]:
    """The captures to mutate, small ones whole and large ones by their first part; and one of each link type, with tunnels."""
    files = sorted(f for folder in SEEDS for pattern in ("*.pcap", "*.pcapng", "*.pcap.gz") for f in folder.rglob(pattern))
    made = [pcap([(1_700_000_000, 0, frame)], linktype=linktype) for linktype, frame in LINKS.values()]
    made.append(pcap([(1_700_000_000, n, packet) for n, (packet, _, _) in enumerate(TUNNELS.values())], linktype=101))
    return [f.read_bytes()[: 1 << 18] for f in files if f.stat().st_size] + made


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """One to eight mutations of a capture; the header is hit as often as the rest together."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if not made:
            break
        at = chance.randrange(min(len(made), 128)) if chance.random() < 0.5 else chance.randrange(len(made))
        kind = chance.randrange(6)
        if kind == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            value = chance.choice(INTERESTING)
            made[at : at + len(value)] = value
        elif kind == 2:
            del made[at : at + chance.randint(1, 64)]
        elif kind == 3:
            piece = made[at : at + chance.randint(1, 256)]
            made[at:at] = piece * chance.randint(1, 4)
        elif kind == 4:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            made[at : at + chance.randint(0, 128)] = other[start : start + chance.randint(1, 512)]
        else:
            del made[at:]
    return bytes(made)


def run_case(data: bytes, path: Path) -> None:
    """Everything that reads a capture reads this one."""
    path.write_bytes(data)
    result, tables = parse(Source(path, "fuzz.pcap"))
    if result.state == "failed":
        raise AssertionError(result.problems[0].message.params)
    packets, conversations, addresses = (tables.get(n) for n in ("packets", "conversations", "addresses"))
    if packets is None or conversations is None or addresses is None or not len(packets):
        return
    if result.counts["frames"] != len(packets):
        raise AssertionError("frames are counted otherwise than listed")
    conversation_facts(conversations, addresses, "fuzz.pcap")
    address_texts(addresses, range(len(addresses)))
    numbers = {1, len(packets), (len(packets) + 1) // 2}
    for number in numbers:
        for linktype in (0, 1, 101, 105, 113, 127, 276):
            for layer in dissect(frame_bytes(path, packets, number), linktype):
                layer_words(layer)
        segment_context(packets, conversations, number - 1)
    info_lines(packets, conversations, addresses, [number - 1 for number in numbers])
    page = range(min(100, len(packets)))
    told_frames(path, packets, page)
    told_options(path, packets, conversations, page)
    said = [fact for fact in result.located("") if isinstance(fact, Capture)]
    linktypes = [interface.linktype for one in said for interface in one.interfaces]
    for words in WORDS:
        node = parse_filter(words)
        if node is not None:
            select(node, Frames(packets, addresses, linktypes, path))


def cases(seed: int) -> Iterator[tuple[int, bytes]]:
    """Mutated captures without end; a seed gives the same ones again."""
    chance, seeds = random.Random(seed), corpus()
    number = 0
    while True:
        yield number, mutated(chance.choice(seeds), seeds, chance)
        number += 1


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow(f"longer than {CASE_SECONDS} s")


def main() -> int:
    """Exit status 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_slow)
    end, count, failed = time.monotonic() + options.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number, data in cases(options.seed):
            if time.monotonic() > end:
                break
            signal.alarm(CASE_SECONDS)
            try:
                run_case(data, Path(folder) / "fuzz.pcap")
            except Exception:  # noqa: BLE001  # whatever it is, it is what we look for
                failed += 1
                CRASHERS.mkdir(exist_ok=True)
                (CRASHERS / f"{hashlib.sha256(data).hexdigest()[:12]}.bin").write_bytes(data)
                traceback.print_exc()
                sys.stderr.write(f"case {number} of seed {options.seed}\n")
            finally:
                signal.alarm(0)
            count += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(
        f"seed {options.seed}: {count:,} cases in {options.seconds:.0f} s, {failed} failed, peak memory {peak >> 20} MiB\n"
    )
    return 1 if failed or peak > MEMORY_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
