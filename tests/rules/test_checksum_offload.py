"""`checksum_offload`: wrong checksums that a card would have filled in, and those that nobody can explain."""

import struct
from typing import Any

import pytest

from runs.analysis.facts.capture import Capture, CaptureInterface
from runs.analysis.facts.frame_checksums import FrameChecksums, SenderChecksums
from runs.analysis.packets.internet_checksum import folded, pseudo_sum, word_sum
from tests.analysis.bundles import judged, parsed_bytes
from tests.kit import Run, Talk, english, places
from tests.packets.crafted import Segment, frame_of

RULE = "checksum_offload"
HERE, THERE = "192.0.2.77", "198.51.100.9"


def sender(address: str = HERE, **counts: Any) -> SenderChecksums:
    return SenderChecksums(address=address, frames=(1, 3)[: counts.get("wrong", 0)], **counts)


def run(*senders: SenderChecksums, linktype: int = 1) -> Run:
    made = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    if linktype != 1:
        made = Run().add(
            "a.pcap", Capture(format="pcap", frame_count=4, interfaces=(CaptureInterface(linktype=linktype, snaplen=0),))
        )
    return made.add("a.pcap", FrameChecksums(senders=senders, checked=sum(s.right + s.wrong for s in senders)))


def test_the_pseudo_headers_sum_is_certain() -> None:
    (found,) = run(sender(wrong=3, unfinished=3), sender(THERE, right=4)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "certain")
    assert places(found.statements) == {"a.pcap": ((1, 3), ())}
    assert HERE in english(found.title)
    assert THERE not in english(found.title)


def test_a_sender_of_which_nothing_is_right_and_nothing_was_forwarded_is_firm() -> None:
    (found,) = run(sender(wrong=3), sender(THERE, right=4)).found(RULE)
    assert (found.outcome, found.confidence) == ("info", "firm")


def test_loopback_is_certain() -> None:
    (found,) = run(sender("192.0.2.77", wrong=3), linktype=0).found(RULE)
    assert found.confidence == "certain"


@pytest.mark.parametrize(
    "senders",
    [
        (sender(THERE, wrong=2, forwarded=2), sender(right=4)),  # came through a router
        (sender(THERE, wrong=1, right=40), sender(right=4)),  # some of its frames are right: damage
        (sender(wrong=2), sender(THERE, wrong=2)),  # both ends, on no loopback
    ],
    ids=["forwarded", "some", "both"],
)
def test_not_evaluable_where_damage_looks_the_same(senders: tuple[SenderChecksums, ...]) -> None:
    made = run(*senders)
    assert made.found(RULE) == []
    assert made.excluded(RULE) == []
    unknown = made.unknown(RULE)
    assert unknown
    assert all(u.citations and u.collect for u in unknown)


def test_right_checksums_exclude_it() -> None:
    made = run(sender(right=3), sender(THERE, right=4))
    assert made.found(RULE) == []
    assert "7 frames" in english(made.excluded(RULE)[0].text)


def test_not_evaluable_without_whole_frames() -> None:
    made = Run().capture("a.pcap", Talk().opens())
    assert made.found(RULE) == []
    assert made.unknown(RULE)[0].collect


def finished(frame: bytes, value: int | None = None) -> bytes:
    """The Ethernet/IPv4/TCP frame with the right checksum, or another one."""
    head, tcp = frame[:34], bytearray(frame[34:])
    pseudo = pseudo_sum(head[26:30], head[30:34], 6, len(tcp))
    right = 0xFFFF - folded(word_sum(bytes(tcp)) + pseudo)
    tcp[16:18] = struct.pack(">H", right if value is None else value if value >= 0 else pseudo)
    return head + bytes(tcp)


def pcap(frames: list[bytes]) -> bytes:
    body = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for n, frame in enumerate(frames):
        body += struct.pack("<IIII", 1_700_000_000, n, len(frame), len(frame)) + frame
    return body


def test_the_bytes_of_a_capture_are_held_against_their_checksums() -> None:
    sent = [frame_of(Segment(0, 100 + n, data=b"odd" * n)) for n in range(4)]
    got = [frame_of(Segment(1, 500 + n, data=b"x" * n)) for n in range(4)]
    frames = [finished(f, -1) for f in sent] + [finished(f) for f in got] + [finished(got[3], 0x1234)]
    part, _ = parsed_bytes("a.pcap", pcap(frames))
    assert part.result is not None
    (fact,) = (f for f in part.result.located("a.pcap") if isinstance(f, FrameChecksums))
    assert fact.checked == 9
    assert fact.senders == (
        SenderChecksums(address="10.0.0.1", wrong=4, unfinished=4, frames=(1, 2, 3, 4)),
        SenderChecksums(address="10.0.0.2", right=4, wrong=1, frames=(9,)),
    )


TEXT = """\
08:15:02.114300 IP (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 40)
    192.0.2.77.51544 > 198.51.100.9.8443: Flags [S], cksum 0x{own:04x} (incorrect -> 0x9a11), seq 3912, win 64240, length 0
08:15:02.134411 IP (tos 0x0, ttl 57, id 1, offset 0, flags [DF], proto TCP (6), length 40)
    198.51.100.9.8443 > 192.0.2.77.51544: Flags [R.], cksum 0x19aa (correct), seq 0, ack 3913, win 0, length 0
08:15:03.134411 IP (tos 0x0, ttl 57, id 1, offset 0, flags [none], proto UDP (17), length 30)
    198.51.100.9.53 > 192.0.2.77.5353: [bad udp cksum 0x1d2f -> 0x8c11!] UDP, length 2
08:15:04.134411 IP (tos 0x0, ttl 63, id 1, offset 0, flags [none], proto ICMP (1), length 68)
    203.0.113.1 > 192.0.2.77: ICMP host 198.51.100.9 unreachable, length 48
	IP (tos 0x0, ttl 63, id 1, offset 0, flags [DF], proto TCP (6), length 40)
    192.0.2.77.51544 > 198.51.100.9.8443: Flags [S], cksum 0x1111 (incorrect -> 0x9a11), seq 3912, win 64240, length 0
"""


def test_what_tcpdump_prints_is_counted_by_sender_and_quoted_packets_are_not() -> None:
    own = pseudo_sum(bytes([192, 0, 2, 77]), bytes([198, 51, 100, 9]), 6, 20)
    part = parsed_bytes("a.txt", TEXT.format(own=own).encode())
    assert part[0].result is not None
    (fact,) = (f for f in part[0].result.located("a.txt") if isinstance(f, FrameChecksums))
    assert fact.senders == (
        SenderChecksums(address=HERE, wrong=1, unfinished=1, frames=(1,), lines=(2,)),
        SenderChecksums(address=THERE, right=1, wrong=1, forwarded=1, frames=(3,), lines=(6,)),
    )
    report, _ = judged("run", [part])
    (found,) = (f for f in report.findings if f.rule == RULE)
    assert places(found.statements) == {"a.txt": ((), (2,))}
