"""The timeline: frames, log records and attempts in one order, with gaps, filters in the address, and only for the team."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run, Team
from runs.services import runs as run_service
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db

LOG = "2026-11-20 17:50:{s:02d}.000000+0900  host com.docker.backend[77]: {text}\n"


def page(client: Client, run: Run, query: str = "") -> str:
    response = client.get(reverse("timeline", args=(run.key,)) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def logs_run(team: Team) -> Run:
    moments = (
        [(s, "000000") for s in range(0, 24, 4)] + [(s, f"{n}00000") for s in range(0, 24, 4) for n in (1, 2, 3)] + [(59, "000000")]
    )
    lines = "".join(LOG.format(s=s, text=f"record {s} token=hunter2secret").replace(".000000", f".{f}") for s, f in sorted(moments))
    run = run_service.create_run(team, "logs")
    run_service.add_files(run, [incoming("a.log", lines.encode()), incoming("pid.txt", b"59517\n")])
    return work_off(run)


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_sees_it(client: Client, request: Any, concluded_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("timeline", args=(concluded_run.key,))).status_code == status


def test_records_stand_in_order_with_their_differences(client: Client, viewer: Any, logs_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, logs_run, "?fold=0")
    times = re.findall(r">(\d\d:\d\d:\d\d)<i>", text)
    assert times == sorted(times)
    assert len(times) == 25
    assert times[0] == "17:50:00"
    assert '<td class="num">4.100000</td><td class="num d">0.100000</td>' in text
    assert "38.7 s with nothing from any source" in text


def test_secrets_are_masked(client: Client, viewer: Any, logs_run: Run) -> None:
    client.force_login(viewer)
    assert "hunter2secret" not in page(client, logs_run)


def test_a_range_is_a_filter(client: Client, viewer: Any, logs_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, logs_run, "?range=17:50:11..17:50:20.5&fold=0")
    assert "12 of 25 events" in text
    assert "record 12 " in text
    assert "record 8 " not in text


@pytest.mark.parametrize(
    "query", ["?range=x..y", "?range=..", "?at=x", "?at=1.2.3", "?lane=none", "?level=x", "?range=" + "9" * 300]
)
def test_odd_addresses_show_the_page(client: Client, viewer: Any, logs_run: Run, query: str) -> None:
    client.force_login(viewer)
    assert "Merged timeline" in page(client, logs_run, query)


def test_undated_files_are_listed(client: Client, viewer: Any, logs_run: Run) -> None:
    client.force_login(viewer)
    assert "pid.txt" in page(client, logs_run).partition("Undated evidence")[2]


def test_pages_cover_every_event_once(client: Client, viewer: Any, team: Team) -> None:
    lines = "".join(LOG.format(s=s // 20, text=f"record {s}") for s in range(500))
    run = run_service.create_run(team, "many")
    run_service.add_files(run, [incoming("a.log", lines.encode()), incoming("b.log", lines.replace("record", "other").encode())])
    run = work_off(run)
    client.force_login(viewer)
    seen: list[str] = []
    query = "?fold=0"
    for _ in range(10):
        text = page(client, run, query)
        seen += re.findall(r"(?:record|other) \d+", text)
        later = re.search(r'rel="next" href="(\?[^"#]*)', text)
        if not later:
            break
        query = later[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 1000


def test_hostile_lines_stay_text(client: Client, viewer: Any, team: Team) -> None:
    lines = "".join(LOG.format(s=s, text=f"<script>alert({s})</script>\u202e") for s in range(30))
    run = run_service.create_run(team, "<b>x</b>")
    run_service.add_files(run, [incoming('<img src=x onerror="alert(1)">.log', lines.encode())])
    client.force_login(viewer)
    text = page(client, work_off(run), "?fold=0")
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(3)" in text


def test_a_run_without_a_report_says_so(client: Client, viewer: Any, queued_run: Run) -> None:
    client.force_login(viewer)
    assert "No timeline yet" in page(client, queued_run)


def test_frames_and_logs_of_the_recorded_run_are_merged(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, concluded_run)
    assert "[SYN]" in text
    assert "nw_path_libinfo_path_check" in text
    assert "lo0_9080_readable.txt" in text
