"""The packet list: frames that a filter selects, page by page, marked where a link asks for them, and only for the team."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from runs.models import EvidenceFile, Run
from runs.services import runs
from runs.services.frames import capture_frames
from runs.services.reports import load_report
from runs.views import frames as view
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db


def page(client: Client, file: EvidenceFile, query: str = "") -> str:
    response = client.get(reverse("frames", args=(file.run.key, file.pk)) + query)
    assert response.status_code == 200
    return response.content.decode()


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="F(\d+)"', text)]


def row_of(text: str, number: int) -> str:
    return text.partition(f'<tr id="F{number}"')[2].partition("</tr>")[0]


def cells(text: str, number: int) -> list[str]:
    return [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row_of(text, number))]


def link(text: str, words: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{words}<', text)
    assert found, words
    return found[1].replace("&amp;", "&").partition("#")[0]


@pytest.fixture
def capture(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="lo0_9080.pcap")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Pages of seven frames, so that a small capture has several."""
    monkeypatch.setattr(view, "PAGE_FRAMES", 7)
    return 7


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_sees_it(client: Client, request: Any, capture: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("frames", args=(capture.run.key, capture.pk))).status_code == status


def test_every_frame_has_its_row(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    assert numbers(text) == list(range(1, 31))
    assert "[SYN] Seq=0" in text
    assert "127.0.0.1" in text
    assert "15.073182" in text
    assert "keep-alive" in text


def test_a_row_leads_to_its_frame_and_its_conversation(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    row = row_of(page(client, capture), 4)
    assert reverse("frame", args=(capture.run.key, capture.pk, 4)) in row
    assert reverse("conversation", args=(capture.run.key, capture.pk, 0)) in row
    for address in re.findall(r'href="([^"#?]*)', row):
        assert client.get(address).status_code == 200


def test_asked_frames_are_marked(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?frames=22-23")
    assert [n for n in numbers(text) if re.match(r'[^>]* sel"', row_of(text, n))] == [22, 23]


def test_a_conversation_is_a_filter(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?conversation=1")
    assert numbers(text)[0] == 1
    assert 24 not in numbers(text)
    assert reverse("conversation", args=(capture.run.key, capture.pk, 0)) in text.partition("<thead>")[0]
    assert set(numbers(page(client, capture, "?conversation=1&filter=src+port+9080"))) < set(numbers(text))


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("frame 4-6", [4, 5, 6]),
        ("frame 4-6 or frame 9", [4, 5, 6, 9]),
        ("tcp[13] = 2", "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn"),
        ("not tcp port 9080", []),
        ("  ", list(range(1, 31))),
    ],
)
def test_a_filter_selects(client: Client, viewer: Any, capture: EvidenceFile, words: str, kept: list[int] | str) -> None:
    client.force_login(viewer)
    response = client.get(reverse("frames", args=(capture.run.key, capture.pk)), {"filter": words})
    found = numbers(response.content.decode())
    if isinstance(kept, str):
        other = client.get(reverse("frames", args=(capture.run.key, capture.pk)), {"filter": kept})
        assert found
        assert found == numbers(other.content.decode())
    else:
        assert found == kept
    assert f'value="{words}"' in response.content.decode()


def test_only_remarks_and_only_cited_narrow_the_filter(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    every, remarked, cited = (set(numbers(page(client, capture, f"?only={only}"))) for only in ("", "remarks", "cited"))
    report = load_report(capture.run)
    assert report
    assert cited == {n for f in report.findings for c in f.citations if c.file == capture.path for n in c.frames} != set()
    assert set() != remarked < every
    assert remarked == set(numbers(page(client, capture, "?filter=remark+any")))
    half = set(numbers(page(client, capture, "?filter=frame+1-15")))
    assert set(numbers(page(client, capture, "?filter=frame+1-15&only=cited"))) == half & cited
    assert set(numbers(page(client, capture, "?filter=frame+1-15&only=remarks"))) == half & remarked


@pytest.mark.parametrize(
    ("words", "before", "at", "language", "said"),
    [
        ("tcp port x", "tcp port ", "x", "en", "Character 10:"),
        ("tcp and", "tcp and", " ", "en", "Character 8:"),
        ("host <b>", "host ", "&lt;", "en", "Character 6:"),
        ("remark retransmision", "remark ", "r", "ja", "8 文字目"),
        ("tcp port x and vlan", "tcp port ", "x", "ja", "10 文字目"),
    ],
)
def test_a_mistake_is_shown_at_its_place(
    client: Client, viewer: Any, capture: EvidenceFile, words: str, before: str, at: str, language: str, said: str
) -> None:
    client.force_login(viewer)
    client.cookies["django_language"] = language
    response = client.get(reverse("frames", args=(capture.run.key, capture.pk)), {"filter": words, "only": "remarks"})
    text = response.content.decode()
    assert f'<pre class="mistake">{before}<mark>{at}</mark>' in text
    assert said in text
    assert 'aria-describedby="mistake"' in text
    assert f'value="{escape(words)}"' in text
    assert not numbers(text)


def test_pages_follow_one_another(client: Client, viewer: Any, capture: EvidenceFile, small_pages: int) -> None:
    client.force_login(viewer)
    for query, wanted in (("", list(range(1, 31))), ("?filter=not+frame+5-9", [*range(1, 5), *range(10, 31)])):
        text, found, firsts = page(client, capture, query), [], []
        while True:
            found += numbers(text)
            firsts.append(numbers(text)[0])
            if "Next frames<" not in text:
                break
            text = page(client, capture, link(text, "Next frames"))
        assert found == wanted
        for first in reversed(firsts[:-1]):
            text = page(client, capture, link(text, "Previous frames"))
            assert numbers(text)[0] == first
        assert "First frames<" not in text
        text = page(client, capture, link(text, "Last frames"))
        assert numbers(text) == wanted[-small_pages:]
        assert numbers(page(client, capture, link(text, "First frames") + query.replace("?", "&"))) == wanted[:small_pages]


def test_the_delta_counts_from_the_frame_displayed_before(
    client: Client, viewer: Any, capture: EvidenceFile, small_pages: int
) -> None:
    client.force_login(viewer)
    found = capture_frames(capture)
    assert found is not None
    ts_ns = found.frames.packets["ts_ns"]
    text = page(client, capture, "?filter=not+frame+5-9&from=13")  # frames 10 to 12 stand on the page before
    assert cells(text, 13)[3] == f"{(int(ts_ns[12]) - int(ts_ns[11])) / 1e9:.6f}"
    text = page(client, capture, "?filter=not+frame+5-9&from=10")
    assert cells(text, 10)[3] == f"{(int(ts_ns[9]) - int(ts_ns[3])) / 1e9:.6f}"
    assert cells(page(client, capture, "?filter=frame+10-12"), 10)[3] == ""


def test_a_cited_frame_far_behind_is_on_the_page(client: Client, viewer: Any, capture: EvidenceFile, small_pages: int) -> None:
    client.force_login(viewer)
    text = page(client, capture, "?frames=22-23")
    assert {22, 23} <= set(numbers(text))
    assert 17 in numbers(text)


def test_going_to_a_frame(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    address = reverse("frames", args=(capture.run.key, capture.pk))
    assert client.get(address, {"goto": "12"})["Location"] == f"{address}?frames=12#F12"
    assert client.get(address, {"goto": "999"})["Location"] == f"{address}?frames=30#F30"
    assert client.get(address, {"goto": "7", "filter": "not frame 5-9"})["Location"].endswith("frames=7#F10")
    text = page(client, capture, "?frames=7&filter=not+frame+5-9")
    assert "Frame 7 is not among the frames that the filter leaves." in text
    assert 7 in numbers(page(client, capture, link(text, "Show it without the filter")))


@pytest.mark.parametrize(
    "query",
    [
        "?frames=x", "?frames=999999", "?frames=0-5", "?from=99999", "?before=0", "?before=999999999999", "?conversation=99",
        "?conversation=99&goto=4", "?only=x", "?part=7", "?only=remarks&filter=)", "?goto=5&filter=(", "?filter=" + "a" * 5000,
        "?filter=%00%0a%E2%80%AE", "?filter=frame+99999999999999999999", "?conversation=1&only=cited&filter=tcp&frames=3",
    ],
)  # fmt: skip
def test_odd_addresses_do_not_fail(client: Client, viewer: Any, capture: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    response = client.get(reverse("frames", args=(capture.run.key, capture.pk)) + query)
    assert response.status_code in (200, 302, 404)


def test_every_example_is_a_filter(client: Client, viewer: Any, capture: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, capture)
    found = re.findall(r'<dt><a class="mono" href="([^"]*)"', text)
    assert len(found) == 8
    for address in found:
        assert 'class="mistake"' not in page(client, capture, address.partition("#")[0].replace("&amp;", "&"))


def test_gone_bytes_are_said(client: Client, viewer: Any, capture: EvidenceFile, tmp_path: Path) -> None:
    client.force_login(viewer)
    found = capture_frames(capture)
    assert found is not None
    origin = found.frames.origin
    found.frames.origin = lambda: tmp_path / "gone"
    try:
        text = page(client, capture, "?filter=ether[0]+=+3")
    finally:
        found.frames.origin = origin
    assert "The bytes of this file are not kept" in text


def test_a_file_without_frames_has_no_such_page(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="analysis.md")
    assert client.get(reverse("frames", args=(concluded_run.key, file.pk))).status_code == 404


def test_a_text_of_packets_is_listed_and_linked_to_its_lines(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    file = concluded_run.files.get(path="lo0_9080_readable.txt")
    text = page(client, file, "?frames=1")
    assert "[SYN]" in text
    assert "?lines=1#L1" in text
    assert numbers(page(client, file, "?filter=tcp[tcpflags]+%26+tcp-syn+!=+0"))
    assert 'class="mistake"' in page(client, file, "?filter=ip[8]+=+64")


MEMO = """# Memo

```
17:50:19.325354 IP 192.0.2.1.54268 > host.example.9080: Flags [S], seq 1000, win 65495, length 0
17:50:19.325367 IP host.example.9080 > 192.0.2.1.54268: Flags [S.], seq 2000, ack 1001, win 65483, length 0
17:50:21.325374 IP 192.0.2.1.54268 > host.example.9080: Flags [.], ack 1, win 512, length 0
```
"""


def test_packets_within_a_text_keep_their_part_and_their_clock(client: Client, owner: Any, team: Any) -> None:
    run = runs.create_run(team, "memo")
    runs.add_files(run, [incoming("memo.md", MEMO.encode())])
    file = work_off(run).files.get()
    client.force_login(owner)
    text = page(client, file, "?part=4&filter=tcp[tcpflags]+%26+tcp-syn+!=+0")
    assert numbers(text) == [1, 2]
    assert cells(text, 1)[:3] == ["1", "17:50:19.325354", "0.000000"]
    assert cells(text, 2)[4:6] == ["host.example", "192.0.2.1"]
    assert "?lines=5#L5" in row_of(text, 2)
    assert all("part=4" in address for address in re.findall(r'href="(\?[^"]*)"', text))
    assert "?part=4" in link(text, "Capture")
    of_file = client.get(reverse("file", args=(run.key, file.pk))).content.decode()
    assert f'href="{reverse("frames", args=(run.key, file.pk))}?part=4"' in of_file
    assert "17:50:19.325367" in client.get(reverse("frame", args=(run.key, file.pk, 2)), {"part": "4"}).content.decode()
