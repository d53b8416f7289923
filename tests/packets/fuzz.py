"""Feed damaged captures to everything that reads them, for as long as asked: `python -m tests.packets.fuzz --seconds 600 --seed 1`.

Each case mutates one of the captures of the tests (bytes flipped, lengths set to extremes, pieces cut, repeated or spliced with
another capture) and goes through recognition, parsing, conversations, dissection and the lines of the frame list. A case fails when
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

from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.conversations import conversation_facts
from runs.analysis.packets.frame import dissect, frame_bytes
from runs.analysis.pipeline import parse
from runs.analysis.source import Source

HERE = Path(__file__).parent
SEEDS = [HERE / "data", HERE.parent / "bundles"]
CRASHERS = HERE / "crashers"
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
    """The captures to mutate, small ones whole and large ones by their first part."""
    files = sorted(f for folder in SEEDS for pattern in ("*.pcap", "*.pcapng", "*.pcap.gz") for f in folder.rglob(pattern))
    return [f.read_bytes()[: 1 << 18] for f in files if f.stat().st_size]


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
    for number in {1, len(packets), (len(packets) + 1) // 2}:
        for linktype in (0, 1, 101, 113, 276):
            dissect(frame_bytes(path, packets, number), linktype)


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
