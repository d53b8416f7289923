"""The catalogues say what the pages look up: nothing untranslated, nothing left over, the compiled file up to date."""

import pytest

from tests.house import catalogues

AGAIN = "run `make messages`, translate what it names, and run it again"


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_word_is_translated_and_none_is_left_over(language: str) -> None:
    stored = catalogues.read(language)
    wanted = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in catalogues.collect() if m.id}
    kept = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in stored if m.id}
    assert len(wanted) > 100
    assert wanted == kept, AGAIN
    assert not catalogues.missing(stored), AGAIN


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    assert (catalogues.folder(language) / "django.mo").read_bytes() == catalogues.compiled(catalogues.read(language)), AGAIN


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    stored = catalogues.read(language)
    for message in stored:
        errors = [str(error) for error in message.check(stored)] if message.id else []
        assert not errors, (message.id, errors)
