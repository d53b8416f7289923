"""For all tests: which of them run one after the other, which are left out, and the browser they drive."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

_LEFT_OUT = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make golden` writes the kept reports anew."""
    parser.addoption("--write-golden", action="store_true", help="write golden files instead of comparing with them")


@pytest.fixture
def write_golden(request: pytest.FixtureRequest) -> bool:
    """Whether this run writes golden files."""
    return bool(request.config.getoption("--write-golden"))


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is left out yet."""
    config.stash[_LEFT_OUT] = 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start whole portals run one after the other; BROWSER=none leaves the browser's out."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("stack"):
            item.add_marker(pytest.mark.xdist_group("machine"))
    if os.environ.get("BROWSER") == "none":
        left_out = [item for item in items if item.get_closest_marker("browser")]
        items[:] = [item for item in items if not item.get_closest_marker("browser")]
        config.stash[_LEFT_OUT] = len(left_out)
        if hasattr(config, "workeroutput"):
            config.workeroutput["left_out"] = len(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Every xdist worker collects the same tests: one's number is the number."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many browser tests BROWSER=none left out."""
    if os.environ.get("BROWSER") == "none":
        terminalreporter.write_line(f"{config.stash[_LEFT_OUT]} browser tests were left out (BROWSER=none)")


@pytest.fixture(scope="session")
def project() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parent.parent


def find_chromium() -> str | None:
    """The browser's program: what CHROMIUM names, or one on PATH."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program: what `make test` found, or one on PATH."""
    if found := find_chromium():
        return found
    pytest.fail("no Chromium: install it, or leave the browser tests out with BROWSER=none")
