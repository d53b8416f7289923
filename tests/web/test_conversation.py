"""A conversation's pages: for the team alone, true to the frames, and harmless whatever the payload says."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from runs.analysis.packets.capture import read_capture
from runs.models import EvidenceFile, Run, Team
from runs.services import runs
from tests.packets.crafted import ACK, SYN, Segment, handshake, pcap_of
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db

PAGES = ("conversation", "conversation_stream")
C, S = 101, 501
HOSTILE = (
    b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abcdefghijklmnop12345\r\n"
    b"X-Odd: \x1b[31m\x00\x00\x00\x00\x00 \xe2\x80\xae evil \xff\r\n\r\n"
)


def capture_of(team: Team, segments: list[Segment], name: str = "a.pcap", step_us: int = 1000) -> EvidenceFile:
    run = runs.create_run(team, "crafted")
    runs.add_files(run, [incoming(name, pcap_of(segments, step_us))])
    return work_off(run).files.get(path=name)


def page(client: Client, file: EvidenceFile, name: str = "conversation", row: int = 0, query: str = "") -> str:
    response = client.get(reverse(name, args=(file.run.key, file.pk, row)) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def capture(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="lo0_9080.pcap")


@pytest.fixture
def hostile(team: Team) -> EvidenceFile:
    rest = Segment(1, S, C + len(HOSTILE) + 1448, b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=topsecretvalue\r\n\r\n<b>ok</b>")
    more = Segment(0, C + len(HOSTILE) + 1448, S, b"later")
    return capture_of(team, [*handshake(), Segment(0, C, S, HOSTILE), Segment(0, C, S, HOSTILE), more, rest])


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
@pytest.mark.parametrize("name", PAGES)
def test_only_the_team_sees_it(client: Client, request: Any, capture: EvidenceFile, name: str, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(name, args=(capture.run.key, capture.pk, 0))).status_code == status


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 404), ("stranger", 404)])
def test_bytes_are_for_reviewers(client: Client, request: Any, capture: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    response = client.get(reverse("conversation_pcap", args=(capture.run.key, capture.pk, 0)))
    assert response.status_code == status
    assert LogEntry.objects.count() == (status == 200)


def test_the_download_is_a_capture_of_this_conversation(client: Client, owner: Any, capture: EvidenceFile, tmp_path: Path) -> None:
    client.force_login(owner)
    response = client.get(reverse("conversation_pcap", args=(capture.run.key, capture.pk, 1)))
    assert response["Content-Disposition"] == 'attachment; filename="lo0_9080-conversation-1.pcap"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["Content-Type"] == "application/octet-stream"
    read = read_capture(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert len(read.conversations) == 1
    assert len(read.packets) == 7


@pytest.mark.parametrize("name", [*PAGES, "conversation_pcap"])
@pytest.mark.parametrize("row", [2, 99, 2**31, 2**70])
def test_there_are_no_others(client: Client, owner: Any, capture: EvidenceFile, name: str, row: int) -> None:
    client.force_login(owner)
    assert client.get(reverse(name, args=(capture.run.key, capture.pk, row))).status_code == 404


def test_a_file_without_frames_has_none(client: Client, owner: Any, concluded_run: Run) -> None:
    client.force_login(owner)
    file = concluded_run.files.get(path="analysis.md")
    for name in (*PAGES, "conversation_pcap"):
        assert client.get(reverse(name, args=(concluded_run.key, file.pk, 0))).status_code == 404


def test_facts_and_ladder_of_a_stall(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    for words in ("127.0.0.1:54268", "RSTR", "120.002", "116 B", "20\u00a0µs", "15.073\u00a0s without a frame", "keep-alive ACK"):
        assert words in text, words
    assert reverse("frame", args=(capture.run.key, capture.pk, 22)) in text
    assert "12 more keep-alive frames: #8–" not in text  # curl's own pair stands between
    assert 'class="dim"' in text
    assert "#12</text>" not in text
    assert "#12</text>" in page(client, capture, query="?fold=no")


def test_the_asked_frame_is_marked(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    (box,) = re.findall(r'<rect class="hot"[^>]* y="([0-9.]+)"', page(client, capture, query="?mark=5"))
    (label,) = re.findall(r'<text x="226" y="([0-9.]+)"[^>]*>#5</text>', page(client, capture))
    assert 0 < float(label) - float(box) < 30


def test_no_style_or_script_stands_in_the_pages(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    for name in PAGES:
        text = page(client, capture, name)
        assert " style=" not in text
        assert "<script>" not in text


@pytest.mark.parametrize(
    "query",
    ["?from=0", "?from=99999999", "?from=x", "?fold=no&from=20", "?side=7", "?side=0", "?mark=5", "?part=9", "?page=99", "?page=-1",
     "?as=hex", "?frame=23", "?frame=999999", "?as=hex&side=1"],
)  # fmt: skip
def test_odd_addresses_do_not_fail(client: Client, viewer: Any, capture: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    for name in PAGES:
        response = client.get(reverse(name, args=(capture.run.key, capture.pk, 0)) + query)
        assert response.status_code == (404 if "part" in query else 200)


def test_hostile_payload_is_shown_and_harmless(client: Client, viewer: Any, hostile: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, hostile, "conversation_stream")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text
    assert "RLO" in text
    assert "NUL ×5" in text
    assert "abcdefghijklmnop12345" not in text
    assert "topsecretvalue" not in text
    assert "masked" in text
    assert "1,448 bytes not captured" in text
    assert text.count("Host: a") == 1  # the retransmission is not repeated


def test_secrets_are_masked_in_hex_too(client: Client, viewer: Any, hostile: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, hostile, "conversation_stream", query="?as=hex")
    assert b"abcdefgh".hex(" ") not in text
    assert "** ** **" in text
    assert "47 45 54 20" in text


def test_a_secret_across_segments_is_masked(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    parts = [b"GET / HTTP/1.1\r\nAuthorization: Bearer abcdefgh", b"ijklmnopqrstuvw\r\nHost: a\r\n\r\n"]
    file = capture_of(team, [*handshake(), Segment(0, C, S, parts[0]), Segment(0, C + len(parts[0]), S, parts[1])])
    text = page(client, file, "conversation_stream")
    assert "abcdefgh" not in text
    assert "ijklmn" not in text
    assert text.count("masked ") == 1
    assert "Host: a" in text
    response = client.get(reverse("frame", args=(file.run.key, file.pk, 5)))
    assert b"ijklmn".hex(" ") not in response.content.decode()


def test_what_was_cut_off_is_said(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    file = capture_of(team, [*handshake(), Segment(1, S, C, b"x" * 1460, cut=1440), Segment(1, S + 1460, C, b"end")])
    assert "1,440 bytes cut off" in page(client, file, "conversation_stream")


def test_long_streams_have_pages(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    made = [*handshake(), *(Segment(1, S + n * 1000, C, f"{n:04d}".encode() * 250) for n in range(220))]
    file = capture_of(team, made)
    first, last = (page(client, file, "conversation_stream", query=q) for q in ("", "?page=99"))
    assert len(first) < 200_000
    assert "0000" in first
    assert "02190219" in last
    assert "02190219" not in first
    assert "01000100" in page(client, file, "conversation_stream", query="?frame=104")
    ladder = page(client, file)
    assert "#100</text>" in ladder
    assert "#101</text>" not in ladder
    assert "#101</text>" in page(client, file, query="?from=101")


def test_retransmissions_are_marked(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    data = [Segment(1, S + n * 100, C, b"d" * 100) for n in (0, 1, 2, 1)]
    segments = [*handshake(), *data[:3], Segment(0, C, S + 100), *[Segment(0, C, S)] * 40, data[3], Segment(0, C, S + 300)]
    file = capture_of(team, segments)
    text = page(client, file)
    assert 'class="warntext"' in text
    assert 'class="warnline open"' in text
    assert "retransmission" in text


def test_a_text_of_packets_has_a_ladder_but_no_bytes(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="lo0_9080_readable.txt")
    assert "SYN" in page(client, file)
    assert "it has their lines, not their bytes" in page(client, file, "conversation_stream")


def test_both_languages(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    client.cookies["django_language"] = "ja"
    assert "フレームなし" in page(client, capture)


def test_one_sided_connection(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    file = capture_of(team, [Segment(0, 100, flags=SYN), Segment(0, 100, flags=SYN), Segment(0, 500, 7, flags=ACK)])
    assert "S0" in page(client, file)
    assert "No byte of payload" in page(client, file, "conversation_stream")


@pytest.mark.parametrize("same_numbers", [True, False])
def test_the_other_side_of_a_nat_is_a_link(client: Client, owner: Any, team: Team, same_numbers: bool) -> None:
    inside = pcap_of([*handshake(), Segment(0, C, S, b"GET / HTTP/1.1\r\n\r\n")])
    outside = pcap_of([*handshake(*(() if same_numbers else (7000, 8000)))]).replace(b"\x0a\0\0\1", b"\xcb\x00\x71\x07")
    run = runs.create_run(team, "nat")
    runs.add_files(run, [incoming("lan.pcap", inside), incoming("wan.pcap", outside)])
    files = {file.path: file for file in work_off(run).files.all()}
    client.force_login(owner)
    for own, other, words in (("lan.pcap", "wan.pcap", "Outside of the NAT"), ("wan.pcap", "lan.pcap", "Inside of the NAT")):
        text = page(client, files[own])
        assert (words in text) == same_numbers
        assert (f'href="{reverse("conversation", args=(run.key, files[other].pk, 0))}"' in text) == same_numbers
