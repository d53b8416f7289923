"""Notes and runbooks: documents that notes name, known and unknown; lessons and ways back kept as sections."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import EvidenceFile, Run, Runbook, Team
from runs.services import runbook_state, runbooks, runs
from runs.services.runbook_notes import parts_of, references_of
from tests.portal_fixtures import incoming, work_off

README = """# RUN_ID 20260401Tx 証跡

- 収集日時 (JST): 2026-04-01 07:48〜07:57
- 目的: 応答しない事象の調査
- 参照: `analysis.md`（要約）、`docs/ops/GATE_RUNBOOK.md §8/§77`、`OTHER_RUNBOOK.md` §2

| ファイル | 取得方法 | 所見 |
|---|---|---|
| note.md | 手書き | 記録 |
"""
NOTE = """# 作業記録

## 学んだこと

1. **表を先に見る**: 対向の一覧があった `<script>alert(1)</script>`

### 切り戻し手順

```bash
ip route del 10.9.0.0/16
curl -H 'Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789' http://192.0.2.1/
```

## 関係ないこと

- 昼食
"""


@pytest.fixture
def run(team: Team) -> Run:
    made = runs.create_run(team, "notes")
    runs.add_files(made, [incoming("README.md", README.encode()), incoming("note.md", NOTE.encode())])
    return work_off(made)


@pytest.fixture
def note(run: Run) -> EvidenceFile:
    return run.files.get(path="note.md")


def test_named_documents_become_links_when_they_are_known(client: Client, run: Run, team: Team, viewer: User) -> None:
    book = runbooks.create(team, "gate_runbook.md", "## 8. Silent\n\nx", None)
    found = {one.name: one for one in references_of(run, run.files.all())}
    assert set(found) == {"docs/ops/GATE_RUNBOOK.md", "OTHER_RUNBOOK.md"}
    gate, other = found["docs/ops/GATE_RUNBOOK.md"], found["OTHER_RUNBOOK.md"]
    assert gate.runbook == book
    assert [(anchor, section is not None) for anchor, section in gate.sections] == [("§8", True), ("§77", False)]
    assert (other.runbook, other.line, [anchor for anchor, _ in other.sections]) == (None, 5, ["§2"])
    client.force_login(viewer)
    page = client.get(f"/runs/{run.key}/").content.decode()
    assert f'href="/runbooks/{book.pk}/#%C2%A78"' in page
    assert "no such section" in page
    assert "OTHER_RUNBOOK.md" in page
    assert '<span class="tag">unknown</span>' in page


def test_references_follow_names_and_withdrawals(run: Run, team: Team, reviewer: User) -> None:
    def known() -> dict[str, Runbook | None]:
        return {one.name: one.runbook for one in references_of(run, run.files.all())}

    book = runbooks.create(team, "old_runbook.md", "## 8. Silent\n\nx", None)
    assert known() == {"docs/ops/GATE_RUNBOOK.md": None, "OTHER_RUNBOOK.md": None}
    runbook_state.rename(book, "GATE_RUNBOOK.md", 1, reviewer)
    assert known() == {"docs/ops/GATE_RUNBOOK.md": book, "OTHER_RUNBOOK.md": None}
    runbook_state.rename(book, "OTHER_RUNBOOK.md", 2, reviewer)
    assert known() == {"docs/ops/GATE_RUNBOOK.md": None, "OTHER_RUNBOOK.md": book}
    runbook_state.withdraw(book, reviewer)
    assert known() == {"docs/ops/GATE_RUNBOOK.md": None, "OTHER_RUNBOOK.md": None}


def test_lessons_and_ways_back_are_offered(note: EvidenceFile) -> None:
    assert [(part.kind, part.heading) for part in parts_of(note)] == [("learned", "学んだこと"), ("rollback", "切り戻し手順")]


def test_one_action_makes_a_section(client: Client, run: Run, note: EvidenceFile, team: Team, reviewer: User) -> None:
    client.force_login(reviewer)
    address = f"/runs/{run.key}/files/{note.pk}/promote/"
    lesson, undo = parts_of(note)
    assert client.post(address, {"line": str(lesson.line), "runbook": ""}).status_code == 302
    made = Runbook.objects.get()
    answer = client.post(address, {"line": str(undo.line), "runbook": str(made.pk)})
    assert answer.headers["Location"].startswith(f"/runbooks/{made.pk}/#")
    body = runbooks.newest_version(Runbook.objects.get()).body
    assert "ip route del 10.9.0.0/16" in body
    assert f"`notes`, `note.md`, line {undo.line}" in body
    assert "abcdefghijklmnopqrstuvwxyz0123456789" not in body
    page = client.get(f"/runbooks/{made.pk}/").content.decode()
    assert "<script>alert" not in page
    assert [row.heading for row in made.sections.current()] == ["学んだこと", "切り戻し手順"]


def test_who_may_promote(client: Client, run: Run, note: EvidenceFile, owner: User, viewer: User, stranger: User) -> None:
    address, line = f"/runs/{run.key}/files/{note.pk}/promote/", str(parts_of(note)[0].line)
    theirs = runbooks.create(stranger.memberships.get().team, "THEIRS.md", "x", None)
    for user in (viewer, stranger):
        client.force_login(user)
        assert client.post(address, {"line": line}).status_code == 404
    client.force_login(viewer)
    assert "/promote/" not in client.get(f"/runs/{run.key}/files/{note.pk}/").content.decode()
    client.force_login(owner)
    assert "/promote/" in client.get(f"/runs/{run.key}/files/{note.pk}/").content.decode()
    assert client.post(address, {"line": line, "runbook": str(theirs.pk)}).status_code == 404
    for odd in ("", "0", "9999", "x"):
        assert client.post(address, {"line": odd}).status_code == 302
    assert Runbook.objects.count() == 1
    assert client.post(address, {"line": line}).status_code == 302
    assert Runbook.objects.count() == 2
