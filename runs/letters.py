"""E-mails: what waits for one person made into letters in their language, and handed to the mail server."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import BadHeaderError, EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from runs import happenings
from runs.addresses import without_request
from runs.analysis.domain.visible import visible
from runs.models import Event, Notice, NoticeState, Reason, Run
from runs.services import notices, reminders
from runs.services.history import name_of
from runs.services.watch import OutOfTime, watched
from runs.wording import current_language, portal_zone, sentence, shorten, shown_text

SUBJECT_MAX_COLUMNS = 150
LINES_MAX = 100  # events told in one letter; how many more there are is said
SEND_SECONDS, BEAT_SECONDS = 120, 60
PERMANENT = range(500, 600)

logger = logging.getLogger(__name__)


@dataclass
class Letter:
    """One e-mail to one person, and the notices it settles."""

    subject: str
    body: str
    thread: str  # letters about one thing belong together
    rows: list[Notice] = field(default_factory=list)


def send_due() -> int:
    """Send what is due, person by person; returns how many letters went out. A server that is away leaves the rest for later."""
    sent = 0
    while rows := notices.take(timezone.now()):
        wanted = notices.still_wanted(rows)
        try:
            letters = list(letters_of(wanted[0].user, wanted)) if wanted else []
        except Exception as error:  # a bug of ours must not keep others waiting
            logger.exception("no letter can be made of notices %s", [row.pk for row in wanted])
            notices.postpone(wanted, f"{type(error).__name__}: {error}")
            continue
        for letter in letters:
            if not _send(letter, wanted[0].user):
                return sent
            sent += 1
    return sent


def letters_of(user: User, rows: Iterable[Notice]) -> Iterator[Letter]:
    """A letter per run, one for all that is due, one for the digest; in the person's language."""
    groups: dict[tuple[str, int], list[Notice]] = {}
    for row in rows:
        kind = row.reason if row.reason in (Reason.DUE, Reason.DIGEST) else "run"
        groups.setdefault((kind, row.run_id or 0 if kind == "run" else 0), []).append(row)
    for (kind, _run), group in groups.items():
        with override(notices.settings_of(user).language):
            letter = {"run": _of_run, Reason.DUE.value: _of_due, Reason.DIGEST.value: _of_digest}[kind](user, group)
        if letter is None:
            notices.settle(group, NoticeState.DROPPED)
            continue
        letter.rows = group
        yield letter


def _letter(user: User, template: str, subject: str, thread: str, context: dict[str, Any]) -> Letter:
    about = {"name": shown_text(name_of(user)), "preferences": without_request(reverse("notifications")), **context}
    body = render_to_string(f"mail/{template}", {**about, "language": current_language()})
    return Letter(_one_line(subject), body, thread)


def _one_line(text: str) -> str:
    """Fit for a header: no line end, nothing invisible, not too long."""
    return shorten(visible(" ".join(text.split())), SUBJECT_MAX_COLUMNS)


def _of_run(user: User, rows: list[Notice]) -> Letter | None:
    run, entries = rows[0].run, [row.entry for row in rows if row.entry]
    if run is None or not entries:
        return None
    lines = [_line(entry) for entry in entries[:LINES_MAX]]
    label = shown_text(run.label)
    about = lines[0]["words"] if len(lines) == 1 else ngettext("%(n)s change", "%(n)s changes", len(rows)) % {"n": len(rows)}
    judged = any(entry.event == Event.RUN_ANALYSED for entry in entries)
    context = {
        "label": label,
        "verdict": sentence(run.verdict, current_language(), portal_zone()) if judged and run.verdict else "",
        "lines": lines,
        "more": len(entries) - len(lines),
        "reasons": list(dict.fromkeys(str(Reason(row.reason).label) for row in rows)),
        "url": without_request(reverse("run", args=[run.key])),
    }
    return _letter(user, "run.txt", f"[Konseki] {label}: {about}", f"run-{run.pk}", context)


def _line(entry: Any) -> dict[str, str]:
    run: Run = entry.run
    whole = "run_activity" if entry.event.startswith("comment.") else "run"
    place = reverse("finding", args=[run.key, entry.finding.fingerprint]) if entry.finding else reverse(whole, args=[run.key])
    title = sentence(entry.finding.title, current_language(), portal_zone()) if entry.finding and entry.finding.title else ""
    return {
        "at": entry.at.astimezone(portal_zone()).strftime("%Y-%m-%d %H:%M"),
        "who": shown_text(entry.actor_name),
        "words": happenings.words_of(entry, portal_zone()),
        "title": title,
        "url": without_request(place),
    }


def _of_due(user: User, rows: list[Notice]) -> Letter | None:
    items = reminders.still_due(rows, timezone.localdate())
    if not items:
        return None
    subject = ngettext("%(n)s thing is due", "%(n)s things are due", len(items)) % {"n": len(items)}
    told = [
        {
            "when": _when(item),
            "label": shown_text(item.run.label),
            "words": _words(item),
            "url": without_request(
                reverse("finding", args=[item.run.key, item.finding.fingerprint])
                if item.finding
                else reverse("run", args=[item.run.key])
            ),
        }
        for item in items
    ]
    return _letter(
        user, "due.txt", f"[Konseki] {subject}", "due", {"items": told, "url": without_request(reverse("desk") + "?tab=due")}
    )


def _when(item: "reminders.Item") -> str:
    words = {
        "over": _("overdue since %(day)s"),
        "today": _("due today, %(day)s"),
        "soon": _("due on %(day)s"),
        "accepted": _("was accepted until %(day)s"),
    }
    return words[item.step] % {"day": item.day.isoformat()}


def _words(item: "reminders.Item") -> str:
    if item.task is not None:
        task = item.task
        return sentence(task.sentence, current_language(), portal_zone()) if task.sentence else shown_text(task.written)
    assert item.finding is not None
    title = sentence(item.finding.title, current_language(), portal_zone()) if item.finding.title else ""
    return f"{item.finding.number} {title}".strip()


def _of_digest(user: User, rows: list[Notice]) -> Letter | None:
    digest = reminders.digest_of(user, timezone.localdate())
    if not digest.something:
        return None
    context = {
        "counts": [(label, count, without_request(path)) for label, count, path in _counts(digest) if count],
        "runs": [
            {
                "label": shown_text(run.label),
                "verdict": sentence(run.verdict, current_language(), portal_zone()) if run.verdict else "",
                "url": without_request(reverse("run", args=[run.key])),
            }
            for run in digest.runs
        ],
    }
    day = timezone.localdate().isoformat()
    return _letter(user, "digest.txt", "[Konseki] " + _("Your desk on %(day)s") % {"day": day}, "digest", context)


def _counts(digest: "reminders.DigestContent") -> list[tuple[str, int, str]]:
    desk = reverse("desk")
    return [
        (_("due within a week, or overdue"), digest.due, f"{desk}?tab=due"),
        (_("assigned to you"), digest.assigned, f"{desk}?tab=assigned"),
        (_("next actions of yours"), digest.tasks, f"{desk}?tab=assigned"),
        (_("mentions you have not seen"), digest.mentions, f"{desk}?tab=mentions"),
        (_("faults nobody has taken on"), digest.unclaimed, f"{desk}?tab=unclaimed"),
        (_("findings that are back again"), digest.back, f"{desk}?tab=back"),
    ]


def confirmation(user: User, email: str, path: str) -> None:
    """Ask an address, now, whether its reader is the person. Raises OSError, SMTPException."""
    context = {"name": shown_text(name_of(user)), "url": without_request(path)}
    _send_now(email, _("Is this your address?"), "confirm.txt", context)


def test_letter(user: User) -> None:
    """Send the person a letter, now, to show that letters arrive. Raises OSError, SMTPException."""
    with override(notices.settings_of(user).language):
        _send_now(user.email, _("A test"), "test.txt", {"preferences": without_request(reverse("notifications"))})


def _send_now(email: str, subject: str, template: str, context: dict[str, str]) -> None:
    headers = {"Auto-Submitted": "auto-generated", "Content-Language": current_language()}
    body = render_to_string(f"mail/{template}", context)
    EmailMessage(f"[Konseki] {subject}", body, to=[email], headers=headers).send()


def message_of(letter: Letter, user: User) -> EmailMessage:
    """The letter as it goes over the wire."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "konseki.invalid"
    number = letter.rows[0].pk if letter.rows else 0
    headers = {
        "Message-ID": f"<notice-{user.pk}-{number}@{host}>",  # a letter sent twice is the same letter
        "References": f"<{letter.thread}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": notices.settings_of(user).language,
    }
    return EmailMessage(letter.subject, letter.body, to=[user.email], headers=headers)


def _send(letter: Letter, user: User) -> bool:
    """Hand it to the mail server. Returns False where the server is away, and then the letter waits."""
    try:
        with watched(SEND_SECONDS, BEAT_SECONDS, lambda: None), get_connection() as connection:
            connection.send_messages([message_of(letter, user)])
    except (BadHeaderError, UnicodeError, SMTPRecipientsRefused) as error:
        notices.settle(letter.rows, NoticeState.FAILED, refusal(error))
        return True
    except SMTPResponseException as error:
        if error.smtp_code in PERMANENT:
            notices.settle(letter.rows, NoticeState.FAILED, refusal(error))
            return True
        notices.postpone(letter.rows, refusal(error))
        return False
    except (OSError, SMTPException, OutOfTime) as error:
        logger.warning("the mail server does not take letters now: %s", error)
        notices.postpone(letter.rows, str(error))
        return False
    notices.settle(letter.rows, NoticeState.SENT)
    return True


def refusal(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return "; ".join(f"{code} {words.decode('utf-8', 'replace')}" for code, words in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {words}"
    return str(error)
