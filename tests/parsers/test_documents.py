"""Documents with pasted evidence give what their JSON says."""

import json
from pathlib import Path

import pytest

from tests.parsers.documents import documents, outcome


def test_there_are_documents() -> None:
    assert len(documents()) >= 3


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_document(path: Path) -> None:
    assert json.loads(json.dumps(outcome(path))) == json.loads(path.with_suffix(".json").read_text("utf-8"))
