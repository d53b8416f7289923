"""The capture page: what a capture says of itself, its conversations, its traffic over time, and only for the team."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Run, Team
from runs.services import runs
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)


@pytest.fixture
def capture(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="lo0_9080.pcap")


@pytest.fixture
def captured(team: Team) -> Callable[[bytes], EvidenceFile]:
    """A function that makes the file of a run of one capture with these bytes."""

    def make(data: bytes, name: str = "one.pcap") -> EvidenceFile:
        run = runs.create_run(team, "one")
        runs.add_files(run, [incoming(name, data)])
        return work_off(run).files.get()

    return make


def page(client: Client, file: EvidenceFile, query: str = "") -> str:
    response = client.get(reverse("capture", args=(file.run.key, file.pk)) + query)
    assert response.status_code == 200
    return response.content.decode()


def data(client: Client, file: EvidenceFile, query: str = "") -> Any:
    return client.get(reverse("capture_data", args=(file.run.key, file.pk)) + query)


def block(kind: int, body: bytes) -> bytes:
    """A little-endian pcapng block."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def option(code: int, text: str) -> bytes:
    value = text.encode()
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def ethernet_udp(port: int) -> bytes:
    """A frame: Ethernet, IPv4 10.0.0.1 to 10.0.0.2, UDP without payload."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    return b"\2" * 12 + b"\x08\x00" + ip + struct.pack(">HHHH", port, 53, 8, 0)


def pcap(*frames: bytes) -> bytes:
    return PCAP_HEADER + b"".join(struct.pack("<IIII", 1_795_000_000 + n, 0, len(f), len(f)) + f for n, f in enumerate(frames))


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
@pytest.mark.parametrize("name", ["capture", "capture_data"])
def test_only_the_team_sees_it(client: Client, request: Any, capture: EvidenceFile, name: str, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(name, args=(capture.run.key, capture.pk))).status_code == status


@pytest.mark.parametrize("name", ["capture", "capture_data"])
def test_a_file_without_frames_has_none(client: Client, viewer: Any, concluded_run: Run, name: str) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="docker_backend.log")
    assert client.get(reverse(name, args=(concluded_run.key, file.pk))).status_code == 404


def test_it_says_what_the_file_says_of_itself(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    assert "17:50:19.325354 – 17:52:30.644357" in text
    assert "131.319003 s" in text
    assert "BSD loopback (0)" in text
    assert "little-endian" in text
    dropped = text.partition("<dt>Dropped</dt>")[2].partition("</div>")[0]
    assert ">0<" in dropped
    assert "tcpdump_9080_stdout.log" in dropped


def test_conversations_link_to_their_pages(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    assert reverse("conversation", args=(capture.run.key, capture.pk, 1)) in text
    assert 'title="reset by the responder">RSTR<' in text
    assert "keep-alive 8" in text
    assert text.index("127.0.0.1:54268") < text.index("[::1]:43028")


def test_the_list_is_filtered_and_sorted_by_the_address(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?sort=start&q=::1&start=1&end=2")
    assert "127.0.0.1:54268" not in text
    assert "1 of 2" in text
    assert 'aria-sort="ascending"><a data-keep href="?sort=-start&amp;q=%3A%3A1&amp;start=1&amp;end=2#conversations"' in text
    text = page(client, capture, "?sort=-start")
    assert text.index("[::1]:43028") < text.index("127.0.0.1:54268")
    assert "nothing fits" in page(client, capture, "?q=%3Cscript%3Ealert(1)")
    assert "No conversation fits" in page(client, capture, "?state=S0")


@pytest.mark.parametrize(
    "query", ["?sort=%00&page=-1&state=%F0&protocol=x", "?page=99999999999999999999", "?sort=--start&q=" + "9" * 5000]
)
def test_a_strange_address_is_answered(client: Client, viewer: Any, capture: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    assert "Conversations" in page(client, capture, query)


def test_the_expert_summary_links_to_the_frames(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    expert = page(client, capture).partition('id="expert"')[2]
    assert "filter=remark%20keep_alive#pk" in expert
    assert "?frames=23#F23" in expert
    assert "connection reset (RST)" in expert
    assert "No remark does not mean no fault." in expert


def test_the_graph_is_there_without_scripts(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?start=120&end=131")
    assert "Traffic and TCP remarks from 120.000000 s to 131.000000 s" in text
    assert "Frames of this range" in text
    assert "filter=frame+22-28#pk" in text
    assert "no range of this capture" in page(client, capture, "?start=7&end=5")


def test_the_numbers_of_a_range(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    answer = data(client, capture, "?unit=frames").json()
    assert sum(answer["values"]) == 30
    assert answer["frames"] == [1, 30]
    families = {one["name"]: sum(one["frames"]) for one in answer["families"]}
    assert families == {"keep_alive": 16, "reset": 2}
    part = data(client, capture, "?start=120&end=125.5&steps=50").json()
    assert (part["low"], part["high"], part["unit"]) == ("120.000000", "125.500000", "bytes")
    assert len(part["values"]) <= 50


@pytest.mark.parametrize(
    "query",
    [
        "start=-1",
        "start=NaN",
        "end=inf",
        "end=1e5",
        "start=5&end=5",
        "start=6&end=5",
        "start=132",
        "start=" + "9" * 400,
        "end=0x10",
        "start=1.0000000000",
    ],
)
def test_what_is_no_range_is_refused(client: Client, viewer: Any, capture: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    assert data(client, capture, f"?{query}").status_code == 400


@pytest.mark.parametrize("steps", ["0", "1", "-7", "801", "999999999999", "NaN", ""])
def test_the_number_of_steps_is_bounded(client: Client, viewer: Any, capture: EvidenceFile, steps: str) -> None:
    client.force_login(viewer)
    assert 1 <= len(data(client, capture, f"?steps={steps}").json()["values"]) <= 800


def test_an_end_behind_the_capture_is_its_end(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    assert data(client, capture, "?end=9999999999").json()["high"] == "131.319003"


def test_a_text_of_packets_has_the_page_too(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, concluded_run.files.get(path="lo0_9080_readable.txt"))
    assert "tcpdump text" in text
    assert "127.0.0.1:54268" in text
    assert "Snapshot length" not in text


def test_an_empty_capture(client: Client, viewer: Any, captured: Callable[..., EvidenceFile]) -> None:
    client.force_login(viewer)
    file = captured(PCAP_HEADER)
    text = page(client, file)
    assert "No frame in this capture" in text
    assert "Ethernet (1)" in text
    assert 'id="plot"' not in text
    assert data(client, file).status_code == 404


def test_a_damaged_capture_shows_its_damage_and_what_came_before(
    client: Client, viewer: Any, captured: Callable[..., EvidenceFile]
) -> None:
    client.force_login(viewer)
    whole = pcap(ethernet_udp(4000), ethernet_udp(4001))
    file = captured(whole[:-9])
    text = page(client, file)
    damage = text.partition('id="damage"')[2].partition("</div></div>")[0]
    assert "ends inside a record" in damage
    assert f"?from={len(whole) - 58}" in damage
    assert "10.0.0.1:4000" in text
    assert "10.0.0.1:4001" not in text


def test_states_of_what_is_no_tcp(client: Client, viewer: Any, captured: Callable[..., EvidenceFile]) -> None:
    client.force_login(viewer)
    text = page(client, captured(pcap(ethernet_udp(4000))))
    assert 'title="only the originator sent">S0<' in text
    assert "TCP analysis remarked nothing." in text
    assert "not stated" in text


def test_what_travels_in_a_tunnel_links_to_it(client: Client, viewer: Any, captured: Callable[..., EvidenceFile]) -> None:
    client.force_login(viewer)
    inner = ethernet_udp(4000)[14:]
    outer = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(inner), 1, 0, 64, 4, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    file = captured(pcap(b"\2" * 12 + b"\x08\x00" + outer + inner))
    text = page(client, file)
    assert "carries others" in text
    assert "in IPIP 0</a>" in text
    assert "?sort=tunnel" in text
    assert "1 of 2" in page(client, file, "?q=10.0.0.1")
    assert "?sort=tunnel" not in page(client, captured(pcap(ethernet_udp(1))))


def test_hostile_names_and_comments_stay_text(client: Client, viewer: Any, captured: Callable[..., EvidenceFile]) -> None:
    client.force_login(viewer)
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(1, HOSTILE + "section") + b"\0\0\0\0")
    filter = option(11, "\0" + HOSTILE)
    interface = block(1, struct.pack("<HHI", 1, 0, 96) + option(2, HOSTILE + "name") + filter + b"\0\0\0\0")
    frame = ethernet_udp(4000)
    packet = block(6, struct.pack("<IIIII", 0, 400_000, 5, len(frame), len(frame)) + frame)
    text = page(client, captured(section + interface + packet, "hostile.pcapng"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;/script&gt;‹RLO›‹ESC›" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "96\xa0B" in text


def test_the_page_asks_the_database_alike_for_any_capture(
    client: Client,
    viewer: Any,
    captured: Callable[..., EvidenceFile],
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(viewer)
    few, many = captured(pcap(ethernet_udp(1))), captured(pcap(*(ethernet_udp(n) for n in range(1, 400))))
    page(client, few)
    with django_assert_max_num_queries(12) as counted:
        page(client, few)
    with django_assert_num_queries(len(counted)):
        text = page(client, many)
    assert "page 1 of 4" in text
    assert text.count('<td class="mono nb"><a href=') == 100
    assert "page=3#conversations" in page(client, many, "?page=2")


def test_the_run_and_the_frames_link_to_it(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    address = reverse("capture", args=(capture.run.key, capture.pk))
    for name, arguments in (
        ("run", (capture.run.key,)),
        ("frames", (capture.run.key, capture.pk)),
        ("file", (capture.run.key, capture.pk)),
    ):
        assert f'href="{address}"' in client.get(reverse(name, args=arguments)).content.decode(), name


def test_it_speaks_japanese(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    client.cookies["django_language"] = "ja"
    text = page(client, capture)
    for words in (
        "通信量と指摘",
        "取りこぼし",
        "専門的な指摘の集計",
        "応答側がリセット",
        "指摘がないことは、異常がないことを意味しない。",
    ):
        assert words in text
    assert "Conversations" not in text
