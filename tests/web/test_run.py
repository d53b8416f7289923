"""The run page: who sees it, what it shows of a report, what it shows while there is none, and that evidence stays text."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.analysis.facts.base import Citation
from runs.analysis.messages import plain
from runs.analysis.report import FileReport, Statement
from runs.models import EvidenceFile, Run, Team
from runs.wording import shown_text
from tests.web.sample_report import README, attempt, finding, report, run_with, verdict

HTMX = {"HX-Request": "true"}
EVIL = "<script>alert(1)</script>\"'\u202e\x1b[31m\x00"


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    client.force_login(member)
    return client


def page(client: Client, run: Run, query: str = "", **headers: str) -> str:
    answer = client.get(f"/runs/{run.key}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """What a reader sees: no tags, spaces joined."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_members_see_it_strangers_get_404(
    client: Client, run: Run, owner: User, member: User, viewer: User, stranger: User
) -> None:
    for user in (owner, member, viewer):
        client.force_login(user)
        assert client.get(f"/runs/{run.key}/").status_code == 200
        assert client.get(f"/runs/{run.key}/progress/").status_code == 200
    client.force_login(stranger)
    for page_of in ("", "progress/", "delete/"):
        assert client.get(f"/runs/{run.key}/{page_of}").status_code == 404
    for action in ("label/", "reanalyse/", "delete/"):
        assert client.post(f"/runs/{run.key}/{action}", {"label": "x"}).status_code == 404


def test_viewers_read_and_change_nothing(client: Client, run: Run, viewer: User) -> None:
    client.force_login(viewer)
    shown = page(client, run)
    assert "Re-analyse" not in shown
    assert "Delete this run" not in shown
    for action in ("label/", "reanalyse/", "delete/"):
        assert client.post(f"/runs/{run.key}/{action}", {"label": "x"}).status_code == 404
    run.refresh_from_db()
    assert (run.label, run.state) == ("20261120Tsample", "concluded")


def test_the_verdict_stands_with_its_reasons_and_its_limits(signed_in: Client, run: Run) -> None:
    shown = words(page(signed_in, run))
    for part in (
        "localhost:9080 never answers",
        "The GET of 116 bytes is acknowledged",
        "Excluded No pf rule blocks 9080",
        "Not decidable from this bundle Whether it stops in the forwarder",
        "2026-11-20 17:50:19 – 17:54:06",
        "Collected (JST)",
        "3 of 7 parsed",
        "7 files: 3 parsed, 1 partial, 1 unrecognised, 1 failed, 1 refused",
        "5 rules: 1 found, 1 noted, 1 excluded, 1 not evaluable, 1 rule crashed",
    ):
        assert part in shown, part


def test_the_failing_phase_is_filled_and_what_follows_from_it_is_not(signed_in: Client, run: Run) -> None:
    html = page(signed_in, run)
    matrix = html[html.index('class="mx"') : html.index("</table>")]
    fault, aside = matrix.split("<tr")[2:4]
    assert fault.count('class="is-failed"') == 1
    assert fault.count('class="is-failed is-late"') == 1
    assert 'class="is-failed"' not in aside
    assert '<th class="stop">first byte</th>' in matrix
    assert "waited 120.001" in words(matrix)


def test_citations_link_to_their_place(signed_in: Client, run: Run) -> None:
    html = page(signed_in, run)
    capture = run.files.get(path="capture/lo0_9080.pcap").pk
    log = run.files.get(path="curl_ipv4.log").pk
    assert f'href="/runs/{run.key}/files/{capture}/frames/?frames=1-3#F1"' in html
    assert f'href="/runs/{run.key}/files/{log}/?lines=13#L13"' in html


def test_a_citation_of_a_file_that_went_is_a_plain_chip(signed_in: Client, run: Run) -> None:
    EvidenceFile.objects.filter(run=run, path="curl_ipv4.log").delete()
    html = page(signed_in, run)
    assert '<span class="cite" title="curl_ipv4.log :13"><span>curl_ipv4.log</span><b>:13</b></span>' in html


def test_one_finding_stands_open_and_any_can_be_opened(signed_in: Client, run: Run) -> None:
    assert page(signed_in, run).count('aria-expanded="true"') == 1
    shown = page(signed_in, run, "?open=F3")
    assert re.search(r'class="fnd open" id="F3"', shown)
    assert shown.count('aria-expanded="true"') == 1
    assert page(signed_in, run, "?open=all").count('aria-expanded="true"') == 3
    assert page(signed_in, run, "?open=").count('aria-expanded="true"') == 0


def test_htmx_gets_the_finding_alone_and_the_back_button_the_page(signed_in: Client, run: Run) -> None:
    part = page(signed_in, run, "?open=F1&finding=F1", **HTMX)
    assert part.lstrip().startswith("<article") or "<article" in part[:200]
    assert "<html" not in part
    assert "What would refute it" in part
    assert "sudo lsof -nP" in part
    assert "<html" in page(signed_in, run, "?open=F1&finding=F1", **HTMX, **{"HX-History-Restore-Request": "true"})
    assert signed_in.get(f"/runs/{run.key}/?finding=F99", headers=HTMX).status_code == 404


def test_a_consequence_hangs_under_its_cause(signed_in: Client, team: Team) -> None:
    late = finding("F9", plain("the cause"))
    run = run_with(team, report(findings=(finding("F1", because=("F9",)), late), verdict=verdict(root="F9")))
    html = page(signed_in, run)
    assert html.index('id="F9"') < html.index('id="F1"')
    assert re.search(r'class="fnd because[^"]*" id="F1"', html)
    circle = run_with(team, report(findings=(finding("F1", because=("F2",)), finding("F2", because=("F1",)))), "circle")
    assert page(signed_in, circle).count("<article") == 2


def test_zero_findings_are_no_success(signed_in: Client, team: Team) -> None:
    empty = verdict(outcome="not_evaluable", title=plain("Nothing to judge."), root=None, excluded=(), undecided=())
    html = page(signed_in, run_with(team, report(findings=(), attempts=(), verdict=empty)))
    assert "No rule fired" in html
    assert "this is no proof that all is well" in html
    section = html[html.index('id="findings"') : html.index('id="coverage"')]
    assert "m-ok" not in section
    assert "log show --last 1h" in html


def test_a_run_whose_files_were_all_refused_still_shows_them(signed_in: Client, team: Team) -> None:
    refused = tuple(f for f in report().files if f.state == "refused")
    html = page(signed_in, run_with(team, report(files=refused, attempts=(), findings=(), window=None)))
    assert "1 file: 0 parsed, 0 partial, 0 unrecognised, 0 failed, 1 refused" in words(html)
    assert "leaves the folder" in html


def test_it_speaks_japanese(signed_in: Client, run: Run) -> None:
    signed_in.cookies["django_language"] = "ja"
    shown = words(page(signed_in, run))
    for part in (
        "localhost:9080 は応答しない",
        "除外できたこと",
        "到達性",
        "先頭バイト",
        "判定不能",
        "120.001 s 待機",
        "確実",
    ):
        assert part in shown, part


def test_hostile_evidence_stays_text(signed_in: Client, team: Team) -> None:
    evil = plain(EVIL)
    cited = Citation(EVIL, frames=(1,), lines=(2,))
    hostile = report(
        purpose=EVIL,
        title=EVIL,
        timezone=EVIL,
        purpose_at=cited,
        verdict=verdict(title=evil, statements=(Statement(evil, (cited,)),), excluded=(Statement(evil, (cited,)),)),
        findings=(finding(title=evil, topics=(EVIL,), refuted_by=evil),),
        files=(FileReport(path=EVIL, kind=EVIL, state="parsed", size_bytes=1, sha256="", noted=EVIL, command=EVIL),),
    )
    run = run_with(team, hostile, label=EVIL)
    html = page(signed_in, run, "?open=all")
    assert "<script>alert" not in html
    assert not set("\u202e\x1b\x00") & set(html)
    assert "‹RLO›" in html


def test_lone_surrogates_do_not_break_the_page(signed_in: Client, team: Team) -> None:
    bad = "caf\udce9.log"
    hostile = report(
        verdict=verdict(title=plain("caf\\udce9"), statements=(Statement(plain("x"), (Citation("gone", lines=(1,)),)),))
    )
    run = run_with(team, hostile)
    assert shown_text(bad) == "caf‹U+DCE9›.log"
    assert page(signed_in, run)


def test_secrets_in_what_people_wrote_are_masked(signed_in: Client, team: Team) -> None:
    files = (
        FileReport(
            path=README, kind="markdown", state="parsed", size_bytes=1, sha256="",
            command="curl -H 'Authorization: Bearer abcdef0123456789abcdef' http://x/",
        ),
    )  # fmt: skip
    html = page(signed_in, run_with(team, report(files=files)))
    assert "abcdef0123456789abcdef" not in html
    assert "masked" in html


def test_many_attempts_are_cut_and_can_all_be_seen(signed_in: Client, team: Team) -> None:
    run = run_with(team, report(attempts=tuple(attempt() for _ in range(60))))
    assert page(signed_in, run).count('scope="row"') == 24
    assert "Show all 60 attempts" in page(signed_in, run)
    assert page(signed_in, run, "?attempts=all").count('scope="row"') == 60


def test_more_files_and_findings_need_no_more_queries(signed_in: Client, team: Team, run: Run) -> None:
    again = run_with(team, report(), "again")  # its findings were seen before, as those of the big one
    page(signed_in, run)
    with CaptureQueriesContext(connection) as few:
        page(signed_in, again)
    rows = tuple(FileReport(path=f"f{n}.log", kind="text", state="parsed", size_bytes=1, sha256="") for n in range(120))
    big = run_with(team, report(files=rows, findings=tuple(finding(f"F{n}") for n in range(40))), "big")
    with CaptureQueriesContext(connection) as many:
        page(signed_in, big)
    assert len(many) == len(few) <= 19


def test_no_page_of_it_has_inline_script_or_style(signed_in: Client, run: Run, queued_run: Run) -> None:
    for html in (page(signed_in, run, "?open=all"), page(signed_in, queued_run)):
        assert " style=" not in html
        assert not re.search(r"<script(?![^>]* src=)", html)
        assert not re.search(r" on[a-z]+=", html)


def test_the_recorded_bundle_shows_its_verdict_and_all_its_files(signed_in: Client, concluded_run: Run) -> None:
    html = page(signed_in, concluded_run, "?open=all")
    shown = words(html)
    assert "16 of 16 parsed" in shown
    assert "critical" in shown
    assert "response_missing" in shown
    assert '<th class="stop">first byte</th>' in html
    for file in concluded_run.files.all():
        assert f'href="/runs/{concluded_run.key}/files/{file.pk}/"' in html, file.path
    assert "{'" not in shown  # a sentence that nobody declared would show its parameters
