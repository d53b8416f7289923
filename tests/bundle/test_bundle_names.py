"""Names: what they become, and how they are shown."""

import pytest

from runs.analysis.bundle.limits import Limits
from runs.analysis.bundle.names import below, bundle_name, checked, common_folder, decode_name, numbered, shortened, shown_name


def test_control_and_bidirectional_characters_are_made_visible():
    assert shown_name("a\nb\x1b[31m\u202egpj.exe\u200b") == "a␊b␛[31m⟨U+202E⟩gpj.exe⟨U+200B⟩"
    assert shown_name("調査メモ①.txt") == "調査メモ①.txt"


def test_the_stored_name_keeps_them():
    assert checked("a\nb\u202e.log", Limits()) == ("a\nb\u202e.log", None)


def test_points_and_double_slashes_go():
    assert checked("./logs//a.log", Limits()) == ("logs/a.log", None)


@pytest.mark.parametrize("name", ["", ".", "./", "a\0b"])
def test_names_that_are_none(name):
    assert checked(name, Limits())[1] is not None


def test_long_names_are_shortened_in_the_middle():
    short, remark = shortened("あ" * 300 + ".log", 100)
    assert short.startswith("あああ")
    assert short.endswith(".log")
    assert len(short.encode()) <= 100
    assert remark is not None
    assert shortened("a.log", 100) == ("a.log", None)


def test_decoding():
    assert decode_name("①表.txt".encode("cp932")) == "①表.txt"
    assert decode_name("é.txt".encode()) == "é.txt"
    assert decode_name(b"\x80a") == "%80a"


def test_numbering():
    assert numbered("d/a.log", {"d/a.log": 2, "d/a (2).log": 2}) == "d/a (3).log"
    assert numbered(".profile", {".profile": 2}) == ".profile (2)"
    assert numbered("d.x/a", {"d.x/a": 2}) == "d.x/a (2)"


def test_a_bundle_is_named_after_its_archive():
    assert [bundle_name(n) for n in ("a.zip", "a.tar.zst", "a.TGZ", ".zip", "20260101T1")] == ["a", "a", "a", ".zip", "20260101T1"]


def test_the_common_folder():
    assert common_folder(["c/a", "c/d/b"], ["c/link", "../x", "/etc/x"]) == "c/"
    assert common_folder(["c/a", "b"], []) == ""
    assert common_folder(["c/a"], ["link"]) == ""
    assert common_folder([], ["c/a"]) == ""
    assert [below("c/", path) for path in ("c/a", "c/../../a", "/c/a")] == ["a", "c/../../a", "/c/a"]
