"""A dissected frame: layers of fields, each with its place in the frame."""

from typing import NamedTuple


class Field(NamedTuple):
    """A field: its value in words, and the bytes it stands in."""

    name: str
    value: str
    offset: int
    length: int
    children: tuple["Field", ...] = ()


class Layer(NamedTuple):
    """A header, or what a payload holds."""

    name: str
    offset: int
    length: int
    fields: tuple[Field, ...]
