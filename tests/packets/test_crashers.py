"""Captures that broke a reader once, or were made to: each goes through everything that reads captures, and nothing raises."""

import random
from pathlib import Path

import pytest

from tests.packets.fuzz import CRASHERS, HERE, corpus, mutated, run_case

HOSTILE = sorted([*(HERE / "data").glob("hostile-*"), *CRASHERS.glob("*.bin")])


def test_there_are_hostile_captures():
    assert len(HOSTILE) >= 7


@pytest.mark.parametrize("path", HOSTILE, ids=lambda p: p.name)
def test_it_reads_what_was_made_to_break_it(path: Path, tmp_path: Path):
    run_case(path.read_bytes(), tmp_path / "case.pcap")


@pytest.mark.parametrize("seed", range(40))
def test_it_reads_damaged_captures(seed: int, tmp_path: Path):
    chance, seeds = random.Random(seed), corpus()
    for _ in range(5):
        run_case(mutated(chance.choice(seeds), seeds, chance), tmp_path / "case.pcap")


def test_mutations_are_the_same_for_a_seed():
    seeds = corpus()
    first, second = (mutated(seeds[0], seeds, random.Random(5)) for _ in range(2))
    assert first == second != seeds[0]
