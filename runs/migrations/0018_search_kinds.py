"""Kind and team of an entry become terms of the engines' indexes: a search of one kind reads no other's entries.

The folded text goes: phrases are looked for in the terms.
"""

from collections.abc import Sequence

from django.db import migrations

ROW = "{0}.terms || ' _' || {0}.kind || ' _team' || CAST({0}.team_id AS text)"
NEW, OLD = ROW.format("new"), ROW.format("old")
TABLE = "CREATE VIRTUAL TABLE runs_searchindex USING fts5(terms, content='runs_searchentry', content_rowid='id', {}, prefix='2 3')"
GONE = "INSERT INTO runs_searchindex(runs_searchindex, rowid, terms) VALUES ('delete', old.id, {})"
ADDED = "INSERT INTO runs_searchindex(rowid, terms) VALUES (new.id, {})"
FILL = "INSERT INTO runs_searchindex(rowid, terms) SELECT id, {} FROM runs_searchentry"
DROP = (
    "DROP TRIGGER runs_searchentry_changed",
    "DROP TRIGGER runs_searchentry_gone",
    "DROP TRIGGER runs_searchentry_added",
    "DROP TABLE runs_searchindex",
)


def _sqlite(tokenizer: str, new: str, old: str, row: str) -> tuple[str, ...]:
    return (
        TABLE.format(tokenizer),
        f"CREATE TRIGGER runs_searchentry_added AFTER INSERT ON runs_searchentry BEGIN {ADDED.format(new)}; END",
        f"CREATE TRIGGER runs_searchentry_gone AFTER DELETE ON runs_searchentry BEGIN {GONE.format(old)}; END",
        "CREATE TRIGGER runs_searchentry_changed AFTER UPDATE OF terms ON runs_searchentry BEGIN "
        f"{GONE.format(old)}; {ADDED.format(new)}; END",
        FILL.format(row),
    )


def _postgresql(row: str) -> tuple[str, ...]:
    return (
        "ALTER TABLE runs_searchentry ADD COLUMN words tsvector "
        f"GENERATED ALWAYS AS (array_to_tsvector(string_to_array({row}, ' '))) STORED",
        "CREATE INDEX entry_words ON runs_searchentry USING gin (words)",
    )


# '_' is a letter of these terms alone: no word of a text or a question has one
SQLITE = _sqlite("tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\"", NEW, OLD, ROW.format("runs_searchentry"))
SQLITE_BACK = _sqlite('tokenize="unicode61 remove_diacritics 0"', "new.terms", "old.terms", "terms")
POSTGRESQL = _postgresql("terms || ' _' || kind || ' _team' || CAST(team_id AS text)")
POSTGRESQL_BACK = _postgresql("terms")


def _run(editor, sqlite: Sequence[str], postgresql: Sequence[str]) -> None:
    for statement in sqlite if editor.connection.vendor == "sqlite" else postgresql:
        editor.execute(statement)


def no_index(apps, editor):
    _run(editor, DROP, ("ALTER TABLE runs_searchentry DROP COLUMN words",))


def index(apps, editor):
    _run(editor, SQLITE, POSTGRESQL)


def index_back(apps, editor):
    _run(editor, SQLITE_BACK, POSTGRESQL_BACK)


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0017_desk_index'),
    ]

    operations = [
        migrations.RunPython(no_index, index_back),
        migrations.RemoveField("searchentry", "folded"),  # the table may be made anew, which loses its triggers
        migrations.RunPython(index, no_index),
    ]
