"""Runbooks: how a text is split, that sections outlive edits, that the later writer is told, and what a folder brings."""

import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis import registry
from runs.models import RUNBOOK_MAX_CHARS, Event, HistoryEntry, Runbook, Team
from runs.services import runbooks
from runs.services.review import Stale
from runs.services.runbook_sections import TOPICS, anchor_of, numbers_named, split


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("§8 Silent port", "§8"), ("8. Silent port", "§8"), ("8.2 Deeper", "§8.2"), ("８．全角", "§8"), ("第9章 復旧", "§9"),
        ("§9", "§9"), ("10) Ten", "§10"), ("When the port is silent?", "when-the-port-is-silent"), ("ポートが黙る", "ポートが黙る"),
        ("3com switch", "3com-switch"), ("***", "section"),
    ],
)  # fmt: skip
def test_anchors(heading: str, anchor: str) -> None:
    assert anchor_of(heading) == anchor


def test_headings_in_code_begin_nothing_and_anchors_are_unique() -> None:
    parts = split(
        "before\n# A\n```\n# not one\ntopics: dns\n```\n## A\ntopics: DNS, `mtu`、wifi\n\nwords\nUnder\n=====\n> # quoted"
    )
    assert [(p.anchor, p.level, p.line) for p in parts] == [("start", 0, 1), ("a", 1, 2), ("a-2", 2, 7), ("words-under", 1, 10)]
    assert (parts[1].topics, parts[2].topics, parts[2].unknown_topics) == ((), ("dns", "mtu"), ("wifi",))
    assert "# not one" in parts[1].body
    assert "topics" not in parts[2].body


@given(st.text(alphabet=st.sampled_from("#§1. \n`topics:,dns-=>ａ\u202e"), max_size=300))
def test_no_line_is_lost_and_no_anchor_twice(text: str) -> None:
    parts = split(text)
    assert len({part.anchor for part in parts}) == len(parts)
    assert [part.line for part in parts] == sorted(part.line for part in parts)


@pytest.mark.parametrize("unit", ["> ", "[", "`", "*a_", "# x\n", "- ", "| a ", "topics: a\n", "![](", "<"])
def test_harmful_text_is_split_in_time(unit: str) -> None:
    text = (unit * RUNBOOK_MAX_CHARS)[: RUNBOOK_MAX_CHARS // 4]
    begin = time.process_time()
    assert len(split(text)) <= 1_001
    assert time.process_time() - begin < 20


def test_every_topic_of_a_rule_is_one_that_sections_can_declare() -> None:
    assert {topic for rule in registry.rules().values() for topic in rule.topics} <= set(TOPICS)


def test_references_name_sections() -> None:
    assert numbers_named("x_RUNBOOK.md §8/§9 (§8), ＃10") == ["§8", "§9"]


def test_sections_outlive_edits(team: Team, reviewer: User) -> None:
    book = runbooks.create(team, "R.md", "## 1. One\n\na\n\n## Two\n\nb\n\n## 3. Three\n\nc", reviewer)
    before = {row.anchor: row.pk for row in book.sections.all()}
    runbooks.save(book, "## Zero\n\n## 1. Renamed, and other words\n\nx\n\n## Second\n\nb", 1, reviewer)
    now = {row.anchor: row for row in book.sections.current()}
    assert now["§1"].pk == before["§1"]
    assert now["second"].pk == before["two"]  # the heading was reworded, its words stayed
    assert not book.sections.get(pk=before["§3"]).is_current
    runbooks.save(book, "## 3. Three again\n\nc", 2, reviewer)
    assert [(row.pk, row.is_current) for row in book.sections.filter(anchor="§3")] == [(before["§3"], True)]


def test_versions_are_kept_and_never_rewritten(team: Team, reviewer: User) -> None:
    book = runbooks.create(team, "R.md", "a", reviewer)
    assert runbooks.save(book, "a\r\n".strip(), 1, reviewer).number == 1  # the same words
    second = runbooks.save(book, "b", 1, reviewer)
    with pytest.raises(Stale):
        runbooks.save(book, "c", 1, reviewer)
    with pytest.raises(TypeError):
        second.save()
    assert [(v.number, v.body) for v in book.versions.order_by("number")] == [(1, "a"), (2, "b")]
    saved = HistoryEntry.objects.filter(event=Event.RUNBOOK_SAVED, team=team).order_by("pk")
    assert [entry.after and entry.after["version"] for entry in saved] == [1, 2]


def test_a_folder_is_imported_once(team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "A_RUNBOOK.md").write_text("# A", encoding="utf-8")
    (tmp_path / "deep" / "b.markdown").write_text("# B", encoding="utf-8")
    (tmp_path / "no.txt").write_text("no", encoding="utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "no.txt")
    call_command("import_runbooks", str(tmp_path), "--team", team.slug)
    assert sorted(Runbook.objects.values_list("name", flat=True)) == ["A_RUNBOOK.md", "b.markdown"]
    (tmp_path / "A_RUNBOOK.md").write_text("# A\n\nmore", encoding="utf-8")
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError):
        call_command("import_runbooks", str(tmp_path))
    said = capsys.readouterr().out
    assert "A_RUNBOOK.md: a new version" in said
    assert "b.markdown: unchanged" in said
    assert "bad.md: not taken: it is not UTF-8" in said
    assert Runbook.objects.get(name="A_RUNBOOK.md").version == 2


def test_the_command_says_what_it_lacks(team: Team, tmp_path: Path) -> None:
    for arguments in ([str(tmp_path / "none")], [str(tmp_path)], [str(tmp_path), "--team", "nobody"]):
        with pytest.raises(CommandError):
            call_command("import_runbooks", *arguments)
    Team.objects.create(name="Second", slug="second")
    (tmp_path / "a.md").write_text("a", encoding="utf-8")
    with pytest.raises(CommandError, match="several teams"):
        call_command("import_runbooks", str(tmp_path))
