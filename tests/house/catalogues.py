"""Collects the pages' words and compiles the catalogues: `python -m tests.house.catalogues`. Needs Babel, no system gettext.

Templates are read by Django's own parser, so that what is collected is exactly what a page looks up. New words stand in the
.po file with an empty translation; words that no page uses any more are dropped. Sentences of reports are not here: they stand
in both languages beside the code that says them (`runs/analysis/messages.py`).
"""

import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = ("ja",)
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip

Words = tuple[str, str | tuple[str, str], str | None]  # where, message or singular and plural, context


def words_of_code() -> Iterator[Words]:
    """What the Python of `portal` and `runs` looks up; the analysis has its own sentences."""
    for path in sorted([*PROJECT.glob("portal/**/*.py"), *PROJECT.glob("runs/**/*.py")]):
        place = path.relative_to(PROJECT).as_posix()
        if place.startswith(("runs/analysis/", "runs/migrations/")):
            continue
        with path.open("rb") as file:
            for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
                if message:
                    yield place, message if isinstance(message, str) else (message[0], message[1]), context


def words_of_templates() -> Iterator[Words]:
    """What the templates look up in `translate` and `blocktranslate`."""
    from django.template.base import Template
    from django.template.engine import Engine
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    engine = Engine.get_default()
    for path in sorted(PROJECT.glob("templates/**/*.*")):
        place = path.relative_to(PROJECT).as_posix()
        nodes: Any = Template(path.read_text(encoding="utf-8"), engine=engine).nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            literal = node.filter_expression.var
            words = literal if isinstance(literal, str) else literal.literal
            yield place, words, node.message_context.var if node.message_context else None
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            singular = node.render_token_list(node.singular)[0]
            words = (singular, node.render_token_list(node.plural)[0]) if node.plural else singular
            yield place, words, node.message_context.var if node.message_context else None


def collect() -> Catalog:
    """The words that pages look up, without translations."""
    catalog = Catalog(project="Konseki", version="1", charset="utf-8", fuzzy=False)
    for place, message, context in (*words_of_code(), *words_of_templates()):
        catalog.add(message, context=context, locations=[(place, 0)])
    return catalog


def folder(language: str) -> Path:
    """Where the language's catalogue stands."""
    return PROJECT / "runs" / "locale" / language / "LC_MESSAGES"


def read(language: str) -> Catalog:
    """The language's catalogue as it is stored."""
    with (folder(language) / "django.po").open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def compiled(catalog: Catalog) -> bytes:
    """The bytes of the .mo file."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update(language: str) -> Catalog:
    """Bring the stored catalogue up to date with the pages, and compile it."""
    catalog = read(language) if (folder(language) / "django.po").exists() else Catalog(locale=language)
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version, catalog.fuzzy = "Konseki", "1", False
    catalog.last_translator = catalog.language_team = "Konseki"
    catalog.creation_date = catalog.revision_date = FIXED  # a date of today would change the file without a change
    catalog.header_comment = "# Words of Konseki's pages; collected and compiled by `make messages`."
    store(language, catalog)
    return catalog


def store(language: str, catalog: Catalog) -> None:
    """Write the .po file, and the .mo file from what it says."""
    with (folder(language) / "django.po").open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    (folder(language) / "django.mo").write_bytes(compiled(read(language)))


def missing(catalog: Catalog) -> list[str]:
    """Words that have no translation yet."""
    return [str(m.id) for m in catalog if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


def main() -> int:
    """Update all catalogues; 1 where something waits for its translation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    waiting = 0
    for language in LANGUAGES:
        without = missing(update(language))
        waiting += len(without)
        for word in without:
            print(f"{language}: no translation: {word}")  # noqa: T201  # a command line tool
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
