"""A client that falls silent in the middle of a request is let go; what a web process always needs is no garbage."""

import gc
import socket
import sys
import time

import pytest

from portal.web_server import limit_silence, post_worker_init


def test_a_silent_connection_times_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_silence(listener, 0.2)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                accepted.setblocking(True)
                start = time.monotonic()
                with pytest.raises(BlockingIOError):
                    accepted.recv(1)
                assert time.monotonic() - start < 10


def test_what_every_page_needs_is_loaded_and_frozen():
    try:
        post_worker_init(None)
        assert "runs.views.frames" in sys.modules
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
