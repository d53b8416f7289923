"""Letters: who is told of what, in which words, once; and what the mail server makes of them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from runs import letters
from runs.models import Digest, Membership, Notice, NoticeSettings, NoticeState, Reason, Run, RunFinding, Status, Team
from runs.services import checklist, comments, notices, reminders, review, signoffs, sweep
from runs.services.review import Decision
from tests.letterbox import Letterbox, letterbox
from tests.portal_fixtures import make_run, work_off


@pytest.fixture
def box(settings: Any) -> Iterator[Letterbox]:
    with letterbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.PUBLIC_URL = "https://konseki.example.org"
        yield box


@pytest.fixture
def ann(member_of: Callable[[str, str], User]) -> User:
    return with_address(member_of("ann", "owner"))


@pytest.fixture
def ben(member_of: Callable[[str, str], User]) -> User:
    return with_address(member_of("ben", "reviewer"))


@pytest.fixture
def run(concluded_run: Run) -> Run:
    return concluded_run


@pytest.fixture
def finding(run: Run) -> RunFinding:
    return run.findings.filter(outcome="fail").order_by("place")[0]


def with_address(user: User) -> User:
    user.email = f"{user.username}@example.org"
    user.save()
    return user


def later() -> None:
    """Time passes: what was planned is due."""
    Notice.objects.filter(state=NoticeState.WAITING).update(due_at=timezone.now())


def sent(box: Letterbox) -> list[EmailMessage]:
    """Send what is planned; the letters that came."""
    later()
    letters.send_due()
    came, box.letters[:] = list(box.letters), []
    return came


def body(letter: EmailMessage) -> str:
    return str(letter.get_content())


def test_one_letter_for_all_that_happened_to_a_run(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    review.decide(finding, Decision(Status.CONFIRMED, assignee=ben), 0, ann)
    comments.say(run, "@ben please **look** at `F1`", ann, finding)
    comments.say(run, "I did", ben, finding)
    came = sent(box)
    assert [letter["To"] for letter in came] == ["ben@example.org", "ann@example.org"]
    assert came[0]["Subject"] == f"[Konseki] {run.label}: 2 changes"
    words = body(came[0])
    assert f"ann: assignee of {finding.number}: nobody → ben" in words
    assert "@ben please look at F1" in words
    assert f"https://konseki.example.org/runs/{run.key}/findings/{finding.fingerprint}/" in words
    assert "a finding or a next action is given to me; a comment mentions me" in words
    assert "&" not in words
    assert came[0]["Auto-Submitted"] == "auto-generated"
    assert "I did" in str(came[1]["Subject"])  # somebody answered where ann took part
    assert sent(box) == []


def test_nobody_is_told_what_they_did_themselves(box: Letterbox, run: Run, finding: RunFinding, ann: User) -> None:
    review.claim(finding, 0, ann)
    comments.say(run, "@ann note to self", ann, finding)
    assert sent(box) == []
    assert not Notice.objects.exists()


def test_who_may_not_see_the_run_any_more_is_not_told(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    review.decide(finding, Decision(Status.CONFIRMED, assignee=ben), 0, ann)
    Membership.objects.filter(user=ben).delete()
    assert sent(box) == []
    assert Notice.objects.get().state == NoticeState.DROPPED


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_who_left_is_not_told(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User, change: dict[str, Any]) -> None:
    review.decide(finding, Decision(Status.CONFIRMED, assignee=ben), 0, ann)
    User.objects.filter(pk=ben.pk).update(**change)
    assert sent(box) == []


def test_a_comment_taken_back_in_time_is_not_sent(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    said = comments.say(run, "@ben the password is hunter2", ann)
    comments.delete(said, ann)
    assert sent(box) == []


def test_who_is_mentioned_by_an_edit_is_told_once(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    said = comments.say(run, "look", ann)
    said = comments.edit(said, "@ben look", said.version, ann)
    comments.edit(said, "@ben look here", said.version, ann)
    came = sent(box)
    assert len(came) == 1
    assert Notice.objects.filter(reason=Reason.MENTIONED).count() == 1


def test_what_is_muted_is_not_sent(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(muted=[Reason.MENTIONED.value], language="en"))
    comments.say(run, "@ben look", ann)
    assert sent(box) == []
    comments.say(run, "@ben look", ann, finding)
    review.decide(finding, Decision(Status.OPEN, assignee=ben), 0, ann)
    assert "assignee of" in body(sent(box)[0])
    notices.set_settings(ben, NoticeSettings(by_mail=False, language="en"))
    comments.say(run, "more", ann, finding)
    assert sent(box) == []


def test_letters_speak_the_persons_language(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(language="ja", muted=[]))
    review.decide(finding, Decision(Status.CONFIRMED, assignee=ben), 0, ann)
    letter = sent(box)[0]
    assert letter["Content-Language"] == "ja"
    assert "担当" in body(letter)


def test_a_runs_uploader_is_told_how_it_ended(box: Letterbox, team: Team, ann: User, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(muted=[], language="en"))
    run = make_run(team)
    Run.objects.filter(pk=run.pk).update(created_by=ann)
    work_off(run)
    to_ann, to_ben = sorted(sent(box), key=lambda letter: str(letter["To"]))
    assert "Verdict: " in body(to_ann)
    assert "a run that I uploaded is judged" in body(to_ann)
    assert "any run of my teams is judged and has faults" in body(to_ben)


def test_reopening_is_told_to_who_signed_off(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    signoffs.sign_off(run, None, "", run.concluded_revision, ben)
    signoffs.withdraw(run, ann)
    assert [letter["To"] for letter in sent(box)] == ["ben@example.org"]


def test_a_hostile_name_stays_within_its_header(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    Run.objects.filter(pk=run.pk).update(label="evil\r\nBcc: all@example.org\u202e" + "x" * 150)
    run.refresh_from_db()
    comments.say(run, "@ben look", ann)
    letter = sent(box)[0]
    assert letter["Bcc"] is None
    assert "\u202e" not in str(letter["Subject"])
    assert len(str(letter["Subject"])) <= 160


def test_secrets_are_masked(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    comments.say(run, "@ben curl -H 'Authorization: Bearer abcdef0123456789abcdef' https://x", ann)
    letter = sent(box)[0]
    assert "abcdef0123456789" not in body(letter) + str(letter["Subject"])


def test_a_refused_address_fails_at_once_and_is_told_on_the_page(box: Letterbox, run: Run, ann: User, ben: User) -> None:
    box.refuse.add("ben@example.org")
    comments.say(run, "@ben look", ann)
    assert sent(box) == []
    failed = notices.failed_for(ben).get()
    assert "550 no such person here" in failed.error


def test_a_server_that_is_away_loses_nothing(box: Letterbox, run: Run, ann: User, ben: User, settings: Any) -> None:
    comments.say(run, "@ben look", ann)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert sent(box) == []
    waiting = Notice.objects.get()
    assert waiting.state == NoticeState.WAITING
    assert waiting.due_at > timezone.now()
    settings.EMAIL_PORT = port
    assert len(sent(box)) == 1
    assert Notice.objects.get().state == NoticeState.SENT


def test_it_is_given_up_in_the_end(box: Letterbox, run: Run, ann: User, ben: User, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    comments.say(run, "@ben look", ann)
    for _again in range(len(notices.PAUSES) + 1):
        sent(box)
    assert Notice.objects.get().state == NoticeState.FAILED


def test_two_senders_send_it_once(run: Run, ann: User, ben: User) -> None:
    comments.say(run, "@ben look", ann)
    later()
    now = timezone.now()
    assert len(notices.take(now)) == 1
    assert notices.take(now) == []
    assert len(notices.take(now + notices.LEASE)) == 1  # the first one died


def test_the_sweeper_has_them_sent(
    box: Letterbox, run: Run, ann: User, ben: User, django_capture_on_commit_callbacks: Any, sent_tasks: list[str]
) -> None:
    comments.say(run, "@ben look", ann)
    with django_capture_on_commit_callbacks(execute=True):
        sweep.tell_people()
    assert sent_tasks == []  # what happens within some seconds is collected
    later()
    with django_capture_on_commit_callbacks(execute=True):
        sweep.tell_people()
    assert sent_tasks == ["runs.send_letters"]


@pytest.fixture
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that go to the broker."""
    names: list[str] = []
    monkeypatch.setattr("runs.services.queue._send", lambda task, args: names.append(task))
    return names


def test_reminders_come_once_for_each_step(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    today = timezone.localdate()
    morning = timezone.localtime().replace(hour=9)
    review.decide(finding, Decision(Status.IN_PROGRESS, assignee=ben, due_date=today + timedelta(days=1)), 0, ben)
    checklist.add_task(run, "ask the carrier", ben, today - timedelta(days=1), ben)
    checklist.add_task(run, "next month", ben, today + timedelta(days=30), ben)
    reminders.plan(morning.replace(hour=3))
    assert not Notice.objects.exists()
    reminders.plan(morning)
    reminders.plan(morning)
    letter = sent(box)[0]
    assert letter["Subject"] == "[Konseki] 2 things are due"
    words = body(letter)
    assert f"overdue since {today - timedelta(days=1)}: ask the carrier" in words
    assert f"due on {today + timedelta(days=1)}: {finding.number} " in words
    assert "next month" not in words
    reminders.plan(morning)
    assert sent(box) == []


def test_what_is_done_meanwhile_is_not_reminded_of(box: Letterbox, run: Run, ben: User) -> None:
    task = checklist.add_task(run, "ask the carrier", ben, timezone.localdate(), ben)
    reminders.plan(timezone.localtime().replace(hour=9))
    checklist.tick(task, True, ben)
    assert sent(box) == []
    assert Notice.objects.get().state == NoticeState.DROPPED


def test_an_acceptance_that_ended_is_told(box: Letterbox, run: Run, finding: RunFinding, ben: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    review.decide(finding, Decision(Status.ACCEPTED, "known", yesterday), 0, ben)
    reminders.plan(timezone.localtime().replace(hour=9))
    assert f"was accepted until {yesterday}" in body(sent(box)[0])


def test_the_digest_tells_the_desk(box: Letterbox, run: Run, finding: RunFinding, ann: User, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(digest=Digest.DAILY, language="en"))
    review.decide(finding, Decision(Status.IN_PROGRESS, assignee=ben), 0, ben)
    reminders.plan(timezone.localtime().replace(hour=9))
    reminders.plan(timezone.localtime().replace(hour=10))
    letters_came = sent(box)
    assert len(letters_came) == 1
    words = body(letters_came[0])
    assert "1 assigned to you" in words
    assert run.label in words
    assert "https://konseki.example.org/desk/?tab=assigned" in words


def test_an_empty_desk_gives_no_digest(box: Letterbox, team: Team, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(digest=Digest.DAILY, language="en"))
    reminders.plan(timezone.localtime().replace(hour=9))
    assert sent(box) == []


def test_a_weekly_digest_comes_on_mondays(team: Team, ben: User) -> None:
    notices.set_settings(ben, NoticeSettings(digest=Digest.WEEKLY, language="en"))
    day = timezone.localtime().replace(hour=9)
    for _day in range(7):
        day += timedelta(days=1)
        reminders.plan(day)
    monday = Notice.objects.get().key.removeprefix("digest:")
    assert date.fromisoformat(monday).weekday() == 0
