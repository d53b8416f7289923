"""State marks, severities, confidences: a shape, a word and a colour, never one alone."""

from collections.abc import Iterable
from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from runs.wording import REVIEW_WORDS

register = template.Library()


class Mark(NamedTuple):
    """A symbol of `_symbols.html`, a colour class of the stylesheet, and the word."""

    symbol: str
    colour: str
    word: str | Promise


MARKS: dict[str, dict[str, Mark]] = {
    "phase": {
        "ok": Mark("ok", "ok", pgettext_lazy("phase", "ok")),
        "failed": Mark("fail", "fail", pgettext_lazy("phase", "failed")),
        "not_reached": Mark("bar", "none", pgettext_lazy("phase", "not reached")),
        "not_observed": Mark("none", "none", pgettext_lazy("phase", "not observed")),
        "not_applicable": Mark("bar", "none", pgettext_lazy("phase", "does not apply")),
    },
    "check": {
        "pass": Mark("ok", "ok", pgettext_lazy("check", "excluded")),
        "fail": Mark("fail", "fail", pgettext_lazy("check", "found")),
        "info": Mark("info", "note", pgettext_lazy("check", "noted")),
        "not_evaluable": Mark("none", "none", pgettext_lazy("check", "not evaluable")),
        "crashed": Mark("crash", "fail", pgettext_lazy("check", "rule crashed")),
    },
    "file": {
        "waiting": Mark("open", "none", pgettext_lazy("file", "waiting")),
        "parsing": Mark("run", "live", pgettext_lazy("file", "being parsed")),
        "parsed": Mark("ok", "ok", pgettext_lazy("file", "parsed")),
        "partial": Mark("warn", "warn", pgettext_lazy("file", "partial")),
        "unrecognised": Mark("none", "none", pgettext_lazy("file", "unrecognised")),
        "failed": Mark("fail", "fail", pgettext_lazy("file", "failed")),
        "refused": Mark("stop", "warn", pgettext_lazy("file", "refused")),
    },
    "claim": {
        "supported": Mark("ok", "ok", pgettext_lazy("claim", "supported")),
        "contradicted": Mark("fail", "fail", pgettext_lazy("claim", "contradicted")),
        "cannot_be_checked": Mark("none", "none", pgettext_lazy("claim", "cannot be checked")),
    },
    "run": {
        "receiving": Mark("run", "live", pgettext_lazy("run", "receiving files")),
        "queued": Mark("open", "live", pgettext_lazy("run", "waiting for a worker")),
        "analysing": Mark("run", "live", pgettext_lazy("run", "analysing")),
        "concluded": Mark("ok", "ok", pgettext_lazy("run", "analysed")),
        "failed": Mark("crash", "fail", pgettext_lazy("run", "analysis failed")),
    },
    "review": {
        "open": Mark("open", "none", REVIEW_WORDS["open"]),
        "confirmed": Mark("done", "warn", REVIEW_WORDS["confirmed"]),
        "in_progress": Mark("half", "live", REVIEW_WORDS["in_progress"]),
        "resolved": Mark("done", "ok", REVIEW_WORDS["resolved"]),
        "false_positive": Mark("bar", "none", REVIEW_WORDS["false_positive"]),
        "accepted": Mark("done", "note", REVIEW_WORDS["accepted"]),
    },
    "change": {
        "new": Mark("info", "note", pgettext_lazy("finding", "new")),
        "changed": Mark("info", "note", pgettext_lazy("finding", "changed")),
        "gone": Mark("bar", "none", pgettext_lazy("finding", "gone")),
        "back": Mark("warn", "warn", pgettext_lazy("finding", "back again")),
    },
    "verdict": {
        "fail": Mark("fail", "fail", _("Verdict")),
        "pass": Mark("ok", "ok", _("Verdict")),
        "not_evaluable": Mark("none", "none", _("No verdict")),
    },
}
_UNKNOWN = Mark("none", "none", "?")

SEVERITY_WORDS: dict[str, str | Promise] = {
    "critical": pgettext_lazy("severity", "critical"),
    "high": pgettext_lazy("severity", "high"),
    "medium": pgettext_lazy("severity", "medium"),
    "low": pgettext_lazy("severity", "low"),
    "info": pgettext_lazy("severity", "info"),
}
_BARS = {"critical": 4, "high": 3, "medium": 2, "low": 1, "info": 0}

CONFIDENCE_WORDS: dict[str, str | Promise] = {
    "certain": pgettext_lazy("confidence", "certain"),
    "firm": pgettext_lazy("confidence", "firm"),
    "tentative": pgettext_lazy("confidence", "tentative"),
}
DOMAIN_WORDS: dict[str, str | Promise] = {
    "network": _("network"),
    "host": _("host"),
    "application": _("application"),
    "evidence": _("evidence"),
    "notes": _("notes"),
}
PHASE_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {  # in full, and for a strip on a phone
    "resolve": (pgettext_lazy("phase", "resolve"), pgettext_lazy("short phase", "resolve")),
    "connect": (pgettext_lazy("phase", "connect"), pgettext_lazy("short phase", "connect")),
    "request": (pgettext_lazy("phase", "request"), pgettext_lazy("short phase", "request")),
    "acknowledged": (pgettext_lazy("phase", "acknowledged"), pgettext_lazy("short phase", "ack")),
    "first_byte": (pgettext_lazy("phase", "first byte"), pgettext_lazy("short phase", "first")),
    "complete": (pgettext_lazy("phase", "complete"), pgettext_lazy("short phase", "done")),
    "close": (pgettext_lazy("phase", "close"), pgettext_lazy("short phase", "close")),
}
ROLE_WORDS: dict[str, str | Promise] = {
    "originator": _("Originator"),
    "responder": _("Responder"),
    "forwarder": _("Forwarder"),
    "resolver": _("Resolver"),
    "rejecting_host": _("Rejecting host"),
    "rejecting host": _("Rejecting host"),
    "server": _("Server"),
    "client": _("Client"),
    "gateway": _("Gateway"),
    "proxy": _("Proxy"),
    "upstream": _("Upstream"),
    "sender": _("Sender"),
}


@register.simple_tag
def mark(family: str, state: str) -> SafeString:
    """`{% mark "file" row.state %}`: symbol and word."""
    made = MARKS[family].get(state, _UNKNOWN)
    return format_html(
        '<span class="st"><svg class="m {}" aria-hidden="true"><use href="#m-{}"/></svg>{}</span>',
        made.colour,
        made.symbol,
        made.word,
    )


@register.simple_tag
def icon(family: str, state: str) -> SafeString:
    """`{% icon "file" row.state %}`: the symbol where the row's words follow; its word is read to those who do not see it."""
    made = MARKS[family].get(state, _UNKNOWN)
    return format_html(
        '<svg class="m {}" role="img" aria-label="{}"><title>{}</title><use href="#m-{}"/></svg>',
        made.colour,
        made.word,
        made.word,
        made.symbol,
    )


@register.simple_tag
def state_word(family: str, state: str) -> str:
    """`{% state_word "phase" phase.result %}`: the word alone."""
    return str(MARKS[family].get(state, _UNKNOWN).word)


@register.simple_tag
def severity(value: str) -> SafeString:
    """`{% severity finding.severity %}`: four rising bars and the word."""
    return format_html(
        '<span class="sev sev-{}"><svg aria-hidden="true"><use href="#s-{}"/></svg>{}</span>',
        value, _BARS.get(value, 0), SEVERITY_WORDS.get(value, value),
    )  # fmt: skip


@register.simple_tag
def severity_word(value: str) -> str:
    """`{% severity_word "high" %}`: the word alone."""
    return str(SEVERITY_WORDS.get(value, value))


@register.simple_tag
def confidence(value: str) -> SafeString:
    """`{% confidence finding.confidence %}`: the word, underlined solid, dashed or dotted."""
    return format_html('<span class="conf conf-{}">{}</span>', value, CONFIDENCE_WORDS.get(value, value))


@register.simple_tag
def tally(family: str, counts: Iterable[tuple[str, int]]) -> str:
    """`{% tally "file" state_counts %}`: '16 parsed, 0 partial', '解析済 16、一部解析 0'; `family` may be "severity"."""
    parts = []
    for state, n in counts:
        word = SEVERITY_WORDS.get(state, state) if family == "severity" else MARKS[family].get(state, _UNKNOWN).word
        parts.append(pgettext("tally", "%(n)s %(word)s") % {"n": f"{n:,}", "word": word})
    return pgettext("between parts of a list", ", ").join(parts)


@register.filter
def domain_word(value: str) -> str:
    """`{{ verdict.domain|domain_word }}`."""
    return str(DOMAIN_WORDS.get(value, value))


@register.filter
def role_word(value: str) -> str:
    """`{{ endpoint.role|role_word }}`: the role in words; one that is not known here as it is written."""
    return str(ROLE_WORDS.get(value, value))


@register.filter
def phase_word(value: str) -> str:
    """`{{ phase.name|phase_word }}`."""
    return str(PHASE_WORDS[value][0]) if value in PHASE_WORDS else value


@register.filter
def short_phase_word(value: str) -> str:
    """`{{ phase.name|short_phase_word }}`: seven of them fit a phone's width."""
    return str(PHASE_WORDS[value][1]) if value in PHASE_WORDS else value
