"""The web server's listening socket: held by the supervisor, so that a restart of the web server refuses nobody."""

import errno
import socket


class PortTaken(Exception):
    """Somebody else listens on the port."""


def open_door(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1 for children to inherit. Raises PortTaken; OSError otherwise (a port below 1024)."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(128)
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(str(port)) from error
        raise
    return door


def page_answers(port: int, path: str, seconds: float) -> bool:
    """Whether the page answers 200 within the time."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False
