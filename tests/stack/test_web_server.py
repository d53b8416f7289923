"""A client that falls silent in the middle of a request is let go."""

import socket
import time

import pytest

from portal.web_server import limit_silence


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
