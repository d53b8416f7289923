"""Facts are kept by content, kind and version: a parser's code never changes without its version."""

from tests.house import parser_code


def test_no_parser_changed_without_its_version() -> None:
    assert parser_code.unraised() == [], "raise VERSION in these parsers, then `make parser-lock`"


def test_every_parser_is_noted_as_it_stands() -> None:
    noted = {kind: (version, code) for kind, (version, code) in parser_code.kept().items()}
    version = parser_code.versions()
    assert noted == {kind: (version[kind], code) for kind, code in parser_code.digests().items()}, "run `make parser-lock`"


def test_words_and_comments_are_no_code() -> None:
    same = ("'''One.'''\nX = message('a', en='b', ja='c')  # why\n", "'''Two.'''\nX = message('a', en='d', ja='e')\n")
    other = "X = message('b', en='b', ja='c')\n"
    import ast

    dumps = [ast.dump(parser_code._Essence().visit(ast.parse(code))) for code in (*same, other)]
    assert dumps[0] == dumps[1] != dumps[2]
