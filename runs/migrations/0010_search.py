"""The search's table, and each engine's index of its terms, which the database keeps by itself."""

from collections.abc import Sequence

import django.db.models.deletion
from django.db import migrations, models

import runs.models.fields

SQLITE = (
    "CREATE VIRTUAL TABLE runs_searchindex USING fts5("
    "terms, content='runs_searchentry', content_rowid='id', tokenize=\"unicode61 remove_diacritics 0\", prefix='2 3')",
    "CREATE TRIGGER runs_searchentry_added AFTER INSERT ON runs_searchentry BEGIN "
    "INSERT INTO runs_searchindex(rowid, terms) VALUES (new.id, new.terms); END",
    "CREATE TRIGGER runs_searchentry_gone AFTER DELETE ON runs_searchentry BEGIN "
    "INSERT INTO runs_searchindex(runs_searchindex, rowid, terms) VALUES ('delete', old.id, old.terms); END",
    "CREATE TRIGGER runs_searchentry_changed AFTER UPDATE OF terms ON runs_searchentry BEGIN "
    "INSERT INTO runs_searchindex(runs_searchindex, rowid, terms) VALUES ('delete', old.id, old.terms); "
    "INSERT INTO runs_searchindex(rowid, terms) VALUES (new.id, new.terms); END",
)
SQLITE_BACK = (
    "DROP TRIGGER runs_searchentry_changed",
    "DROP TRIGGER runs_searchentry_gone",
    "DROP TRIGGER runs_searchentry_added",
    "DROP TABLE runs_searchindex",
)
POSTGRESQL = (
    "ALTER TABLE runs_searchentry ADD COLUMN words tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(terms, ' '))) STORED",
    "CREATE INDEX entry_words ON runs_searchentry USING gin (words)",
)
POSTGRESQL_BACK = ("ALTER TABLE runs_searchentry DROP COLUMN words",)


def _run(editor, sqlite: Sequence[str], postgresql: Sequence[str]) -> None:
    for statement in sqlite if editor.connection.vendor == "sqlite" else postgresql:
        editor.execute(statement)


def index(apps, editor):
    _run(editor, SQLITE, POSTGRESQL)


def no_index(apps, editor):
    _run(editor, SQLITE_BACK, POSTGRESQL_BACK)


KINDS = [
    ("run", "Runs"),
    ("finding", "Findings"),
    ("file", "Files"),
    ("address", "Addresses and ports"),
    ("name", "Names"),
    ("template", "Log lines"),
]


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0009_runbook'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=KINDS, max_length=8)),
                ('text', runs.models.fields.EvidenceTextField()),
                ('folded', runs.models.fields.EvidenceTextField()),
                ('terms', runs.models.fields.EvidenceTextField()),
                ('file', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='runs.evidencefile')),
                ('finding', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='runs.runfinding')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='runs.run')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='runs.team')),
            ],
            options={
                'verbose_name': 'search entry',
                'verbose_name_plural': 'search entries',
                'ordering': ('-pk',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(kind__in=[kind for kind, _ in KINDS]), name='entry_kind_known'),
                    models.CheckConstraint(condition=models.Q(('terms', ''), _negated=True), name='entry_terms_present'),
                ],
            },
        ),
        migrations.RunPython(index, no_index),
    ]
