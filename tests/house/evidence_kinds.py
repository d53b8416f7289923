"""The table of evidence kinds, made from the parsers' own docstrings: `python -m tests.house.evidence_kinds` writes it anew."""

from pathlib import Path

from runs.analysis import registry
from runs.analysis.messages import render

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence-kinds.md"
HEAD = """# Evidence kinds

Every kind of file that is read, as its parser describes itself. A file is recognised by its content first and its name second;
the strongest reason takes it. This page is generated: `python -m tests.house.evidence_kinds`.

"""


def sections(document: str) -> tuple[str, list[str], str]:
    """A parser's docstring as its first sentence, its sample lines, and what it yields and refuses."""
    lines = document.strip("\n").split("\n")
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    title = " ".join(line.strip() for line in lines[:end])
    rest = lines[end:]
    samples = [line[4:] for line in rest if line.startswith("    ")]
    words = " ".join(line.strip() for line in rest if line.strip() and not line.startswith("    "))
    return title, samples, words


def written() -> str:
    """The whole page."""
    parts = [HEAD, "| kind | in words | what it is |\n| --- | --- | --- |\n"]
    details = []
    for kind, parser in registry.parsers().items():
        title, samples, words = sections(parser.__doc__ or "")
        cell = title.replace("|", "\\|")
        parts.append(f"| [`{kind}`](#{kind}) | {render(parser.TITLE)}<br>{render(parser.TITLE, 'ja')} | {cell} |\n")
        shown = "\n".join(samples)
        details.append(f"\n## {kind}\n\n{title}\n\n```text\n{shown}\n```\n\n{words}\n")
    return "".join([*parts, *details])


if __name__ == "__main__":
    DOCUMENT.write_text(written(), "utf-8")
