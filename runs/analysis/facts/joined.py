"""What joins files: which text is which capture's, what collected a file, which forwarder stands before which service."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint, Fact
from runs.analysis.messages import Message, message


class Collection(Fact, frozen=True, kw_only=True):
    """How and when a file was collected, by the README's table or a prompt in the file. One a file."""

    evidence_name: ClassVar[Message] = message("evidence.collection", en="how the files were collected", ja="取得方法の記録")

    command: str | None = None
    command_at: Citation | None = None
    refers_to: str | None = None  # path of the capture whose tcpdump wrote this output ('上記 tcpdump の標準出力')
    start_ns: int | None = None  # UTC, as stated
    end_ns: int | None = None
    earlier_ns: int = 0  # by how much the true start may lie before the stated one: '23:26頃'
    later_ns: int = SECOND_NS  # … and behind it: the last digit written
    time_text: str | None = None
    noted: str | None = None
    noted_at: Citation | None = None
    listed: bool = False  # the README's table has a row for it


class CaptureRun(Fact, frozen=True, kw_only=True):
    """A capture file with what tcpdump said when it wrote it."""

    evidence_name: ClassVar[Message] = message(
        "evidence.capture_run", en="a capture with tcpdump's statistics", ja="統計行のあるキャプチャ"
    )

    statistics_file: str
    frame_count: int
    captured: int | None
    captured_line: int
    received: int | None
    received_line: int
    dropped: int | None  # by kernel and interface together
    dropped_line: int
    loopback: bool


class SameTraffic(Fact, frozen=True, kw_only=True):
    """A tcpdump text that shows the frames of a capture (`file` is the text)."""

    evidence_name: ClassVar[Message] = message("evidence.same_traffic", en="a text of a capture", ja="キャプチャの文字表現")

    capture: str  # path of the capture
    matched: int  # records of the text that are frames of the capture
    text_count: int
    capture_count: int
    first_frame: int  # of the capture, 1-based
    offset_ns: int = 0  # the capture's UTC minus the text's clock face
    differing_lines: tuple[int, ...] = ()  # records without an equal frame, the first 20


class Continuation(Fact, frozen=True, kw_only=True):
    """A capture that goes on where another one ended (`file` is the later one)."""

    evidence_name: ClassVar[Message] = message(
        "evidence.continuation", en="captures that follow on each other", ja="続きになっているキャプチャ"
    )

    earlier: str  # path
    gap_ns: int  # between the last frame of the earlier and the first of the later; below 0 where they overlap
    crossings: tuple[tuple[int, int], ...]  # conversations that cross the border: rows of both `conversations` tables
    is_exact: bool  # of one at least the next byte is the one after the last
    last_frame: int  # of the earlier


class Forwarder(Fact, frozen=True, kw_only=True):
    """A program that accepts on one port and connects to another: socat, ssh -L, kubectl port-forward, docker -p."""

    evidence_name: ClassVar[Message] = message("evidence.forwarder", en="a forwarder's command", ja="中継プログラムのコマンド")

    program: str
    listen: Endpoint  # address '*' where it listens on all
    target: Endpoint
    families: Literal["4", "6", "46"] = "46"  # on which it listens
    citation: Citation
    command: str

    def accepts(self, end: Endpoint) -> bool:
        """Whether a connection to this end would reach the forwarder."""
        family = "6" if ":" in end.address else "4"
        return end.port == self.listen.port and family in self.families and self.listen.address in ("*", end.address, "localhost")

    def leads_to(self, end: Endpoint) -> bool:
        """Whether this end is where the forwarder connects to ('localhost' is either loopback address)."""
        loopback = end.address in ("::1", "localhost") or end.address.startswith("127.")
        same = self.target.address == end.address or (self.target.address in ("localhost", "127.0.0.1", "::1") and loopback)
        return self.target.port == end.port and same
