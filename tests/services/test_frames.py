"""Pages of the frame list: what a filter selects, from any frame, on and back, and along a conversation."""

import numpy as np
import pytest

from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.packets.capture import read_capture
from runs.models import Run
from runs.services.frames import CaptureFrames, Kept, capture_frames
from tests.filters.captures import ACK, A, B, C, ethernet, ipv4, pcap, tcp, udp


def capture(name: str = "test") -> CaptureFrames:
    """1,000 frames: frame n is UDP where n is a multiple of 3, else TCP of one of four conversations."""
    made = []
    for n in range(1, 1001):
        packet = ipv4(udp(5000, 53), 17, C, B) if n % 3 == 0 else ipv4(tcp(40000 + n % 4, 80, ACK), 6, A, B)
        made.append(ethernet(0x0800, packet))
    read = read_capture(pcap(made, 1))
    return CaptureFrames(name, Frames(read.packets, read.addresses, [1], None), read.conversations)


def test_pages_follow_one_another_on_and_back() -> None:
    frames = capture()
    for text, wanted in (("", range(1, 1001)), ("udp", range(3, 1001, 3)), ("not udp", [n for n in range(1, 1001) if n % 3])):
        at, pages = 1, []
        found: list[int] = []
        while True:
            page = frames.page(text, at, size=70)
            assert page.selected_count == len(wanted)
            assert page.before == len(found)
            pages.append((page.rows + 1).tolist())
            found += pages[-1]
            if page.next is None:
                break
            at = page.next
        assert found == list(wanted)
        while page.previous is not None:
            page = frames.page(text, page.previous, "back", size=70)
            assert (page.rows + 1).tolist() in pages
        assert (page.rows + 1).tolist() == pages[0]


def test_a_page_begins_at_the_next_frame_that_is_selected() -> None:
    page = capture().page("udp", 100, size=3)
    assert (page.rows + 1).tolist() == [102, 105, 108]
    assert (page.before, page.previous, page.next) == (33, 102, 111)


def test_behind_the_last_frame_stands_the_last_page() -> None:
    page = capture().page("udp", 5000, size=2)
    assert (page.rows + 1).tolist() == [996, 999]
    assert (page.previous, page.next) == (996, None)


def test_pages_of_frames_that_are_known_otherwise() -> None:
    frames = capture()
    page = frames.page(frames.selection_of(np.array([4, 900, 7, 5000, -1])), 6)
    assert (page.rows + 1).tolist() == [8, 901]
    assert page.selected_count == 3


def test_the_page_that_holds_a_frame() -> None:
    frames = capture()
    assert (frames.page_with(250, size=100).rows[[0, -1]] + 1).tolist() == [201, 300]
    page = frames.page_with(301, "udp", size=100)  # the next one selected is 303, the 101st
    assert (page.rows[[0, -1]] + 1).tolist() == [303, 600]
    assert (frames.page_with(99_999, "udp", size=100).rows[[0, -1]] + 1).tolist() == [903, 999]
    assert len(frames.page_with(5, "icmp").rows) == 0


def test_before_and_after_in_the_conversation() -> None:
    frames = capture()
    assert frames.before_and_after(5) == (1, 13)
    assert frames.before_and_after(1) == (None, 5)
    assert frames.before_and_after(999) == (996, None)
    with pytest.raises(IndexError):
        frames.before_and_after(1001)


def test_a_selection_is_made_once() -> None:
    frames = capture("made once")
    assert frames.selection("udp  and port 53") is frames.selection(" udp and port 53 ")
    assert frames.selection("udp") is not frames.selection("tcp")
    assert capture("another").selection("udp") is not frames.selection("udp")


def test_a_mistake_is_told() -> None:
    with pytest.raises(FilterError):
        capture().page("host")
    with pytest.raises(FilterError):
        capture().page("ip[2:2] > 5")


def test_what_was_used_longest_ago_makes_room() -> None:
    kept: Kept[str, str] = Kept(3)
    made = []

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key, lambda _: 1)  # type: ignore[func-returns-value]

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        assert get(key) == key
    assert made == ["a", "b", "c", "d", "b"]


def test_the_frames_of_a_stored_capture(concluded_run: Run) -> None:
    file = concluded_run.files.get(path__endswith="lo0_9080.pcap")
    found = capture_frames(file)
    assert found is not None
    assert found is capture_frames(file)
    everything, some = found.page(), found.page("ip[8] = 64 and tcp")
    assert everything.selected_count == file.counts["frames"]
    assert 0 < some.selected_count <= everything.selected_count
    assert np.isin(some.rows, everything.rows).all()


def test_a_file_without_frames_has_none(concluded_run: Run) -> None:
    assert capture_frames(concluded_run.files.get(path="README.md")) is None


def test_a_file_that_was_not_parsed_yet_has_none(queued_run: Run) -> None:
    assert capture_frames(queued_run.files.get(path="lo0_9080.pcap")) is None
