"""Traffic over time: every frame in its step and in no other, whatever the order of the frames and the range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.columns import Table
from runs.analysis.packets import schema
from runs.services.capture_io import (
    FAMILIES,
    MOST_STEPS,
    SECOND_NS,
    Extent,
    Range,
    Series,
    frames_within,
    io_series,
    step_for,
    whole,
)

ZERO = 1_795_164_619_000_000_123


def packets(offsets: list[int], seed: int = 0) -> Table:
    """Frames at these ns from ZERO, with lengths, remarks and flags of all kinds."""
    random = np.random.default_rng(seed)
    n = len(offsets)
    bits = np.where(random.random(n) < 0.4, 1 << random.integers(0, len(schema.REMARKS), n), 0)
    return Table(
        {
            "ts_ns": np.array(offsets, np.int64) + ZERO,
            "original_length": random.integers(60, 1514, n).astype(np.uint32),
            "remarks": bits.astype(np.uint32),
            "tcp_flags": np.where(random.random(n) < 0.2, schema.RST, schema.ACK).astype(np.uint8),
        }
    )


def extent(table: Table) -> Extent:
    ts_ns = table["ts_ns"]
    first, last = int(ts_ns.min()), int(ts_ns.max())
    return Extent(first, last - first, bool((ts_ns[1:] >= ts_ns[:-1]).all()))


def by_hand(table: Table, about: Extent, series: Series) -> dict[str, tuple[list[int], list[int]]]:
    """Frames and bytes per step, one frame after the other."""
    made = {name: ([0] * len(series.frames), [0] * len(series.frames)) for name in ("", *FAMILIES)}
    for at, length, remarks, flags in zip(
        *(table[n].tolist() for n in ("ts_ns", "original_length", "remarks", "tcp_flags")), strict=True
    ):
        step = (at - about.zero_ns - series.start_ns) // series.step_ns
        if 0 <= step < len(series.frames):
            names = [n for n, mask in FAMILIES.items() if (remarks & mask if mask else flags & schema.RST)]
            for name in ("", *names):
                made[name][0][step] += 1
                made[name][1][step] += length
    return made


@settings(max_examples=60, deadline=None)
@given(
    offsets=st.lists(st.integers(0, 20 * SECOND_NS), min_size=1, max_size=120),
    ends=st.tuples(st.integers(0, 20 * SECOND_NS), st.integers(0, 20 * SECOND_NS)),
    steps=st.integers(-5, 3000),
    in_order=st.booleans(),
)
def test_each_frame_is_counted_in_its_step(offsets: list[int], ends: tuple[int, int], steps: int, in_order: bool) -> None:
    table = packets(sorted(offsets) if in_order else offsets)
    about = extent(table)
    wanted = Range(min(ends), max(ends)) if ends[0] != ends[1] else whole(about)
    series = io_series(table, about, wanted, steps)
    assert 1 <= len(series.frames) <= MOST_STEPS
    assert series.start_ns <= wanted.low
    assert series.start_ns + len(series.frames) * series.step_ns > wanted.high
    expected = by_hand(table, about, series)
    assert (series.frames.tolist(), series.bytes.tolist()) == expected[""]
    assert {one.name: (one.frames.tolist(), one.bytes.tolist()) for one in series.families} == {
        name: counts for name, counts in expected.items() if name and any(counts[0])
    }


def test_all_of_a_capture_counts_all_its_frames() -> None:
    table = packets(sorted(np.random.default_rng(3).integers(0, 300 * SECOND_NS, 5000).tolist()))
    series = io_series(table, extent(table), whole(extent(table)), 200)
    assert series.frames.sum() == 5000
    assert series.bytes.sum() == table["original_length"].sum()


def test_a_moments_capture_has_a_step() -> None:
    table = packets([0])
    assert io_series(table, extent(table), whole(extent(table)), 100).frames.sum() == 1


@pytest.mark.parametrize(
    ("span_ns", "most", "step_ns"),
    [
        (17_779_377_000, 240, 100_000_000),
        (1_000, 800, 2),
        (1, 2, 1),
        (3600 * SECOND_NS, 61, 60 * SECOND_NS),
        (10**17, 100, 12 * 86_400 * SECOND_NS),
    ],
)
def test_steps_are_round(span_ns: int, most: int, step_ns: int) -> None:
    assert step_for(span_ns, most) == step_ns


def test_the_frames_of_a_range() -> None:
    table = packets([0, 10, 20, 30])
    about = extent(table)
    assert frames_within(table, about, Range(10, 20)) == (2, 3)
    assert frames_within(table, about, Range(11, 19)) is None
    assert frames_within(table, about._replace(in_order=False), Range(0, 30)) is None
