"""What the layers of the analysis hand each other: frozen structs, one family a file.

A module in this folder is found by itself; nothing is listed by hand. `fact_types()` gives every kind of fact, which is how
stored facts are read back (`decode_facts`).
"""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Union

import msgspec

from runs.analysis.facts.base import Citation, Endpoint, Fact, Stamp

__all__ = ["Citation", "Endpoint", "Fact", "Stamp", "decode_facts", "encode_facts", "fact_types"]


def _subclasses(cls: type[Fact]) -> Iterator[type[Fact]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


@cache
def fact_types() -> tuple[type[Fact], ...]:
    """Every kind of fact, in a stable order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return tuple(sorted(_subclasses(Fact), key=lambda t: t.__name__))


@cache
def _decoder() -> msgspec.json.Decoder[list[Fact]]:
    union: Any = Union[fact_types()]  # noqa: UP007  # known only when running
    return msgspec.json.Decoder(list[union])


def encode_facts(facts: Sequence[Fact]) -> bytes:
    """Facts as JSON, each tagged with its type's name."""
    return msgspec.json.encode(list(facts))


def decode_facts(data: bytes) -> list[Fact]:
    """The facts of `encode_facts`; raises msgspec.ValidationError for anything else."""
    return _decoder().decode(data)
