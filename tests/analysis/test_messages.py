"""Messages: both languages, every format, and no brace left over in any sentence of the product."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from runs.analysis import messages, registry
from runs.analysis.messages import LANGUAGES, Text, clock_time, duration, message, plain, render

JST = timezone(timedelta(hours=9))


def all_messages() -> list[messages.Message]:
    registry.discover()
    return [m for m in messages._REGISTRY.values() if not m.id.startswith("test.")]


def sample(declared: messages.Message) -> dict[str, Any]:
    """Parameters that every format takes."""
    specs = {m[1]: m[2] or "" for words in declared.words.values() for m in messages._FIELD.finditer(words)}
    return {name: ["a", "b"] if spec == "list" else 2 if spec else "x" for name, spec in specs.items()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_the_product_keeps_a_brace(lang: str) -> None:
    declared = all_messages()
    assert len(declared) > 300
    for one in declared:
        shown = render(one(**sample(one)), lang)
        assert shown.strip(), one.id
        assert not set("{}") & set(shown), (one.id, shown)


def test_long_sentences_are_translated() -> None:
    same = [m.id for m in all_messages() if m.words["en"] == m.words["ja"] and len(m.words["en"]) > 40]
    assert not same


def test_formats() -> None:
    both = message(
        "test.all",
        en="{n:count} {n:plural:frame|frames}, {size:bytes}, {wait:duration}, {at:time}, {names:list}, {inner}",
        ja="{n:count} 件、{size:bytes}、{wait:duration}、{at:time}、{names:list}、{inner}",
    )
    values = {"n": 1234, "size": 1, "wait": 1_026_000, "at": 30_600_000_000_001, "names": ["a", plain("b")], "inner": plain("{x}")}
    assert render(both(**values)) == "1,234 frames, 1\xa0byte, 1.026\xa0ms, 08:30:00, a, b, {x}".replace("08:30:00", "08:30:00.000")
    assert render(both(**values), "ja", JST) == "1,234 件、1\xa0byte、1.026\xa0ms、17:30:00.000、a、b、{x}"


@pytest.mark.parametrize(
    ("ns", "shown"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (13_000, "13 µs"),
        (1_026_000, "1.026 ms"),
        (15_104_000_000, "15.104 s"),
        (8_000_000_000, "8 s"),
    ],
)
def test_durations(ns: int, shown: str) -> None:
    assert duration(ns).replace("\xa0", " ") == shown


def test_a_fraction_is_cut_not_rounded() -> None:
    assert clock_time(1_999_999_999, JST) == "09:00:01.999"


def test_a_time_beyond_the_calendar_is_still_shown() -> None:
    assert "ns" in clock_time(10**30, JST)


def test_a_text_that_came_back_from_json_renders() -> None:
    outer = message("test.outer", en="<{inner}>", ja="<{inner}>")
    assert (
        render(Text("test.outer", {"inner": {"id": "plain", "params": {"text": "x"}}})) == "<x>" == render(outer(inner=plain("x")))
    )


def test_an_unknown_id_shows_itself() -> None:
    assert "of.tomorrow" in render(Text("of.tomorrow", {"n": 1}))


def test_declaring_is_strict() -> None:
    with pytest.raises(ValueError, match="English has"):
        message("test.unequal", en="{a}", ja="{b}")
    message("test.once", en="a", ja="b")
    with pytest.raises(ValueError, match="twice"):
        message("test.once", en="a", ja="c")
    with pytest.raises(TypeError, match="takes"):
        message("test.once", en="a", ja="b")(x=1)
