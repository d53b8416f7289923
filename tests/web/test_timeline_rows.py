"""Rows of the timeline by place, from a zero, searched, marked, corrected and exported."""

import re
from collections import defaultdict
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run, Team, TimelineMark
from runs.services import runs as run_service
from runs.services import timeline
from runs.services.reports import load_report, tables_of
from tests.portal_fixtures import files_of, incoming, work_off

pytestmark = pytest.mark.django_db

STALLED = Path(__file__).parents[1] / "fixtures" / "bundles" / "20261120Tretrans2"
MERGED = "?places=retry_1.cap%231-40,reader.log:1-20&zero=retry_1.cap%231&fold=0"
LOG = "2026-11-20 17:50:{s:02d}.{ms:03d}+0900 app[7]: {text}\n"


@pytest.fixture
def stalled_run(team: Team) -> Run:
    run = run_service.create_run(team, STALLED.name)
    run_service.add_files(run, files_of(STALLED))
    return work_off(run)


@pytest.fixture
def small_run(team: Team) -> Run:
    run = run_service.create_run(team, "small")
    lines = [LOG.format(s=s, ms=0, text=f"step {s} of 192.0.2.{s} token=hunter{s}secret") for s in range(8)]
    nights = "".join(f"03:1{n}:00 worker idle\n" for n in range(6))
    run_service.add_files(run, [incoming("a.log", "".join(lines).encode()), incoming("night.log", nights.encode())])
    return work_off(run)


def page(client: Client, run: Run, query: str = "") -> str:
    response = client.get(reverse("timeline", args=(run.key,)) + query)
    assert response.status_code == 200
    return response.content.decode()


def text_of(client: Client, run: Run, query: str = "") -> str:
    response = client.get(reverse("timeline_text", args=(run.key,)) + query)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def columns(text: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(" ")[:2]) for line in text.splitlines()]


def test_both_columns_equal_those_of_the_bundles_own_merged_text(client: Client, viewer: Any, stalled_run: Run) -> None:
    client.force_login(viewer)
    expected = columns((STALLED / "retry_1_merged_relative.txt").read_text())
    assert columns(text_of(client, stalled_run, MERGED)) == expected
    shown = re.findall(r'<td class="num">([-\d.]+)</td><td class="num d[^"]*">([-\d.]+|—)</td>', page(client, stalled_run, MERGED))
    assert [(since, "0.000000" if delta == "—" else delta) for since, delta in shown] == expected


def test_the_programs_lines_stand_between_their_packets(client: Client, viewer: Any, stalled_run: Run) -> None:
    client.force_login(viewer)
    rows = text_of(client, stalled_run, "?places=retry_1.cap%231-20,reader.log:1-6,module_sender.log:1-2").splitlines()
    order = [re.search(r"\(([\w.]+)\)$", row)[1] for row in rows]  # type: ignore[index]
    assert order[:4] == ["module_sender.log", "reader.log", "retry_1.cap", "retry_1.cap"]
    assert order.index("module_sender.log", 1) > order.index("retry_1.cap")
    assert "IP 192.168.40.1.55354 > 192.168.40.16.24: Flags [S], seq 3786582180, win 65535" in rows[2]


def test_words_are_found_in_texts_and_filters_in_captures(client: Client, viewer: Any, stalled_run: Run) -> None:
    client.force_login(viewer)
    assert "send blocked 4.643 s" in text_of(client, stalled_run, "?q=SEND+Blocked")
    assert len(text_of(client, stalled_run, "?q=SEND+Blocked").splitlines()) == 3
    resets = text_of(client, stalled_run, "?q=remark+spurious_retransmission&fold=0").splitlines()
    assert resets
    assert all(row.endswith("(retry_1.cap)") for row in resets)
    assert "host 192.168.40.16" in page(client, stalled_run, "?q=192.168.40.16")


def test_a_masked_secret_is_not_found(client: Client, viewer: Any, small_run: Run) -> None:
    client.force_login(viewer)
    assert "0 of 14 events" in page(client, small_run, "?q=hunter3")
    assert "1 of 14 events" in page(client, small_run, "?q=step+3")


@pytest.mark.parametrize(
    "query", ["?places=nothing", "?places=%23", "?zero=b.log:1", "?open=x", "?q=%00", "?only=x", "?zero=a.log:0"]
)
def test_odd_addresses_are_told_or_ignored(client: Client, viewer: Any, small_run: Run, query: str) -> None:
    client.force_login(viewer)
    assert "Merged timeline" in page(client, small_run, query)


def test_places_without_events_are_told(client: Client, viewer: Any, small_run: Run) -> None:
    client.force_login(viewer)
    assert "No event stands at these places." in page(client, small_run, "?places=a.log:99")
    assert "These are no places" in page(client, small_run, "?places=a.log")


def test_repetitions_are_folded_and_unfolded(client: Client, viewer: Any, stalled_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, stalled_run)
    folded = re.search(r"(\d+) more frames alike of retry_1.cap folded", text)
    assert folded
    unfold = unescape(re.search(r'href="(\?[^"]*fold=0[^"]*)#rows"', text)[1])  # type: ignore[index]
    assert "folded" not in page(client, stalled_run, unfold).partition("<tbody>")[2].partition("</tbody>")[0]


@pytest.mark.parametrize(("who", "status"), [("owner", 302), ("reviewer", 302), ("viewer", 404), ("stranger", 404)])
def test_who_may_leave_marks_and_correct_clocks(client: Client, request: Any, small_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    mark = client.post(reverse("timeline_mark", args=(small_run.key,)), {"place": "a.log:3", "text": "look here"})
    clock = client.post(reverse("file_clock", args=(small_run.key, small_run.files.get(path="a.log").pk)), {"offset": "1"})
    assert (mark.status_code, clock.status_code) == (status, status)
    assert small_run.marks.count() == (status == 302)


def test_a_mark_is_shown_kept_once_and_removed(client: Client, reviewer: Any, small_run: Run) -> None:
    client.force_login(reviewer)
    address = reverse("timeline_mark", args=(small_run.key,))
    for _ in range(2):
        client.post(address, {"place": "a.log:3"})
    back = client.post(address, {"place": "a.log:4", "text": "<b>why</b>", "query": "range=17:50:00..17:50:05"})
    assert back["Location"].endswith("?range=17%3A50%3A00..17%3A50%3A05#rows")
    assert TimelineMark.objects.count() == 2
    text = page(client, small_run, "?only=marked")
    assert "2 of 14 events" in text
    assert "&lt;b&gt;why&lt;/b&gt;" in text
    for mark in small_run.marks.all():
        client.post(reverse("timeline_unmark", args=(small_run.key, mark.pk)))
    assert small_run.marks.count() == 0
    told = client.get(reverse("run_activity", args=(small_run.key,))).content.decode()
    assert "marked on the timeline: a.log:3" in told
    assert "mark removed from the timeline: a.log:3" in told


@pytest.mark.parametrize("place", ["", "other.log:3", "a.log", "a.log:0", "\0"])
def test_a_mark_needs_a_place_of_the_run(client: Client, reviewer: Any, small_run: Run, place: str) -> None:
    client.force_login(reviewer)
    client.post(reverse("timeline_mark", args=(small_run.key,)), {"place": place})
    assert small_run.marks.count() == 0


def test_a_corrected_clock_moves_the_rows_and_is_undone(client: Client, reviewer: Any, small_run: Run) -> None:
    client.force_login(reviewer)
    address = reverse("file_clock", args=(small_run.key, small_run.files.get(path="a.log").pk))
    client.post(address, {"zone": "Z", "offset": "-2.5"})
    text = page(client, work_off(small_run), "?fold=0")
    assert "02:49:57" in text  # 17:50:00 read as UTC, minus 2.5 s, in Tokyo the next day
    assert "corrected by a person" in text
    client.post(address, {})
    assert "17:50:00" in page(client, work_off(small_run), "?fold=0")


def test_times_without_a_date_get_one_from_a_person(client: Client, reviewer: Any, team: Team) -> None:
    run = run_service.create_run(team, "night")
    run_service.add_files(run, [incoming("night.log", "".join(f"03:1{n}:00 worker idle\n" for n in range(6)).encode())])
    client.force_login(reviewer)
    assert "No event with a time" in page(client, work_off(run))
    client.post(reverse("file_clock", args=(run.key, run.files.get().pk)), {"date": "2026-11-21"})
    text = page(client, work_off(run))
    assert "6 of 6 events" in text
    assert "2026-11-21" in text


@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Base"}, {"offset": "soon"}, {"offset": "1e99"}, {"offset": "NaN"}, {"date": "2026-13-01"}]
)
def test_a_wrong_correction_changes_nothing(client: Client, reviewer: Any, small_run: Run, wrong: dict[str, str]) -> None:
    client.force_login(reviewer)
    file = small_run.files.get(path="a.log")
    client.post(reverse("file_clock", args=(small_run.key, file.pk)), wrong)
    file.refresh_from_db()
    assert not file.has_clock_correction


def test_times_that_people_wrote_are_rows(client: Client, viewer: Any, team: Team) -> None:
    run = run_service.create_run(team, "noted")
    note = "# 作業メモ 2026-11-20\n\n- 2026-11-20 17:50:03 に restart した。\n- 17:55頃 に復旧した。\n"
    lines = "".join(LOG.format(s=s, ms=0, text=f"step {s}") for s in range(4))
    run_service.add_files(run, [incoming("a.log", lines.encode()), incoming("memo.md", note.encode())])
    client.force_login(viewer)
    text = page(client, work_off(run), "?fold=0")
    assert "17:50:03<i> stated</i>" in text
    assert "17:55<i> ≈</i>" in text
    assert "に復旧した。" in text


def test_the_level_of_one_event_is_that_of_all_at_once(stalled_run: Run) -> None:
    report = load_report(stalled_run)
    assert report
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, lane in enumerate(timeline.run_lanes(stalled_run, report, tables_of(stalled_run))):
        positions = np.arange(len(lane.rows))
        events = [timeline.Event(lane=number, position=at, ts_ns=0, row=int(lane.rows[at])) for at in positions.tolist()]
        found[lane.kind] |= {timeline.level_of(lane, event) for event in events}
        assert [timeline.level_of(lane, event) for event in events] == timeline.levels(lane, positions).tolist()
    assert len(found["frame"]) > 2
