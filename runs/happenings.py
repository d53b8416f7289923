"""What happened, in words: the entries of the history as feeds, e-mails and webhooks tell them."""

from collections.abc import Collection
from datetime import tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs import markdown
from runs.analysis.messages import Text
from runs.models import Event, HistoryEntry
from runs.wording import REVIEW_WORDS, current_language, file_size, sentence, shown_text

EXCERPT_CHARS = 160


def words_of(entry: HistoryEntry, zone: tzinfo, taken_back: Collection[int] = ()) -> str:
    """What happened, to stand after the name of who did it. `taken_back`: comments whose words are not to be shown any more. Not escaped."""
    return _words(entry, zone, taken_back) or entry.get_event_display()


def _words(entry: HistoryEntry, zone: tzinfo, taken_back: Collection[int]) -> str:
    before, after = entry.before, entry.after
    number = entry.finding.number if entry.finding else ""
    family, _dot, what = entry.event.partition(".")
    if family == "finding":
        return _of_finding(what, number, before, after)
    if family == "comment":
        return _of_comment(what, number, after, taken_back)
    if family == "task":
        words = kept_words((after or before or {}).get("text", ""), zone)
        return f"{entry.get_event_display()}: {words[:EXCERPT_CHARS]}"
    if family == "webhook":
        about = after or before or {}
        return f"{entry.get_event_display()}: {shown_text(about['name'])} ({shown_text(about['address'])})"
    if family in ("runbook", "section"):
        return _of_runbook(entry, number, before, after)
    if family == "mark":
        about = after or before or {}
        words = f"{shown_text(about['place'])} {markdown.to_line(about['text'], EXCERPT_CHARS)}".rstrip()
        return f"{entry.get_event_display()}: {words}"
    if family == "proof":
        return f"{entry.get_event_display()}: {', '.join((after or before or {})['findings'])}"
    if family == "note":
        return f"{entry.get_event_display()}: {markdown.to_line(str(after or ''), EXCERPT_CHARS)}"
    return _of_run(entry, what, before, after)


def kept_words(kept: Any, zone: tzinfo) -> str:
    """Words kept as JSON: plain, or {id, params} of a sentence. Not escaped."""
    if isinstance(kept, dict) and "id" in kept:
        return sentence(Text(kept["id"], kept.get("params", {})), current_language(), zone)
    return shown_text(str(kept or ""))


def _of_finding(what: str, number: str, before: Any, after: Any) -> str:
    if what == "status":
        change = f"{number}: {REVIEW_WORDS[before['status']]} → {REVIEW_WORDS[after['status']]}"
        until = after.get("accepted_until")
        detail = " · ".join(part for part in (until and _("until %(day)s") % {"day": until}, shown_text(after["reason"])) if part)
        return f"{change} ({detail})" if detail else change
    if what == "assigned":
        nobody = _("nobody")
        names = [shown_text(who["name"]) if who else nobody for who in (before, after)]
        return _("assignee of %(number)s: %(before)s → %(after)s") % {"number": number, "before": names[0], "after": names[1]}
    if what == "due":
        days = {"number": number, "before": before or "—", "after": after or "—"}
        return _("due date of %(number)s: %(before)s → %(after)s") % days
    if what in ("linked", "unlinked"):
        end = after or before
        other = f"{shown_text(end['label'])} {end['number']}".strip()
        form = _("%(number)s linked with %(other)s") if what == "linked" else _("%(number)s no longer linked with %(other)s")
        return form % {"number": number, "other": other}
    moved = {
        "changed": _("%(number)s changed in this analysis"),
        "gone": _("%(number)s is gone"),
        "back": _("%(number)s is back again"),
    }
    return moved[what] % {"number": number}


def _of_comment(what: str, number: str, after: Any, taken_back: Collection[int]) -> str:
    if what != "deleted" and after["comment"] in taken_back:
        return _("on %(number)s: a comment that was deleted since") % {"number": number or _("the run")}
    if what == "deleted":
        return _("deleted a comment on %(number)s") % {"number": number or _("the run")}
    form = _("on %(number)s: %(words)s") if what == "added" else _("edited, on %(number)s: %(words)s")
    return form % {"number": number or _("the run"), "words": markdown.to_line(after["text"], EXCERPT_CHARS)}


def _of_runbook(entry: HistoryEntry, number: str, before: Any, after: Any) -> str:
    said = before or after
    name = shown_text(said["name"])
    if entry.event == Event.RUNBOOK_SAVED:
        words = {"name": name, "n": said["version"], "from": said.get("restored")}
        if words["from"]:
            return _("restored version %(from)s of runbook %(name)s as version %(n)s") % words
        return _("saved runbook %(name)s, version %(n)s") % words
    if entry.event == Event.RUNBOOK_RENAMED:
        return _("renamed runbook %(before)s to %(after)s") % {"before": name, "after": shown_text(after["name"])}
    if entry.event == Event.RUNBOOK_WITHDRAWN:
        return _("withdrew runbook %(name)s") % {"name": name}
    if entry.event == Event.RUNBOOK_BACK:
        return _("brought back runbook %(name)s") % {"name": name}
    about = {"number": number, "section": f"{name} {shown_text(said['anchor'])}"}
    if "helped" in said:
        return (_("%(number)s: %(section)s helped") if said["helped"] else _("%(number)s: %(section)s did not help")) % about
    if entry.event == Event.SECTION_UNLINKED:
        return _("%(number)s no longer linked with %(section)s") % about
    return _("%(number)s linked with %(section)s") % about


def _of_run(entry: HistoryEntry, what: str, before: Any, after: Any) -> str:
    if what == "files_added":
        return ngettext("added %(n)s file (%(size)s)", "added %(n)s files (%(size)s)", after["files"]) % {
            "n": after["files"],
            "size": file_size(after["bytes"]),
        }
    if what == "file_removed":
        return _("removed %(path)s") % {"path": shown_text(before["path"])}
    if what == "analysed":
        return movement_words(after)
    if what == "renamed":
        return _("renamed %(before)s to %(after)s") % {"before": shown_text(before), "after": shown_text(after)}
    if what == "given":
        return ngettext("signed off with %(n)s open point", "signed off with %(n)s open points", after["open"]) % {
            "n": after["open"]
        }
    return ""


def movement_words(movement: Any) -> str:
    """What an analysis did to the findings: '7 findings (1 new, 2 gone, 1 back)'. `movement`: as `Event.RUN_ANALYSED` keeps it."""
    total = movement["findings"]
    whole = ngettext("analysis finished: %(n)s finding", "analysis finished: %(n)s findings", total) % {"n": total}
    parts = [] if movement["first"] else moved_parts(movement)
    return f"{whole} ({', '.join(parts)})" if parts else whole


def moved_parts(movement: Any) -> list[str]:
    """'1 new', '2 gone', '1 back again': what is not 0."""
    words = {"new": _("%(n)s new"), "changed": _("%(n)s changed"), "gone": _("%(n)s gone"), "back": _("%(n)s back again")}
    return [form % {"n": movement[name]} for name, form in words.items() if movement[name]]
