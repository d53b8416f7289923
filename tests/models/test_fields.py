"""Text of evidence in columns: whatever stands in it, both databases keep it, and what was written is found again."""

import pytest

from runs.analysis.messages import plain
from runs.models import EvidenceFile, FileState, Run, Team
from runs.models.fields import storable

HOSTILE = "a\x00b\udce9\ud83d \u202e'\"; DROP TABLE runs_run; --"
KEPT = HOSTILE.translate(dict.fromkeys((0, 0xDCE9, 0xD83D), "\ufffd"))


@pytest.mark.parametrize("text", ["", "plain", "日本語 😀", "\x01\x1b[31m\u2028\ufeff"])
def test_what_databases_take_stays_as_it_is(text: str):
    assert storable(text) == text


def test_every_column_of_evidence_takes_hostile_text(team: Team):
    run = Run.objects.create(team=team, label=HOSTILE, bundle_name=HOSTILE, failure=plain(HOSTILE))
    Run.objects.filter(pk=run.pk).update(title=HOSTILE, purpose=HOSTILE, verdict=plain(HOSTILE))
    EvidenceFile.objects.bulk_create([EvidenceFile(run=run, path=HOSTILE, state=FileState.REFUSED, problem=plain(HOSTILE))])
    found = Run.objects.get(label=HOSTILE)
    assert {found.label, found.bundle_name, found.title, found.purpose, found.files.get(path=HOSTILE).path} == {KEPT}
    assert found.verdict == found.failure == found.files.get().problem == plain(HOSTILE)


def test_the_longest_text_still_fits(team: Team):
    run = Run.objects.create(team=team, label="\x00" * 200)
    run.refresh_from_db()
    assert run.label == "\ufffd" * 200
