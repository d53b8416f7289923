"""The reports of the recorded bundles are the kept ones; `make golden` writes them anew."""

import pytest

from tests.analysis.bundles import NAMES
from tests.golden import HERE, reports


def test_there_are_bundles() -> None:
    assert NAMES
    assert {path.name for path in HERE.glob("*.json")} == {f"{name}.json" for name in NAMES}


@pytest.mark.golden
@pytest.mark.parametrize("name", NAMES)
def test_report(name: str, write_golden: bool) -> None:
    for path, text in reports(name).items():
        if write_golden:
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8"), f"{path.name}: run `make golden` and read the difference"
