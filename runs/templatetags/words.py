"""Words in templates: a report's sentences, times in the run's zone, sizes, and evidence's own text made safe to look at."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from runs.analysis.domain.visible import visible
from runs.analysis.messages import NBSP, Text, clock_time, duration
from runs.analysis.report import Window
from runs.wording import current_language, file_size, moment_of, sentence, shorten, shown_text

register = template.Library()

_BREAK_AFTER = re.compile(r"([/_.\-]+)")


def zone_in(context: template.Context) -> tzinfo:
    """The zone the page shows times in: the view's `zone`."""
    zone = context.get("zone")
    return zone if isinstance(zone, tzinfo) else UTC


@register.simple_tag(takes_context=True)
def words(context: template.Context, text: Text | None) -> str:
    """`{% words finding.title %}`: the sentence in the page's language and zone; nothing for None."""
    return "" if text is None else conditional_escape(sentence(text, current_language(), zone_in(context)))


@register.filter
def shown(text: Any) -> str:
    """`{{ row.command|shown }}`: text that a person or program wrote; hostile characters visible, secrets masked."""
    return shown_text(str(text)) if text is not None else ""


@register.filter
def shown_name(path: Any) -> SafeString:
    """`{{ file.path|shown_name }}`: a file's name, hostile characters visible, with places where a narrow column may break it."""
    parts = _BREAK_AFTER.split(visible(str(path)))
    return SafeString("".join(str(conditional_escape(p)) + ("<wbr>" if i % 2 else "") for i, p in enumerate(parts)))


@register.filter
def short_name(path: Any) -> str:
    """`{{ file.path|short_name }}`: a file's name in one line of at most 48 columns."""
    return shorten(visible(str(path)))


@register.filter
def size(value: int) -> str:
    """`{{ file.size_bytes|size }}`: '2,588 B', '40.2 kB', '1.3 GB' (powers of ten, as df -H and Wireshark's capture info)."""
    return file_size(value)


@register.filter
def count(value: int) -> str:
    """`{{ run.frame_count|count }}`: '33,987'."""
    return f"{value:,}"


@register.filter
def lasting(value_ns: int | None) -> str:
    """`{{ phase.duration_ns|lasting }}`: '13 µs', '120.001 s'."""
    return "" if value_ns is None else duration(value_ns)


@register.simple_tag(takes_context=True)
def clock(context: template.Context, ts_ns: int | None) -> str:
    """`{% clock at_ns %}`: '17:50:19.325' in the page's zone."""
    return "" if ts_ns is None else clock_time(ts_ns, zone_in(context))


@register.simple_tag(takes_context=True)
def moment(context: template.Context, ts_ns: int | None) -> str:
    """`{% moment at_ns %}`: '2026-11-20 17:50:19' in the page's zone."""
    if ts_ns is None:
        return ""
    at = moment_of(ts_ns, zone_in(context))
    return f"{ts_ns}{NBSP}ns" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


@register.simple_tag(takes_context=True)
def span(context: template.Context, start_ns: int, end_ns: int) -> str:
    """`{% span w.start_ns w.end_ns %}`: '2026-11-20 17:50:19 – 17:54:06'; the second date only where it is another day."""
    zone = zone_in(context)
    start, end = moment_of(start_ns, zone), moment_of(end_ns, zone)
    if start is None or end is None:
        return f"{start_ns} – {end_ns}{NBSP}ns"
    if start == end:
        return f"{start:%Y-%m-%d %H:%M:%S}"
    return f"{start:%Y-%m-%d %H:%M:%S} – {end:{'%H:%M:%S' if start.date() == end.date() else '%Y-%m-%d %H:%M:%S'}}"


@register.simple_tag(takes_context=True)
def file_span(context: template.Context, window: Window, of_run: Window | None) -> SafeString:
    """`{% file_span file.window report.window %}`: '17:50:19.325 –<br>17:52:30.644'; with the date where the run has several."""
    zone = zone_in(context)
    whole = of_run or window
    first, last = moment_of(whole.start_ns, zone), moment_of(whole.end_ns, zone)
    dated = not (first and last and first.date() == last.date())

    def end(ts_ns: int) -> str:
        at = moment_of(ts_ns, zone)
        return f"{at:%Y-%m-%d} {clock_time(ts_ns, zone)}" if dated and at else clock_time(ts_ns, zone)

    if window.start_ns == window.end_ns:
        return format_html("{}", end(window.start_ns))
    return format_html("{} –<br>{}", end(window.start_ns), end(window.end_ns))


@register.simple_tag(takes_context=True)
def local_time(context: template.Context, at: datetime | None) -> SafeString:
    """`{% local_time run.concluded_at %}`: a moment of the portal itself, in the page's zone, as a `<time>`."""
    if at is None:
        return SafeString("")
    here = at.astimezone(zone_in(context))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), f"{here:%Y-%m-%d %H:%M:%S}")


@register.simple_tag(takes_context=True)
def local_minute(context: template.Context, at: datetime | None) -> SafeString:
    """`{% local_minute run.created_at %}`: the same to the minute, for lists."""
    if at is None:
        return SafeString("")
    here = at.astimezone(zone_in(context))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), f"{here:%Y-%m-%d %H:%M}")


@register.simple_tag(takes_context=True)
def local_day(context: template.Context, at: datetime | None) -> SafeString:
    """`{% local_day seen.since %}`: the day alone."""
    if at is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), f"{at.astimezone(zone_in(context)):%Y-%m-%d}"
    )
