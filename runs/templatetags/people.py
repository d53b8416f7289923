"""People and what they wrote, in templates: names, comments as HTML, excerpts, what happened in words."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs import markdown
from runs.analysis.messages import Text
from runs.models import Event, HistoryEntry, Task
from runs.services.history import name_of
from runs.templatetags.marks import state_word
from runs.templatetags.words import size, zone_in
from runs.wording import current_language, sentence, shown_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

register = template.Library()

EXCERPT_CHARS = 160


@register.filter
def person(user: "User | None") -> str:
    """`{{ review.assignee|person }}`: the name; '' for nobody."""
    return "" if user is None else shown_text(name_of(user))


@register.simple_tag
def face(name: str) -> SafeString:
    """`{% face entry.actor_name %}`: the round mark beside a name; a bar for the analysis itself."""
    return format_html('<span class="face" aria-hidden="true">{}</span>', name[:1].upper() or "—")


@register.simple_tag
def said(text: str, called: Collection[str] = ()) -> SafeString:
    """`{% said comment.text names %}`: Markdown that a person typed, safe to show."""
    return markdown.to_html(text, called)


@register.simple_tag
def procedure(text: str, values: Mapping[str, str] | None = None) -> SafeString:
    """`{% procedure section.body values %}`: a runbook's Markdown, its commands filled and ready to copy."""
    return markdown.procedure_html(text, values or {}, (_("Copy"), _("Copied")))


@register.filter
def excerpt(text: str) -> str:
    """`{{ comment.text|excerpt }}`: its first words in a line."""
    return markdown.to_line(text, EXCERPT_CHARS)


@register.filter
def of_key(mapping: dict[Any, Any], key: Any) -> Any:
    """`{{ notes|of_key:file.path }}`: the mapping's value; None where there is none."""
    return mapping.get(key)


@register.filter
def day(value: date | None) -> str:
    """`{{ review.due_date|day }}`: '2026-11-20'; '' for none. The form that date fields take, too."""
    return "" if value is None else value.isoformat()


@register.simple_tag(takes_context=True)
def task_words(context: template.Context, task: Task) -> str:
    """`{% task_words task %}`: a next action as its writer or the report has it."""
    text = sentence(task.sentence, current_language(), zone_in(context)) if task.sentence else shown_text(task.written)
    return conditional_escape(text)


@register.simple_tag(takes_context=True)
def stored_words(context: template.Context, kept: Any) -> str:
    """`{% stored_words point.text %}`: words kept as JSON: plain, or {id, params} of a sentence."""
    return conditional_escape(_kept(context, kept))


def _kept(context: template.Context, kept: Any) -> str:
    if isinstance(kept, dict) and "id" in kept:
        return sentence(Text(kept["id"], kept.get("params", {})), current_language(), zone_in(context))
    return shown_text(str(kept or ""))


@register.simple_tag(takes_context=True)
def event_words(context: template.Context, entry: HistoryEntry) -> SafeString:
    """`{% event_words entry %}`: what happened, to stand after the name of who did it.

    The page's `taken_back` names the comments whose words are not to be shown any more.
    """
    words = _event(context, entry, entry.before, entry.after)
    return format_html("{}", words) if words else format_html("{}", entry.get_event_display())


def _event(context: template.Context, entry: HistoryEntry, before: Any, after: Any) -> str:
    number = entry.finding.number if entry.finding else ""
    family, _dot, what = entry.event.partition(".")
    if family == "finding":
        return _of_finding(what, number, before, after)
    if family == "comment":
        return _of_comment(what, number, after, context.get("taken_back") or ())
    if family == "task":
        words = _kept(context, (after or before or {}).get("text", ""))
        return f"{entry.get_event_display()}: {words[:EXCERPT_CHARS]}"
    if family in ("runbook", "section"):
        return _of_runbook(entry, number, before or after)
    if family == "mark":
        about = after or before
        words = f"{shown_text(about['place'])} {markdown.to_line(about['text'], EXCERPT_CHARS)}".rstrip()
        return f"{entry.get_event_display()}: {words}"
    if family == "proof":
        return f"{entry.get_event_display()}: {', '.join((after or before)['findings'])}"
    if family == "note":
        return f"{entry.get_event_display()}: {markdown.to_line(str(after or ''), EXCERPT_CHARS)}"
    return _of_run(entry, what, before, after)


def _of_finding(what: str, number: str, before: Any, after: Any) -> str:
    if what == "status":
        change = f"{number}: {state_word('review', before['status'])} → {state_word('review', after['status'])}"
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


def _of_runbook(entry: HistoryEntry, number: str, said: Any) -> str:
    name = shown_text(said["name"])
    if "version" in said:
        return _("saved runbook %(name)s, version %(n)s") % {"name": name, "n": said["version"]}
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
            "size": size(after["bytes"]),
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


@register.simple_tag
def moved(movement: Any) -> str:
    """`{% moved movement %}`: '1 new, 2 gone'; 'nothing' where all is as it was."""
    return ", ".join(moved_parts(asdict(movement))) or _("nothing new, nothing gone")
