"""Every sentence of a report: declared once, beside the rule or parser that says it, in English and Japanese.

    NO_ANSWER = message("response_missing.title", en="{responder} never answers", ja="{responder} は応答しない")
    text = NO_ANSWER(responder="127.0.0.1:9080")          # a Text: id and parameters, what a report stores
    render(text, lang="ja")                               # words

A field may carry one of our formats: {n:count} {size:bytes} {wait:duration} {at:time} {names:list} {n:plural:frame|frames}.
Durations and times are integer nanoseconds. A parameter may be a Text itself, or a list of them.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

LANGUAGES = ("en", "ja")
NBSP = "\N{NO-BREAK SPACE}"
_FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_REGISTRY: dict[str, "Message"] = {}

Param = Any  # str | int | float | bool | None | Text | list of these; msgspec needs no closed union here


class Text(msgspec.Struct, frozen=True):
    """A sentence without words: the message's id and its parameters."""

    id: str
    params: dict[str, Any] = {}


class Message:
    """A sentence in both languages; call it with its parameters to get a Text."""

    def __init__(self, id: str, en: str, ja: str) -> None:
        self.id, self.words = id, {"en": en, "ja": ja}
        self.fields = _fields(en) | _fields(ja)
        english, japanese = _fields(en, but="plural"), _fields(ja, but="plural")
        if japanese != english:
            raise ValueError(f"message {id}: English has {sorted(english)}, Japanese {sorted(japanese)}")

    def __call__(self, **params: Param) -> Text:
        if params.keys() != self.fields:
            raise TypeError(f"message {self.id} takes {sorted(self.fields)}, not {sorted(params)}")
        return Text(self.id, params)


def _fields(words: str, but: str | None = None) -> frozenset[str]:
    """The parameters that a template uses, leaving out those in one format only (a plural's number says nothing by itself)."""
    return frozenset(m[1] for m in _FIELD.finditer(words) if but is None or (m[2] or "").partition(":")[0] != but)


def message(id: str, *, en: str, ja: str) -> Message:
    """Declare a sentence; an id is declared once. Raises ValueError for a second declaration or unequal parameters."""
    made = Message(id, en, ja)
    known = _REGISTRY.setdefault(id, made)
    if known is not made and known.words != made.words:
        raise ValueError(f"message id {id} is declared twice")
    return known


AS_IS = message("plain", en="{text}", ja="{text}")
"""Words that are the same in every language: what a person or a program wrote."""


def plain(text: str) -> Text:
    """A Text of words that are shown as they are."""
    return AS_IS(text=text)


def render(text: Text, lang: str = "en", zone: tzinfo = UTC) -> str:
    """The words of a Text; times are shown in `zone`. An unknown id (a report of a newer version) shows id and parameters."""
    known = _REGISTRY.get(text.id)
    if known is None:
        known = _registered_late(text.id)
    if known is None:
        return f"{text.id} {text.params}"

    def field(match: re.Match[str]) -> str:
        value = text.params.get(match[1])
        return _format(value, match[2] or "", lang, zone)

    return _FIELD.sub(field, known.words[lang])


def _registered_late(id: str) -> Message | None:
    """A message whose module was not imported yet: import all that declare messages, then look again."""
    from runs.analysis import registry  # here, because the registry imports messages

    registry.discover()
    return _REGISTRY.get(id)


def _format(value: Any, spec: str, lang: str, zone: tzinfo) -> str:
    if isinstance(value, dict) and "id" in value and "params" in value:  # a Text that came back from JSON
        value = Text(value["id"], value["params"])
    if isinstance(value, Text):
        return render(value, lang, zone)
    name, _, rest = spec.partition(":")
    if name == "list" or isinstance(value, (list, tuple)):
        parts = [_format(v, "" if name == "list" else spec, lang, zone) for v in value or ()]
        return ("、" if lang == "ja" else ", ").join(parts)
    if name == "plural":
        one, _, many = rest.partition("|")
        return one if value == 1 else many
    made = _FORMATS.get(name)
    return made(value, lang, zone) if made and value is not None else str(value)


def _count(value: int, lang: str, zone: tzinfo) -> str:
    return f"{value:,}"


def _bytes(value: int, lang: str, zone: tzinfo) -> str:
    unit = "byte" if lang == "ja" or value == 1 else "bytes"
    return f"{value:,}{NBSP}{unit}"


def duration(ns: int) -> str:
    """A duration in words of the field: '13 µs', '1.026 ms', '15.1 s', '120.001 s'. At most three decimals, none that are 0."""
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000)):
        if abs(ns) >= size:
            digits = 3 if unit == "s" or abs(ns) < 100 * size else 1
            shown = f"{ns / size:.{digits}f}"
            return f"{shown.rstrip('0').rstrip('.')}{NBSP}{unit}"
    return f"{ns}{NBSP}ns"


def _duration(value: int, lang: str, zone: tzinfo) -> str:
    return duration(value)


def clock_time(ts_ns: int, zone: tzinfo, digits: int = 3) -> str:
    """'17:50:19.325' in the zone; the fraction is cut, not rounded, and left out when it is 0."""
    second, rest = divmod(ts_ns, 1_000_000_000)
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        shown = moment.astimezone(zone).strftime("%H:%M:%S")
    except OverflowError:
        return f"{ts_ns}{NBSP}ns"
    return f"{shown}.{rest:09d}"[: 9 + digits] if rest else shown


def _time(value: int, lang: str, zone: tzinfo) -> str:
    return clock_time(value, zone)


_FORMATS: dict[str, Callable[[Any, str, tzinfo], str]] = {"count": _count, "bytes": _bytes, "duration": _duration, "time": _time}
