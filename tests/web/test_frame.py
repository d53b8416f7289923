"""One frame: its layers, its bytes with the chosen field marked, its neighbours; only for the team."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Run, Team
from runs.services import runs
from tests.packets.test_capture import block
from tests.packets.test_pcapng import interface, option, packet, section
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "packets" / "data"


def page(client: Client, file: EvidenceFile, number: int, query: str = "") -> str:
    response = client.get(reverse("frame", args=(file.run.key, file.pk, number)) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def capture(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="lo0_9080.pcap")


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_sees_it(client: Client, request: Any, capture: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("frame", args=(capture.run.key, capture.pk, 1))).status_code == status


@pytest.mark.parametrize("number", [0, 31, 2**32, 2**64, 10**30])
def test_there_are_no_frames_beyond_the_capture(client: Client, viewer: Any, capture: EvidenceFile, number: int) -> None:
    client.force_login(viewer)
    assert client.get(reverse("frame", args=(capture.run.key, capture.pk, number))).status_code == 404


def test_layers_and_bytes(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, 4)
    assert "IPv4" in text
    assert "TCP" in text
    assert "47 45 54 20" in text
    assert "15.073" not in text
    assert "0.000120" in text  # since the frame before


def test_the_bytes_of_the_chosen_field_are_marked(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, 4, "?field=2.0")  # TCP's source port: 54268
    assert "<mark>d3 fc</mark>" in text
    assert 'aria-current="true"' in text
    whole = page(client, capture, 4, "?field=1")
    assert whole.count("<mark>") >= 4  # the IPv4 header runs over two rows, in hex and in ASCII


@pytest.mark.parametrize("field", ["", "9", "9.9.9", "-1", "x", "2.", "2.0.0", "1" * 5000, "<script>"])
def test_unknown_fields_mark_nothing(client: Client, viewer: Any, capture: EvidenceFile, field: str) -> None:
    client.force_login(viewer)
    text = page(client, capture, 4, f"?field={field}")
    assert "<mark>" not in text
    assert "<script>" not in text


def test_neighbours(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)

    def link(number: int) -> str:
        return f'href="{reverse("frame", args=(capture.run.key, capture.pk, number))}"'

    text = page(client, capture, 24)  # the first of the second conversation
    assert link(23) in text
    assert link(25) in text
    assert "Before in conversation" not in text
    assert "Next in conversation: #25" in text
    assert "Next frame" not in page(client, capture, 30)


def test_remarks_and_the_way_to_the_conversation(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, 6)
    assert "keep-alive" in text
    assert reverse("conversation", args=(capture.run.key, capture.pk, 0)) in text


def test_a_packet_of_a_text_links_to_its_line(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="lo0_9080_readable.txt")
    text = page(client, file, 1)
    assert "?lines=1#L1" in text
    assert 'id="opened"' not in text


@pytest.mark.parametrize(
    "name", ["hostile-bad_ihl_opts.pcap", "hostile-ext_header_chain.pcap", "hostile-incl_gt_orig.pcap", "two-interfaces.pcapng"]
)
def test_malformed_frames_are_shown_as_far_as_they_go(client: Client, viewer: Any, team: Team, name: str) -> None:
    client.force_login(viewer)
    run = runs.create_run(team, name)
    runs.add_files(run, [incoming(name, (DATA / name).read_bytes())])
    file = work_off(run).files.get()
    for number in range(1, file.counts["frames"] + 1):
        assert 'class="hex"' in page(client, file, number)


def test_a_secret_is_masked_in_tree_and_bytes(client: Client, viewer: Any, team: Team) -> None:
    from tests.packets.crafted import Segment, handshake, pcap_of

    client.force_login(viewer)
    data = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: sid=verysecretcookie\r\n\r\n"
    run = runs.create_run(team, "secret")
    runs.add_files(run, [incoming("s.pcap", pcap_of([*handshake(), Segment(0, 101, 501, data)]))])
    text = page(client, work_off(run).files.get(), 4)
    assert "verysecretcookie" not in text
    assert b"verysecret".hex(" ") not in text
    assert "Bytes of a secret are shown as **." in text


def test_a_segment_is_told_in_its_conversation(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    ack, data = page(client, capture, 5), page(client, capture, 4)
    assert "TCP analysis" in ack
    assert f'<a href="{reverse("frame", args=(capture.run.key, capture.pk, 4))}">#4</a> RTT 0.000004 s' in ack
    assert f'<a href="{reverse("frame", args=(capture.run.key, capture.pk, 5))}">#5</a> +0.000004 s' in data
    assert "54268 → 9080 [PSH, ACK]" in data


def test_keys_go_to_the_frames_beside_it(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, 4)
    for keys, number in (("ArrowLeft", 3), ("ArrowRight", 5), ("Shift+ArrowLeft", 3), ("Shift+ArrowRight", 5)):
        assert f'aria-keyshortcuts="{keys}"' in text
        assert reverse("frame", args=(capture.run.key, capture.pk, number)) in text


def test_comments_and_names_of_a_pcapng_are_shown(client: Client, viewer: Any, team: Team) -> None:
    client.force_login(viewer)
    names = option("<", 1, b"\xc0\0\x02\x01gate.example\0") + bytes(4)
    commented = packet("<", 2_000_000, option("<", 1, b"here <b>it</b> stalls"))
    data = section("<") + interface("<") + block(4, names) + packet("<", 1_000_000) + commented
    run = runs.create_run(team, "commented")
    runs.add_files(run, [incoming("a.pcapng", data)])
    file = work_off(run).files.get(path="a.pcapng")
    assert "here &lt;b&gt;it&lt;/b&gt; stalls" in page(client, file, 2)
    assert "Comment in the capture" not in page(client, file, 1)
    facts = client.get(reverse("capture", args=(run.key, file.pk))).content.decode()
    assert "1 name in the file" in facts
    assert "gate.example" in facts
