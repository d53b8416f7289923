"""Kernels: functions over columns that run as plain Python for small captures and compiled by numba for large ones.

A kernel is written in what both understand: integers (masked, never beyond 63 bits), tuples, numpy arrays, records and other kernels.
numba takes a second to import and loads compiled code from its cache, so a capture of a few hundred frames never touches it.
The cache lies in a directory named after the kernels' sources: numba itself does not see that a called kernel has changed.
"""

import hashlib
import importlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

COMPILE_FROM_BYTES = 1 << 20
"""Captures of this size and more are read by compiled kernels that are ready; below, importing numba costs more than it saves."""
COMPILE_UNREADY_FROM_BYTES = 16 << 20
"""From this size on kernels are compiled first where none are ready, which takes some 20 s of processor time."""
KEPT_SECONDS = 7 * 86_400

_HERE = Path(__file__).parent
_kernels: set[Callable[..., Any]] = set()
_compiled: dict[Callable[..., Any], Callable[..., Any]] = {}


def kernel(function: F) -> F:
    """Mark a function as a kernel. Called directly it is plain Python; `Engine` gives its compiled form."""
    _kernels.add(function)
    return function


class Engine:
    """How the kernels of one reading run. `engine(kernel)` is the function to call."""

    def __init__(self, size_bytes: int) -> None:
        worthwhile = size_bytes >= COMPILE_UNREADY_FROM_BYTES or (size_bytes >= COMPILE_FROM_BYTES and is_ready())
        self.is_compiled = bool(_compiled) or worthwhile

    def __call__(self, function: F) -> F:
        return compiled(function) if self.is_compiled else function

    def view(self, data: Any) -> Any:
        """Bytes (a u1 array) as the kernels of this engine read them fastest."""
        return data if self.is_compiled else memoryview(data)

    def records(self, rows: Any) -> Any:
        """Records (a structured array) whose fields the kernels of this engine can name."""
        return rows if self.is_compiled else rows.view(_record_array())


def _record_array() -> Any:
    import numpy as np

    return np.recarray


def compiled(function: F) -> F:
    """The kernel compiled by numba, with the kernels it calls."""
    if function not in _compiled:
        numba = _numba()
        python = cast(FunctionType, function)
        called = {name: compiled(value) for name, value in _called(python).items()}
        signed = {"int": numba.int64}  # numba's own int() keeps numbers unsigned, and unsigned with signed makes floats
        linked = FunctionType(python.__code__, {**python.__globals__, **called, **signed}, python.__name__, python.__defaults__)
        linked.__qualname__ = python.__qualname__
        dispatcher = numba.njit(linked, cache=numba.config.CACHE_DIR != "", nogil=True, _nrt=False, forceinline=True)
        _load_lightly(dispatcher)
        _compiled[function] = dispatcher
    return cast(F, _compiled[function])


def _load_lightly(dispatcher: Any) -> None:
    """Let kept machine code be loaded without numba's tables of types and their code, which only compiling needs.

    Filling them takes a quarter of a second. Where nothing is kept, numba's compiler fills them itself.
    """
    cache: Any = getattr(dispatcher, "_cache", None)
    if not hasattr(cache, "_load_overload") or not hasattr(cache, "_guard_against_spurious_io_errors"):
        return  # another numba than the pinned one: its own way

    def load(signature: Any, context: Any) -> Any:
        with cache._guard_against_spurious_io_errors():
            return cache._load_overload(signature, context)

    cache.load_overload = load


def _called(function: FunctionType) -> dict[str, Callable[..., Any]]:
    """The kernels that a kernel calls, by the names it calls them by."""
    names = _names(function.__code__)
    values = {name: function.__globals__[name] for name in names if name in function.__globals__}
    return {name: value for name, value in values.items() if isinstance(value, FunctionType) and value in _kernels}


def _names(code: CodeType) -> set[str]:
    return set(code.co_names).union(*(_names(c) for c in code.co_consts if isinstance(c, CodeType)))


def _numba() -> Any:
    """numba, its cache set to a directory of ours; without a writable one it compiles in memory."""
    numba = importlib.import_module("numba")  # here, because small captures do without it
    if _compiled:
        return numba

    directory = cache_directory()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        numba.config.CACHE_DIR = str(directory) if os.access(directory, os.W_OK) else ""
    except OSError:
        numba.config.CACHE_DIR = ""
    return numba


def cache_directory() -> Path:
    """Where compiled kernels are kept: $NUMBA_CACHE_DIR or var/numba of the work tree, in a directory for this state of the sources."""
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or _HERE.parents[2] / "var" / "numba")
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        text = source.read_bytes()
        if b"@kernel" in text:
            digest.update(text)
    return base / digest.hexdigest()[:16]


def is_cached() -> bool:
    """Whether what this process compiles is kept for others."""
    return bool(_numba().config.CACHE_DIR)


def is_ready() -> bool:
    """Whether the cache holds all kernels for this processor and these versions (`warm.py` fills it)."""
    return _ready_mark().exists()


def note_ready() -> None:
    """Say that the cache holds all kernels now, and drop what earlier sources left there."""
    mark = _ready_mark()
    mark.touch()
    for other in mark.parent.parent.iterdir():
        if other != mark.parent and time.time() - other.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def _ready_mark() -> Path:
    built_for = (sys.version, version("numba"), version("llvmlite"), platform.machine(), _processor())
    return cache_directory() / f"ready-{hashlib.sha256(repr(built_for).encode()).hexdigest()[:16]}"


def _processor() -> str:
    """What numba tells processors apart by: their model and features."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(line for line in lines if line.startswith(("model", "flags", "Features", "CPU ")))
