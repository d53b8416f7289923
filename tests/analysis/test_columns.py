"""Containers of columns: what is written is read, and nothing else is."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.columns import ALIGNMENT, Array, ColumnsError, Table, open_table, write


def stored(table: Table, path: Path) -> Path:
    with path.open("wb") as file:
        assert write(table, file) == file.tell()
    return path


def test_a_table_comes_back_mapped_and_aligned(tmp_path: Path) -> None:
    columns: dict[str, Array] = {
        "a": np.arange(5, dtype=np.uint8),
        "b": np.arange(10, dtype=np.int64).reshape(5, 2),
        "c": np.zeros(5, "16u1"),
    }
    found = open_table(stored(Table(columns, {"zone": "日本"}), tmp_path / "t"))
    assert found.meta == {"zone": "日本"}
    assert len(found) == 5
    for name, column in columns.items():
        assert found[name].dtype.base == column.dtype.base
        assert (found[name] == column).all()
        assert found[name].ctypes.data % ALIGNMENT == 0
        assert not found[name].flags.writeable


def test_a_table_without_rows(tmp_path: Path) -> None:
    found = open_table(stored(Table({"a": np.empty(0, np.int64), "b": np.empty((0, 3), np.uint8)}), tmp_path / "t"))
    assert len(found) == 0
    assert found["b"].shape == (0, 3)


def test_unequal_columns_and_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="rows"):
        write(Table({"a": np.zeros(2), "b": np.zeros(3)}), io.BytesIO())
    with pytest.raises(ValueError, match="objects"):
        write(Table({"a": np.array(["x", None], object)}), io.BytesIO())


@given(st.integers(min_value=0, max_value=400))
def test_a_cut_container_is_an_error_not_a_crash(size: int) -> None:
    buffer = io.BytesIO()
    whole = write(Table({"a": np.arange(20, dtype=np.int64), "b": np.arange(20, dtype=np.int64)}), buffer)
    refused(buffer.getvalue()[: min(size, whole - 1)])


@given(st.binary(max_size=200))
def test_other_bytes_are_an_error(data: bytes) -> None:
    refused(data)


def refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "container"
        path.write_bytes(data)
        with pytest.raises(ColumnsError):
            open_table(path)
