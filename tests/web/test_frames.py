"""The packet list: frames with their times and remarks, marked where a link asks for them, and only for the team."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Run

pytestmark = pytest.mark.django_db


def page(client: Client, file: EvidenceFile, query: str = "") -> str:
    response = client.get(reverse("frames", args=(file.run.key, file.pk)) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def capture(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="lo0_9080.pcap")


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_sees_it(client: Client, request: Any, capture: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("frames", args=(capture.run.key, capture.pk))).status_code == status


def test_every_frame_has_its_row(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    for number in (1, 15, 30):
        assert f'id="F{number}"' in text
    assert "[SYN] Seq=0" in text
    assert "127.0.0.1" in text
    assert "15.073182" in text
    assert "keep-alive" in text


def test_asked_frames_are_marked(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?frames=22-23")
    row = text.partition('id="F22"')[2][:60]
    assert " sel" in row
    assert " sel" not in text.partition('id="F24"')[2][:60]


def test_a_conversation_is_a_filter(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?conversation=1")
    assert 'id="F1"' in text
    assert 'id="F24"' not in text


@pytest.mark.parametrize(
    "query", ["?frames=x", "?frames=999999", "?from=99999", "?conversation=99", "?only=x", "?part=7", "?only=remarks"]
)
def test_odd_addresses_do_not_fail(client: Client, viewer: Any, capture: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    response = client.get(reverse("frames", args=(capture.run.key, capture.pk)) + query)
    assert response.status_code in (200, 404)


def test_a_file_without_frames_has_no_such_page(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="analysis.md")
    assert client.get(reverse("frames", args=(concluded_run.key, file.pk))).status_code == 404


def test_the_asked_frame_is_opened(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?frames=4")
    opened = text.partition('id="frame"')[2]
    assert "Transmission Control Protocol" in opened or "TCP" in opened
    assert "47 45 54 20" in opened
    assert "GET " in opened


def test_a_text_of_packets_is_listed_and_linked_to_its_lines(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="lo0_9080_readable.txt")
    text = page(client, file, "?frames=1")
    assert "[SYN]" in text
    assert "?lines=1#L1" in text
