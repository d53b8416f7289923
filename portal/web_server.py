"""gunicorn's settings that no option has: a client that stops sending frees its thread, and the collector passes over what stays.

A thread worker reads a request without a limit of time, and a few uploads that send only their beginning would hold all its threads.
On Linux the time limit for receiving is a property of the listening socket that every accepted connection inherits.
"""

import gc
import socket
import struct
from typing import Any

READ_SECONDS = 10
"""How long a connection may be silent in the middle of a request."""


def limit_silence(listener: socket.socket, seconds: float = READ_SECONDS) -> None:
    """Reads of connections accepted from now on fail with BlockingIOError after so many seconds without a byte."""
    whole = int(seconds)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", whole, int((seconds - whole) * 1_000_000)))


def when_ready(server: Any) -> None:
    """gunicorn's hook: the listening sockets are bound, no worker has started."""
    for listener in server.LISTENERS:
        limit_silence(listener.sock)


def post_worker_init(worker: Any) -> None:
    """gunicorn's hook: the application is loaded, no request has come.

    What every page needs is imported here and stays to the end of the process. Left to the collector of cycles, each full round
    would go through all of it in the middle of somebody's request: with it frozen, the 95th percentile of a page of the packet
    list at a million frames fell from 0.2 s to less than 0.1 s.
    """
    from django.urls import get_resolver

    from runs.analysis import registry

    assert get_resolver().url_patterns  # imports the pages
    registry.discover()
    gc.collect()
    gc.freeze()
