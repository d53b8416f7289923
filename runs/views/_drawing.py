"""Pictures as data: strokes, boxes and words with their places, for the template `_drawing.html`."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Stroke(NamedTuple):
    """A path, the class that colours it, and what a pointer is told."""

    path: str
    kind: str
    title: str = ""


class Label(NamedTuple):
    """Words at a place; `href` makes them a link."""

    x: float
    y: float
    words: str
    kind: str = ""
    anchor: str = "start"
    href: str = ""


class Box(NamedTuple):
    """A rectangle that covers what is behind it."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "sheet"


@dataclass
class Drawing:
    """A picture of this size in its own units; `left` and `top` are the corner of what is seen."""

    title: str
    width: float
    height: float
    left: float = 0
    strokes: list[Stroke] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    over: list[Stroke] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
