"""People and what they wrote, in templates: names, comments as HTML, excerpts, what happened in words."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from runs import happenings, markdown
from runs.models import HistoryEntry, Task
from runs.services.history import name_of
from runs.templatetags.words import zone_in
from runs.wording import current_language, sentence, shown_text

if TYPE_CHECKING:
    from django.contrib.auth.models import User

register = template.Library()


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
    return markdown.to_line(text, happenings.EXCERPT_CHARS)


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
    return conditional_escape(happenings.kept_words(kept, zone_in(context)))


@register.simple_tag(takes_context=True)
def event_words(context: template.Context, entry: HistoryEntry) -> SafeString:
    """`{% event_words entry %}`: what happened, to stand after the name of who did it.

    The page's `taken_back` names the comments whose words are not to be shown any more.
    """
    return format_html("{}", happenings.words_of(entry, zone_in(context), context.get("taken_back") or ()))


@register.simple_tag
def moved(movement: Any) -> str:
    """`{% moved movement %}`: '1 new, 2 gone'; 'nothing' where all is as it was."""
    return ", ".join(happenings.moved_parts(asdict(movement))) or _("nothing new, nothing gone")
