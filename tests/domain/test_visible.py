"""Evidence text made visible: nothing of a line can reorder, hide or forge what stands beside it."""

from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.secrets import Masker
from runs.analysis.domain.visible import FOLD_CHARACTERS, pieces, visible

MASKER = Masker(b"key")


def shown(text: str, **options: bool) -> list[tuple[str, str]]:
    return [(p.kind, p.text) for p in pieces(text, MASKER, **options)]


def test_control_and_bidirectional_characters_have_names() -> None:
    assert shown("a\x00b\u202egnp.exe") == [
        ("text", "a"),
        ("control", "NUL"),
        ("text", "b"),
        ("control", "RLO"),
        ("text", "gnp.exe"),
    ]
    assert visible("evil\u202egnp.\x07") == "evil‹RLO›gnp.‹BEL›"
    assert visible("tag \U000e0041") == "tag ‹U+E0041›"


def test_a_tab_stays_and_a_carriage_return_is_named() -> None:
    assert shown("a\tb\r") == [("text", "a\tb"), ("control", "CR")]


def test_colours_become_marks_and_other_escapes_are_named() -> None:
    assert shown("\x1b[31mred\x1b[0m") == [("colour", "31"), ("text", "red"), ("colour", "0")]
    assert shown("\x1b[2J") == [("control", "ESC"), ("text", "[2J")]


def test_secrets_become_tokens() -> None:
    kinds = shown("Cookie: sid=s3cr3t")
    assert kinds[0] == ("text", "Cookie: sid=")
    assert kinds[1] == ("secret", MASKER.token("s3cr3t"))
    assert shown("MIIE", hidden=True) == [("secret", MASKER.token("MIIE"))]


def test_progress_updates_are_folded_with_their_count() -> None:
    line = "".join(f"\r  0  0:00:{n:02d}" for n in range(40)) + "* timed out"
    made = pieces(line, MASKER)
    folded = [p for p in made if p.kind == "repeated"]
    assert [p.times for p in folded] == [37]
    assert "* timed out" in made[-1].text
    assert sum(p.length for p in made) == len(line)
    assert not any(p.kind == "repeated" for p in pieces(line, MASKER, whole=True))


def test_a_long_line_is_folded() -> None:
    made = pieces("x" * 10_000, MASKER)
    assert made[-1].kind == "more"
    assert made[-1].length == 10_000 - FOLD_CHARACTERS
    assert len(pieces("x" * 10_000, MASKER, whole=True)) == 1


@given(st.text(max_size=300), st.booleans())
def test_every_character_of_the_line_is_accounted_for(text: str, whole: bool) -> None:
    made = pieces(text, MASKER, whole=whole)
    assert sum(p.length for p in made) == len(text)
    joined = "".join(p.text for p in made)
    assert joined.encode() is not None
    assert not any(ord(c) < 32 and c != "\t" for c in joined)
