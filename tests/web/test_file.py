"""A file's page: lines with their numbers, marks where a link asks for them, nothing active, and only for the team."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, FileState, Run, Team
from runs.services import runs as run_service
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db


def make(team: Team, path: str, data: bytes) -> EvidenceFile:
    run = run_service.create_run(team, "crafted")
    run_service.add_files(run, [incoming(path, data)])
    return work_off(run).files.get()


def page(client: Client, file: EvidenceFile, query: str = "") -> str:
    response = client.get(reverse("file", args=(file.run.key, file.pk)) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def curl_log(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="curl_localhost_9080_ipv4.log")


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_sees_it(client: Client, request: Any, curl_log: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("file", args=(curl_log.run.key, curl_log.pk))).status_code == status


def test_a_visitor_is_sent_to_sign_in(client: Client, curl_log: EvidenceFile) -> None:
    assert client.get(reverse("file", args=(curl_log.run.key, curl_log.pk))).status_code == 302


def test_a_file_of_another_run_is_not_there(client: Client, viewer: Any, curl_log: EvidenceFile, healthy_run: Run) -> None:
    client.force_login(viewer)
    assert client.get(reverse("file", args=(healthy_run.key, curl_log.pk))).status_code == 404


def test_asked_lines_are_marked(client: Client, viewer: Any, curl_log: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, curl_log, "?lines=4-5,13")
    for line in (4, 5, 13):
        assert f'<tr id="L{line}" class="cited asked">' in text
    assert '<tr id="L6" class="cited asked">' not in text
    assert '<span class="ctl">CR</span>' in text
    assert "updates folded" in text
    assert "SHA-256" in text


def test_findings_stand_beside_the_lines_they_cite(client: Client, viewer: Any, concluded_run: Run) -> None:
    from runs.services.reports import load_report

    report = load_report(concluded_run)
    assert report is not None
    cited = [(f, c) for f in report.findings for c in f.citations if c.lines]
    finding, citation = cited[0]
    client.force_login(viewer)
    text = page(client, concluded_run.files.get(path=citation.file), f"?lines={citation.lines[0]}")
    assert f"?open={finding.id}#{finding.id}" in text


def test_hostile_names_and_contents_stay_text(client: Client, viewer: Any, team: Team) -> None:
    data = b"<script>alert(1)</script>\n\x1b[31mred\x1b[0m \xe2\x80\xae gnp\x00\n<img src=x onerror=alert(1)>\n"
    file = make(team, "<img src=x onerror=alert(2)>\u202egpj.log", data)
    client.force_login(viewer)
    text = page(client, file)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert '<span class="ctl">RLO</span>' in text
    assert '<span class="ctl">NUL</span>' in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_secrets_are_masked(client: Client, viewer: Any, team: Team) -> None:
    data = b"> GET / HTTP/1.1\r\n> Authorization: Basic dXNlcjpodW50ZXIy\r\n> Cookie: sid=s3cr3tsid\r\n"
    file = make(team, "notes.txt", data)
    client.force_login(viewer)
    text = page(client, file)
    assert "dXNlcjpodW50ZXIy" not in text
    assert "s3cr3tsid" not in text
    assert text.count('class="masked"') == 2


def test_a_later_line_begins_the_page_near_it(client: Client, viewer: Any, team: Team) -> None:
    file = make(team, "long.txt", b"".join(b"line %d of many\n" % n for n in range(1, 3001)))
    client.force_login(viewer)
    text = page(client, file, "?lines=2000")
    assert '<tr id="L2000" class="cited asked">' in text
    assert 'id="L1960"' in text
    assert 'id="L1959"' not in text
    assert "line 2000 of many" in text
    assert "from=1460" in text
    assert "from=2460" in text


def test_equal_lines_are_folded_and_unfolded(client: Client, viewer: Any, team: Team) -> None:
    file = make(team, "same.txt", b"same\n" * 100 + b"other\n")
    client.force_login(viewer)
    assert "99 equal lines folded." in page(client, file)
    assert 'id="L50"' in page(client, file, "?fold=no")
    assert 'id="L50" class="cited asked"' in page(client, file, "?lines=50")


@pytest.mark.parametrize(
    "query", ["?lines=x", "?lines=0", "?lines=9-1", "?lines=" + "9" * 400, "?from=-1", "?from=99999999999", "?whole=9"]
)
def test_odd_addresses_show_the_file(client: Client, viewer: Any, curl_log: EvidenceFile, query: str) -> None:
    client.force_login(viewer)
    assert 'class="src"' in page(client, curl_log, query)


def test_shift_jis_is_decoded(client: Client, viewer: Any, team: Team) -> None:
    file = make(team, "memo.txt", "診断メモ: 応答が返らない。\n".encode("cp932") * 20)
    client.force_login(viewer)
    text = page(client, file)
    assert "応答が返らない" in text
    assert "SHIFT_JIS" in text


def test_bytes_are_shown_as_hex(client: Client, viewer: Any, team: Team) -> None:
    file = make(team, "odd.bin", bytes(range(256)) * 40 + b"Authorization: Basic c2VjcmV0OnNlY3JldA==\n")
    client.force_login(viewer)
    text = page(client, file)
    assert "00 01 02 03" in text
    assert "00000ff0" in text
    last = page(client, file, "?from=8192")
    assert "c2VjcmV0" not in last
    assert "**" in last


def test_an_empty_and_a_refused_file_say_so(client: Client, viewer: Any, team: Team) -> None:
    empty = make(team, "empty.log", b"")
    client.force_login(viewer)
    assert "An empty file" in page(client, empty)
    EvidenceFile.objects.filter(pk=empty.pk).update(state=FileState.REFUSED, blob=None)
    empty.refresh_from_db()
    assert "was refused" in page(client, empty)


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 404), ("stranger", 404)])
def test_reviewers_download_the_original(client: Client, request: Any, curl_log: EvidenceFile, who: str, status: int) -> None:
    from django.contrib.admin.models import LogEntry

    client.force_login(request.getfixturevalue(who))
    response = client.get(reverse("file_download", args=(curl_log.run.key, curl_log.pk)))
    assert response.status_code == status
    assert LogEntry.objects.count() == (1 if status == 200 else 0)
    if status == 200:
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox")
        assert response["Content-Disposition"].startswith("attachment")
        assert len(b"".join(response)) == curl_log.size_bytes


def test_a_hostile_name_is_a_harmless_download_name(client: Client, reviewer: Any, team: Team) -> None:
    file = make(team, 'a"b\r\nSet-Cookie: x=1\u202egpj.log', b"x\n")
    client.force_login(reviewer)
    disposition = client.get(reverse("file_download", args=(file.run.key, file.pk)))["Content-Disposition"]
    assert "\n" not in disposition
    assert disposition.startswith("attachment")
