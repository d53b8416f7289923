"""The comparison page: the stall beside its healthy twin, two folders of one run, who may see it, and baselines."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from runs.models import Run, Team
from runs.services import runs as run_service
from tests.portal_fixtures import files_of, incoming, work_off

pytestmark = pytest.mark.django_db

ROUTE = "2001:db8:7::1 via fe80::1 dev eth1 metric 1024\ndefault via fe80::1 dev eth1 metric 1024\n"
PROMPT = "root@gw:~# ip -6 route\n"


def page(client: Client, run: Run, query: str, language: str = "en") -> str:
    response = client.get(reverse("compare", args=(run.key,)) + query, headers={"accept-language": language})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(response.content.decode().replace("\N{NO-BREAK SPACE}", " ")))


@pytest.fixture
def halves_run(team: Team) -> Run:
    run = run_service.create_run(team, "halves")
    files = [
        incoming("ok/route.txt", (PROMPT + ROUTE).encode()),
        incoming("ng/route.txt", (PROMPT + ROUTE.splitlines()[0] + "\n").encode()),
    ]
    run_service.add_files(run, files)
    return work_off(run)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Both are alike up to frame 5; then one answers with 257 bytes after 12.368 ms, the other with nothing for 120.001 s.",
        ),
        ("ja", "フレーム 5 までは同じ。その後、一方は 12.368 ms で 257 byte を応答し、他方は 120.001 s 何も応答しない。"),
    ],
)
def test_the_stall_beside_its_healthy_twin(
    client: Client, viewer: Any, concluded_run: Run, healthy_run: Run, language: str, said: str
) -> None:
    client.force_login(viewer)
    for first, second in ((concluded_run, healthy_run), (healthy_run, concluded_run)):
        assert said in page(client, first, f"?with={second.key}", language)


def test_each_sides_places_lead_to_its_own_run(client: Client, viewer: Any, concluded_run: Run, healthy_run: Run) -> None:
    client.force_login(viewer)
    text = client.get(reverse("compare", args=(concluded_run.key,)) + f"?with={healthy_run.key}").content.decode()
    said = text.partition('<ul class="say">')[2].partition("</ul>")[0]
    good, bad, *_ = said.split("<li>")[1:]
    assert f"/runs/{healthy_run.key}/" in good
    assert f"/runs/{concluded_run.key}/" in bad


def test_folders_of_one_run_differ_in_their_routes(client: Client, viewer: Any, halves_run: Run) -> None:
    client.force_login(viewer)
    assert "?parts=ng..ok" in client.get(reverse("compare", args=(halves_run.key,))).content.decode()
    text = page(client, halves_run, "?parts=ng..ok")
    assert "1 difference" in text
    assert "::/0" in text


def test_a_run_without_a_twin_says_what_to_do(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    assert "Upload one in which it works." in page(client, concluded_run, "")


def test_what_one_side_did_not_list_is_not_comparable(client: Client, viewer: Any, concluded_run: Run, halves_run: Run) -> None:
    client.force_login(viewer)
    text = page(client, halves_run, f"?with={concluded_run.key}")
    assert "routes IPv6: no listing in 20261120Tnetdiag3" in text
    assert "identical" not in text.partition("Configuration")[2]


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_compares(client: Client, request: Any, concluded_run: Run, healthy_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("compare", args=(concluded_run.key,)) + f"?with={healthy_run.key}").status_code == status


def test_a_run_of_others_is_not_compared(client: Client, viewer: Any, concluded_run: Run) -> None:
    others = work_off_run(Team.objects.create(name="Others", slug="others"))
    client.force_login(viewer)
    assert client.get(reverse("compare", args=(concluded_run.key,)) + f"?with={others.key}").status_code == 404


def work_off_run(team: Team) -> Run:
    run = run_service.create_run(team, "theirs")
    run_service.add_files(run, [incoming("a.txt", b"nothing\n")])
    return work_off(run)


@pytest.mark.parametrize("query", ["?with=none", "?parts=x..y"])
def test_unknown_sides_are_not_found(client: Client, viewer: Any, concluded_run: Run, query: str) -> None:
    client.force_login(viewer)
    assert client.get(reverse("compare", args=(concluded_run.key,)) + query).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("owner", 302), ("reviewer", 302), ("viewer", 404), ("stranger", 404)])
def test_who_may_set_a_baseline(client: Client, request: Any, healthy_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.post(reverse("baseline", args=(healthy_run.key,)), {"baseline": "on"}).status_code == status
    healthy_run.refresh_from_db()
    assert healthy_run.is_baseline is (status == 302)


def test_a_baseline_of_the_same_service_is_offered(client: Client, reviewer: Any, concluded_run: Run, healthy_run: Run) -> None:
    client.force_login(reviewer)
    client.post(reverse("baseline", args=(healthy_run.key,)), {"baseline": "on"})
    client.post(reverse("baseline", args=(healthy_run.key,)), {"baseline": "on"})
    for page in ("compare", "run"):
        assert f"?with={healthy_run.key}" in client.get(reverse(page, args=(concluded_run.key,))).content.decode()
    client.post(reverse("baseline", args=(healthy_run.key,)))
    for page in ("compare", "run"):
        assert f"?with={healthy_run.key}" not in client.get(reverse(page, args=(concluded_run.key,))).content.decode()
    told = client.get(reverse("run_activity", args=(healthy_run.key,))).content.decode()
    assert told.count("marked as a baseline of its services") == 1
    assert "no longer a baseline" in told


@pytest.mark.parametrize(
    ("language", "heading", "told"),
    [
        (
            "en",
            "First divergence",
            ("First, only in ng: The DHCPv6 lease", "Then: vyos has no route to", "Then: Tunnel mape shows as up"),
        ),
        (
            "ja",
            "最初の差異",
            ("最初の差異（ng のみ）：eth1 の DHCPv6 リース", "続いて：vyos に", "続いて：トンネル mape は UP と表示される"),
        ),
    ],
)
def test_a_tunnel_that_stops_begins_with_its_lease(
    client: Client, viewer: Any, team: Team, project: Path, language: str, heading: str, told: tuple[str, ...]
) -> None:
    run = run_service.create_run(team, "mape")
    run_service.add_files(run, files_of(project / "tests" / "fixtures" / "bundles" / "20261120Tmape1"))
    client.force_login(viewer)
    text = page(client, work_off(run), "?parts=ng..ok", language)
    places = [text.index(heading), *(text.index(words) for words in told)]
    assert places == sorted(places)


def test_a_folder_may_be_named_with_dots_and_a_run_is_no_other_of_itself(client: Client, owner: Any, team: Team) -> None:
    run = run_service.create_run(team, "dots", owner)
    run_service.add_files(run, [incoming(f"{folder}/a.log", b"2026-11-20T17:50:00Z app: up\n") for folder in ("v1..2", "v1..3")])
    work_off(run)
    client.force_login(owner)
    address = reverse("compare", args=(run.key,))
    link = re.search(r'href="(\?parts=[^"]+)"', client.get(address).content.decode())
    assert link
    chosen = client.get(address + link[1])
    assert chosen.status_code == 200
    assert "v1..2" in strip_tags(chosen.content.decode())
    assert 'id="ch"' in client.get(f"{address}?with={run.key}").content.decode()
