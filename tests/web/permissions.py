"""What each address of the site asks of who opens it: a line per name in the site map. `test_permissions` tries them all.

A new page is missing here until it has its line: who may read it, who may send its form, its address, a form that is valid.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from runs.models import Comment, EvidenceFile, FindingLink, Run, Runbook, RunbookSection, RunFinding, Task, Team, TimelineMark
from runs.models import Webhook as Hook
from runs.services import checklist, comments, links, marks, proofs, runbook_links, runbook_state, runbooks, runs, tokens
from runs.services.timeline_places import parse_places
from tests.portal_fixtures import BAD, BUNDLES, files_of, incoming, work_off

LESSON = "# 作業記録\n\n## 学んだこと\n\n1. **表を先に見る**: 対向の一覧があった\n"
BOOK = "# Gate\n\n## 8. Restart\n\ntopics: tcp\n\nRestart it.\n"


class Least(IntEnum):
    """Who may, at least. Members of other teams are SIGNED_IN only."""

    ANYBODY = 0
    SIGNED_IN = 1
    VIEWER = 2
    REVIEWER = 3
    OWNER = 4
    NOBODY = 5  # the page does not answer this method


@dataclass
class World:
    """A run with one of everything, and a second one of the same team and of another."""

    run: Run
    capture: EvidenceFile
    note: EvidenceFile
    finding: RunFinding
    other_finding: RunFinding
    comment: Comment
    mark: TimelineMark
    task: Task
    link: FindingLink
    book: Runbook
    withdrawn: Runbook
    section: RunbookSection
    section_link: int
    proof: int
    proof_secret: str
    token: int
    hook: Hook


def world(team: Team, owner: User) -> World:
    """All of it made by the owner."""
    run = runs.create_run(team, BAD)
    runs.add_files(run, [*files_of(BUNDLES / BAD), incoming("lessons.md", LESSON.encode())])
    run = work_off(run)
    one, two, *_rest = run.findings.order_by("place")
    places = parse_places("lo0_9080.pcap#4")
    assert places
    book = runbooks.create(team, "GATE_RUNBOOK.md", BOOK, owner)
    runbooks.save(book, BOOK + "more\n", 1, owner)
    withdrawn = runbooks.create(team, "OLD.md", BOOK, owner)
    runbook_state.withdraw(withdrawn, owner)
    section = book.sections.current().get(level=2)
    runbook_links.put(one, section, False, owner)
    shared, secret = proofs.share(run, ["F1"], "en", "<p>proof</p>", 7, owner)
    return World(
        run=run,
        capture=run.files.get(path="lo0_9080.pcap"),
        note=run.files.get(path="lessons.md"),
        finding=one,
        other_finding=two,
        comment=comments.say(run, "look", owner, one),
        mark=marks.add_mark(run, places[0], "here", owner),
        task=checklist.add_task(run, "ask", None, None, owner),
        link=links.link(one, two, owner),
        book=book,
        withdrawn=withdrawn,
        section=section,
        section_link=one.section_links.get().pk,
        proof=shared.pk,
        proof_secret=secret,
        token=tokens.new_token(owner, "t", "read", 7)[0].pk,  # type: ignore[arg-type]
        hook=Hook.objects.create(team=team, name="room", url="http://127.0.0.1:1/x", nonce="n", topics=["talk"]),
    )


@dataclass(frozen=True)
class Page:
    """`form`: what a valid POST sends. `quiet`: a POST that changes no row of the portal's tables."""

    read: Least
    send: Least = Least.NOBODY
    args: Callable[[World], list[Any]] = field(default=lambda w: [])
    form: Callable[[World], dict[str, Any]] = field(default=lambda w: {})
    quiet: bool = False
    elsewhere: bool = False  # whoever reviews in some team may: strangers do, viewers do not


def _run(w: World) -> list[Any]:
    return [w.run.key]


def _finding(w: World) -> list[Any]:
    return [w.run.key, w.finding.fingerprint]


def _capture(w: World) -> list[Any]:
    return [w.run.key, w.capture.pk]


def _hook(w: World) -> list[Any]:
    return [w.run.team.slug, w.hook.pk]


def _file(name: str = "more.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"PING 192.0.2.1\n")


_REVIEW = {"status": "confirmed", "reason": "", "accepted_until": "", "assignee": "", "due_date": "", "version": "0"}
_HOOK = {"name": "hall", "url": "http://127.0.0.1:1/y", "topics": ["talk"], "language": "en", "is_active": "on"}
L = Least
PAGES: dict[str, Page] = {
    # open, or one's own
    "login": Page(L.ANYBODY, L.ANYBODY, form=lambda w: {"username": "x", "password": "y"}, quiet=True),
    "logout": Page(L.NOBODY, L.SIGNED_IN, quiet=True),
    "theme": Page(L.NOBODY, L.ANYBODY, form=lambda w: {"theme": "dark"}, quiet=True),
    "set_language": Page(L.ANYBODY, L.ANYBODY, form=lambda w: {"language": "ja"}, quiet=True),
    "health": Page(L.ANYBODY),
    "proof_open": Page(L.ANYBODY, args=lambda w: [w.proof_secret]),
    "run_list": Page(L.SIGNED_IN, L.SIGNED_IN, quiet=True),
    "desk": Page(L.SIGNED_IN),
    "activity": Page(L.SIGNED_IN),
    "search": Page(L.SIGNED_IN),
    "rules": Page(L.SIGNED_IN),
    "rule": Page(L.SIGNED_IN, args=lambda w: ["response_missing"]),
    "runbooks": Page(L.SIGNED_IN),
    "api_docs": Page(L.SIGNED_IN),
    "tokens": Page(L.SIGNED_IN, L.SIGNED_IN, form=lambda w: {"name": "n", "scope": "read", "days": "7"}),
    "notifications": Page(
        L.SIGNED_IN, L.SIGNED_IN, form=lambda w: {"by_mail": "on", "reasons": ["due"], "digest": "off", "language": "en"}
    ),
    "notification_address": Page(L.NOBODY, L.SIGNED_IN, form=lambda w: {"email": ""}, quiet=True),
    "notification_confirm": Page(L.SIGNED_IN, args=lambda w: ["forged"]),
    "notification_test": Page(L.NOBODY, L.SIGNED_IN, quiet=True),
    # who may add to a team stands in the form: a member of none gets the page, which says so
    "upload": Page(L.SIGNED_IN, L.SIGNED_IN, form=lambda w: {"team": w.run.team.slug, "file": _file()}, quiet=True, elsewhere=True),
    "runbook_new": Page(
        L.SIGNED_IN,
        L.SIGNED_IN,
        form=lambda w: {"team": w.run.team.slug, "name": "B.md", "body": "# B\n"},
        quiet=True,
        elsewhere=True,
    ),
    "desk_bulk": Page(
        L.NOBODY,
        L.SIGNED_IN,
        form=lambda w: {"finding": f"{w.run.key}:{w.finding.fingerprint}:0", "status": "confirmed"},
        quiet=True,
    ),
    "token_revoke": Page(L.NOBODY, L.SIGNED_IN, args=lambda w: [w.token], quiet=True),
    # runs
    "run": Page(L.VIEWER, args=_run),
    "run_progress": Page(L.VIEWER, args=_run),
    "run_add": Page(L.REVIEWER, L.REVIEWER, args=_run, form=lambda w: {"file": _file()}),
    "run_label": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"label": "new"}),
    "run_reanalyse": Page(L.NOBODY, L.REVIEWER, args=_run),
    "run_delete": Page(L.REVIEWER, L.REVIEWER, args=_run, form=lambda w: {"label": w.run.label}),
    "timeline": Page(L.VIEWER, args=_run),
    "timeline_text": Page(L.VIEWER, args=_run),
    "timeline_mark": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"place": "lo0_9080.pcap#5", "text": "x"}),
    "timeline_unmark": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.run.key, w.mark.pk]),
    "compare": Page(L.VIEWER, args=_run),
    "baseline": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"baseline": "on"}),
    "run_activity": Page(L.VIEWER, args=_run),
    "signoff": Page(L.VIEWER, L.REVIEWER, args=_run, form=lambda w: {"version": str(w.run.concluded_revision)}),
    "task_add": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"text": "more"}),
    "task_change": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.run.key, w.task.pk], form=lambda w: {"do": "tick"}),
    "export": Page(L.VIEWER, args=_run),
    "next_capture": Page(L.VIEWER, args=_run),
    "proof": Page(L.VIEWER, args=_run),
    "proof_file": Page(L.VIEWER, args=_run),
    "proof_share": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"finding": "F1", "days": "7"}),
    "proof_revoke": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.run.key, w.proof]),
    # findings
    "finding": Page(L.VIEWER, args=_finding),
    "findings_bulk": Page(
        L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"finding": f"{w.finding.fingerprint}:0", "status": "confirmed"}
    ),
    "finding_review": Page(L.NOBODY, L.REVIEWER, args=_finding, form=lambda w: _REVIEW),
    "finding_claim": Page(L.NOBODY, L.REVIEWER, args=_finding, form=lambda w: {"version": "0"}),
    "finding_link": Page(L.NOBODY, L.REVIEWER, args=_finding, form=lambda w: {"to": _third(w)}),
    "finding_unlink": Page(L.NOBODY, L.REVIEWER, args=lambda w: [*_finding(w), w.link.pk]),
    "comment_add": Page(L.NOBODY, L.REVIEWER, args=_finding, form=lambda w: {"text": "hello"}),
    "run_comment_add": Page(L.NOBODY, L.REVIEWER, args=_run, form=lambda w: {"text": "hello"}),
    "comment_edit": Page(
        L.NOBODY, L.OWNER, args=lambda w: [w.run.key, w.comment.pk], form=lambda w: {"text": "other", "version": "0"}
    ),
    "comment_delete": Page(L.NOBODY, L.OWNER, args=lambda w: [w.run.key, w.comment.pk]),
    "section_link": Page(L.NOBODY, L.REVIEWER, args=_finding, form=lambda w: {"section": str(w.section.pk), "for": "all"}),
    "section_unlink": Page(L.NOBODY, L.REVIEWER, args=lambda w: [*_finding(w), w.section_link]),
    "section_helped": Page(L.NOBODY, L.REVIEWER, args=lambda w: [*_finding(w), w.section.pk], form=lambda w: {"helped": "yes"}),
    # files
    "file": Page(L.VIEWER, args=_capture),
    "file_download": Page(L.REVIEWER, args=_capture),
    "file_note": Page(L.NOBODY, L.REVIEWER, args=_capture, form=lambda w: {"text": "mine", "version": "0"}),
    "file_remove": Page(L.REVIEWER, L.REVIEWER, args=_capture),
    "file_clock": Page(L.NOBODY, L.REVIEWER, args=_capture, form=lambda w: {"offset": "2.5"}),
    "file_kind": Page(L.NOBODY, L.REVIEWER, args=_capture, form=lambda w: {"kind": "sysctl"}),
    "promote": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.run.key, w.note.pk], form=lambda w: {"line": "3"}),
    "capture": Page(L.VIEWER, args=_capture),
    "capture_data": Page(L.VIEWER, args=_capture),
    "frames": Page(L.VIEWER, args=_capture),
    "frame": Page(L.VIEWER, args=lambda w: [*_capture(w), 4]),
    "conversation": Page(L.VIEWER, args=lambda w: [*_capture(w), 0]),
    "conversation_stream": Page(L.VIEWER, args=lambda w: [*_capture(w), 0]),
    "conversation_pcap": Page(L.REVIEWER, args=lambda w: [*_capture(w), 0]),
    # runbooks and webhooks
    "runbook": Page(L.VIEWER, args=lambda w: [w.book.pk]),
    "runbook_edit": Page(
        L.REVIEWER, L.REVIEWER, args=lambda w: [w.book.pk], form=lambda w: {"body": BOOK + "yet more\n", "version": "2"}
    ),
    "runbook_rename": Page(
        L.REVIEWER, L.REVIEWER, args=lambda w: [w.book.pk], form=lambda w: {"name": "C.md", "version": str(w.book.name_version)}
    ),
    "runbook_withdraw": Page(L.REVIEWER, L.REVIEWER, args=lambda w: [w.book.pk], form=lambda w: {"version": "0"}),
    "runbook_back": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.withdrawn.pk], form=lambda w: {"version": "1"}),
    "runbook_diff": Page(L.VIEWER, args=lambda w: [w.book.pk]),
    "runbook_restore": Page(L.NOBODY, L.REVIEWER, args=lambda w: [w.book.pk, 1], form=lambda w: {"version": "2"}),
    "runbook_versions": Page(L.VIEWER, args=lambda w: [w.book.pk]),
    "runbook_version": Page(L.VIEWER, args=lambda w: [w.book.pk, 1]),
    "webhooks": Page(L.OWNER, L.OWNER, args=lambda w: [w.run.team.slug], form=lambda w: _HOOK),
    "webhook": Page(L.OWNER, L.OWNER, args=_hook, form=lambda w: _HOOK),
    "webhook_do": Page(L.NOBODY, L.OWNER, args=_hook, form=lambda w: {"do": "remove"}),
}


def _third(w: World) -> str:
    return f"/runs/{w.run.key}/findings/{w.run.findings.order_by('place')[2].fingerprint}/"
