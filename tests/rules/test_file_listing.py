"""`file_missing` and `file_unlisted`: the README's table against the bundle."""

from time import process_time

from runs.analysis.facts.notes import FileNote
from tests.kit import Run, english, places


def table(*names: str, files: tuple[str, ...] = ()) -> Run:
    run = Run().add("docs/README.md", *(FileNote(path=name, line=10 + n) for n, name in enumerate(names)))
    for file in files:
        run.add(file)
    return run


def test_missing_fires_with_the_row() -> None:
    (found,) = table("a.pcap", "b.log", files=("docs/a.pcap",)).found("file_missing")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "low", "certain")
    assert "b.log" in english(found.title)
    assert places(found.statements) == {"docs/README.md": ((), (11,))}


def test_missing_is_silent_where_all_are_there_beside_or_above_or_named_once() -> None:
    run = table("a.pcap", "./b.log", "deep/c.txt", "d.txt", files=("docs/a.pcap", "b.log", "docs/deep/c.txt", "else/where/d.txt"))
    assert run.found("file_missing") == []
    assert places(run.excluded("file_missing")) == {"docs/README.md": ((), (10, 11, 12, 13))}


def test_a_name_that_two_folders_hold_names_neither() -> None:
    run = table("d.txt", files=("one/d.txt", "two/d.txt"))
    assert len(run.found("file_missing")) == 1


def test_unlisted_is_information() -> None:
    (found,) = table("a.pcap", files=("docs/a.pcap", "extra.log")).found("file_unlisted")
    assert (found.outcome, found.severity) == ("info", "info")
    assert [c.file for c in found.statements[0].citations] == ["extra.log"]


def test_unlisted_is_silent_about_readmes() -> None:
    run = table("a.pcap", files=("docs/a.pcap", "README_en.md"))
    assert run.found("file_unlisted") == []
    assert run.excluded("file_unlisted")


def test_not_evaluable_without_a_table() -> None:
    for rule in ("file_missing", "file_unlisted"):
        (unknown,) = Run().add("a.log").unknown(rule)
        assert "README with a file table" in english(unknown.missing[0])
        assert unknown.collect


def test_thousands_of_rows_take_no_time() -> None:
    names = tuple(f"f{n}.log" for n in range(3000))
    run = table(*names, files=tuple(f"logs/{name}" for name in names))
    started = process_time()
    assert run.found("file_missing") == []
    assert process_time() - started < 3
