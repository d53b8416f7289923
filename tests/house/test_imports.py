"""The house's own rules about imports: contracts hold, every part loads and says what it is."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("parsers", "correlators", "rules")


def modules_of(part: str) -> list[str]:
    package = importlib.import_module(f"runs.analysis.{part}")
    return [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]


MODULES = [name for part in PARTS for name in modules_of(part)]


def test_there_is_something_to_look_at() -> None:
    for part in PARTS:
        assert modules_of(part), part


@pytest.mark.parametrize("name", MODULES)
def test_part_loads_and_says_what_it_is(name: str) -> None:
    doc = importlib.import_module(name).__doc__ or ""
    assert len(doc.splitlines()[0] if doc else "") > 20, f"{name} does not say what it is"


def test_import_contracts_hold(project: Path) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_analysis_needs_no_database_queue_or_web(project: Path) -> None:
    """What `analyse` starts with: importing the whole analysis loads none of these."""
    code = (
        "import sys, runs.analysis.pipeline, runs.analysis.judge;"
        "sys.exit(' '.join(sorted({'django', 'celery', 'redis', 'kombu', 'boto3', 'gunicorn'} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
