"""The report as a README: every file a row, and nothing in the evidence becomes Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.facts.base import Citation
from runs.analysis.facts.notes import DocumentHeader, FileNote
from runs.analysis.messages import LANGUAGES
from runs.analysis.report_markdown import cited, code, safe, to_markdown
from tests.analysis.bundles import NAMES, judged, parsed
from tests.kit import Run, Talk, timed_out, tried


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_file_and_finding_stands_in_it(name: str, lang: str) -> None:
    report, _ = judged(name, parsed(name))
    text = to_markdown(report, lang)
    assert text.startswith(f"# RUN_ID={name} ")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(report.files)
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)
    assert all(f"**{f.id} " in text for f in report.findings)
    assert text.endswith("\n")


def test_hostile_names_and_notes_stay_text() -> None:
    name = "a|b`c`<img src=x>\u202e.log"
    note = FileNote(path=name, line=5, command="cat `x` | sh", remark="[click](javascript:alert(1)) **bold** | cell")
    header = DocumentHeader(run_id="<script>", title="t", purpose="# heading\nnew")
    run = Run().add("README.md", header, note).curl(name, tried(), **timed_out(9))
    text = to_markdown(run.report())
    assert "<script>" not in text
    assert "\u202e" not in text
    assert "[click](" not in text
    assert "\\[click\\]" in text
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(row.replace("\\|", "").count("|") == 6 for row in table)


@given(st.text(max_size=60))
def test_no_text_breaks_out_of_a_code_span_or_a_cell(words: str) -> None:
    shown = code(words)
    assert "\n" not in shown
    assert shown.replace("\\|", "").count("|") == 0
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert f" {shown} ".count(fence) == 2 if words.strip("`") else True
    assert "\n" not in safe(words)


def test_citations_are_ranges() -> None:
    assert cited(Citation("a.pcap", frames=(1, 2, 3, 7))) == "`a.pcap#1-3,7`"
    assert cited(Citation("a.log", lines=(9,))) == "`a.log:9`"
    assert cited(Citation("a.log")) == "`a.log`"


def test_a_consequence_is_set_in_beneath_its_cause() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin()).curl("c.log", tried(), **timed_out(30))
    lines = to_markdown(run.report()).splitlines()
    assert [line[:6] for line in lines if "**F1 " in line or "**F2 " in line] == ["- **F1", "  - **"]


def test_times_are_the_run_s() -> None:
    run = Run(timezone="Asia/Tokyo").capture("a.pcap", Talk().opens())
    assert "08:06:40" in to_markdown(run.report())
