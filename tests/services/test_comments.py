"""Comments: kept as typed, edited by their author, deleted with a mark; @name calls members of the team."""

import pytest
from django.contrib.auth.models import User

from runs.models import Event, Mention, Run, Team
from runs.services import comments
from runs.services.review import Stale
from tests.web.sample_report import report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@sato see #4, @suzuki.", ["sato", "suzuki"]),
        ("mail a@example.jp", []),
        ("`@code` and\n```\n@block\n```\n(@out)", ["out"]),
        ("@a @a @b+c", ["a", "b+c"]),
        ("```\n@never closed", []),
    ],
)
def test_names_that_a_text_calls(text: str, names: list[str]) -> None:
    assert comments.names_in(text) == names


def test_members_are_called_strangers_and_oneself_are_not(run: Run, reviewer: User, viewer: User, stranger: User) -> None:
    said = comments.say(run, "@viewer @stranger @reviewer @nobody", reviewer, run.findings.get(number="F1"))
    assert list(Mention.objects.values_list("user__username", flat=True)) == ["viewer"]
    assert list(Mention.objects.of(viewer)) == list(said.mentions.all())
    assert not Mention.objects.of(stranger)
    comments.delete(said, reviewer)
    assert not Mention.objects.of(viewer)


def test_edit_keeps_the_earlier_words_and_tells_the_later_writer(run: Run, reviewer: User) -> None:
    said = comments.say(run, "first", reviewer)
    comments.edit(said, "second\r\nline", 0, reviewer)
    said.refresh_from_db()
    assert (said.text, said.version) == ("second\nline", 1)
    assert said.edited_at is not None
    entry = run.history.get(event=Event.COMMENT_EDITED)
    assert entry.before == {"comment": said.pk, "text": "first"}
    with pytest.raises(Stale):
        comments.edit(said, "third", 0, reviewer)
    comments.delete(said, reviewer)
    comments.delete(said, reviewer)
    assert run.history.filter(event=Event.COMMENT_DELETED).count() == 1
    with pytest.raises(Stale):
        comments.edit(said, "fourth", 1, reviewer)


def test_nothing_is_no_comment(run: Run, reviewer: User) -> None:
    with pytest.raises(comments.Empty):
        comments.say(run, " \n ", reviewer)
    assert comments.say(run, "a\x00b", reviewer).pk
