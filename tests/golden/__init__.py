"""Whole reports of the recorded bundles, kept to be read: JSON in English, Markdown in Japanese."""

from pathlib import Path

from runs.analysis.local import analyse
from runs.analysis.report_json import to_json
from runs.analysis.report_markdown import to_markdown
from tests.analysis.bundles import BUNDLES

HERE = Path(__file__).parent


def reports(name: str) -> dict[Path, str]:
    """What a bundle's report is now, by the file that keeps it."""
    analysis = analyse(BUNDLES / name)
    found = to_json(analysis.report, analysis.conversations).decode()
    return {
        HERE / f"{name}.json": found + "\n",
        HERE / f"{name}.ja.md": to_markdown(analysis.report, "ja"),
    }
