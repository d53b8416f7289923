"""Watches over a long piece of work: ends it at its time limit, and tells others meanwhile that it is alive."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The time limit is over. No `Exception`, so that no handler between the limit and its owner takes it for a bug."""


@contextmanager
def watched(limit_seconds: float, beat_seconds: float, beat: Callable[[], None]) -> Iterator[None]:
    """Raise OutOfTime in the block once the limit is over, and call `beat` every few seconds until then.

    A timer's signal does both: a thread would need a database connection of its own, and would not run either while compiled
    code holds the interpreter. Outside of the main thread, where signals do not arrive, the block runs unwatched.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    end = time.monotonic() + limit_seconds

    def on_alarm(number: int, frame: FrameType | None) -> None:
        if time.monotonic() >= end:
            raise OutOfTime
        beat()

    before = signal.signal(signal.SIGALRM, on_alarm)
    interval = min(beat_seconds, limit_seconds)
    signal.setitimer(signal.ITIMER_REAL, interval, interval)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
