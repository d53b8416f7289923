"""A mail server on loopback that keeps what it is given, as far as SMTP needs it; it refuses whom it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Letterbox:
    """`letters`: what came, with all headers. `refuse`: addresses that get 550."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """Open while the block runs."""
    box = Letterbox()

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 letterbox")
            while line := self.rfile.readline():
                verb, words = line[:4].upper(), line.decode().strip()
                if verb == b"QUIT":
                    return self.say("221 bye")
                if verb == b"RCPT" and any(address in words for address in box.refuse):
                    self.say("550 no such person here")
                elif verb == b"DATA":
                    self.say("354 go on")
                    self.take()
                    self.say("250 kept")
                else:
                    self.say("250 yes")
            return None

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            letter = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(letter, EmailMessage)
            box.letters.append(letter)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield box
        server.shutdown()
