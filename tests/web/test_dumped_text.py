"""A text whose packets are dumped in hex, alone or pasted into a note, is shown as frames with their bytes; only for the team."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.analysis.packets.capture import read_capture
from runs.models import EvidenceFile, Team
from runs.services import runs
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db
DUMP = Path(__file__).parents[1] / "fixtures" / "parsers" / "tcpdump_text" / "whole_dump_with_link.txt"
NOTE = "# Why the probe fails\n\nThe server's router refuses us. This is what we saw:\n\n```\n{}```\n\nNext: ask its owner.\n"


@pytest.fixture
def files(team: Team) -> dict[str, EvidenceFile]:
    text = DUMP.read_text("utf-8")
    made = [incoming("dump.txt", text.encode()), incoming("memo.md", NOTE.format(text).encode())]
    run = runs.create_run(team, "dumps")
    runs.add_files(run, made)
    work_off(run)
    return {file.path: file for file in run.files.all()}


PARTS = [("dump.txt", ""), ("memo.md", "part=6")]


def get(client: Client, name: str, file: EvidenceFile, *more: int, query: str) -> Any:
    return client.get(reverse(name, args=(file.run.key, file.pk, *more)) + f"?{query}")


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 404), ("stranger", 404)])
@pytest.mark.parametrize(("path", "part"), PARTS)
def test_reviewers_may_take_the_conversation_as_a_capture(
    client: Client, request: Any, files: dict[str, EvidenceFile], who: str, status: int, path: str, part: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    response = get(client, "conversation_pcap", files[path], 0, query=part)
    assert response.status_code == status
    if status == 200:
        read = read_capture(BytesIO(b"".join(response)).getvalue())
        assert len(read.packets) == 4
        assert read.packets["payload_length"].tolist() == [0, 0, 0, 42]


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_a_frame_has_layers_bytes_and_its_line(
    client: Client, viewer: Any, files: dict[str, EvidenceFile], path: str, part: str
) -> None:
    client.force_login(viewer)
    text = get(client, "frame", files[path], 4, query=part).content.decode()
    assert "IPv4" in text
    assert "47 45 54 20" in text
    assert f"#L{17 if not part else 22}" in text


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_the_stream_is_followed(client: Client, viewer: Any, files: dict[str, EvidenceFile], path: str, part: str) -> None:
    client.force_login(viewer)
    assert "GET /ready HTTP/1.1" in get(client, "conversation_stream", files[path], 0, query=part).content.decode()


@pytest.mark.parametrize(("path", "part"), PARTS)
@pytest.mark.parametrize(("condition", "frames"), [("tcp[13] = 2", [1]), ("ether[0] = 2 and icmp", [5]), ("ip[8] < 64", [2])])
def test_a_filter_may_ask_for_bytes(
    client: Client, viewer: Any, files: dict[str, EvidenceFile], path: str, part: str, condition: str, frames: list[int]
) -> None:
    client.force_login(viewer)
    text = get(client, "frames", files[path], query=f"{part}&filter={condition}").content.decode()
    assert [n for n in range(1, 6) if f'id="F{n}"' in text] == frames
