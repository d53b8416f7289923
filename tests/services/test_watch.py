"""Work that takes too long ends, whatever it catches; meanwhile others hear that it is alive."""

import signal
import threading
import time

import pytest

from runs.services.watch import OutOfTime, watched


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001  # what a parser with a broad handler does
            raise AssertionError from None


def test_work_ends_at_its_limit():
    begun = time.monotonic()
    with pytest.raises(OutOfTime), watched(0.1, 10, lambda: None):
        spin(60)
    assert time.monotonic() - begun < 30


def test_work_beats_while_it_lasts():
    beats: list[float] = []
    with watched(5, 0.02, lambda: beats.append(time.monotonic())):
        spin(0.5)
    assert len(beats) >= 3


def test_nothing_comes_after_the_end():
    beats: list[int] = []
    with watched(0.05, 0.05, lambda: beats.append(1)):
        pass
    spin(0.12)
    assert beats == []
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_thread_works_unwatched():
    done: list[int] = []

    def work() -> None:
        with watched(0.01, 0.01, lambda: None):
            spin(0.05)
        done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]
