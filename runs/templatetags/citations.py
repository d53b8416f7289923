"""Citation chips: file, and frames (`#6–21`) or lines (`:13`), linked to the page that marks them."""

from collections.abc import Iterable, Mapping, Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from runs.analysis.domain.visible import visible
from runs.analysis.facts.base import Citation
from runs.analysis.registry import Problem
from runs.analysis.report import Check, Statement, merge_citations
from runs.models import EvidenceFile
from runs.templatetags.words import zone_in
from runs.wording import current_language, sentence, shorten

register = template.Library()

SHOWN_RANGES = 3  # more than these in a chip say nothing to a reader; the link has more
LINKED_RANGES = 40


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as first-last pairs: (1, 2, 3, 7) gives [(1, 3), (7, 7)]."""
    made: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if made and number == made[-1][1] + 1:
            made[-1] = (made[-1][0], number)
        else:
            made.append((number, number))
    return made


def shown_ranges(pairs: Sequence[tuple[int, int]]) -> str:
    """'1–3, 7', and '…' for what is left out."""
    parts = [str(a) if a == b else f"{a}–{b}" for a, b in pairs[:SHOWN_RANGES]]
    return ", ".join(parts) + (" …" if len(pairs) > SHOWN_RANGES else "")


def linked_ranges(pairs: Sequence[tuple[int, int]]) -> str:
    """'1-3,7': the form that the viewers' `?lines=` and `?frames=` take."""
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in pairs[:LINKED_RANGES])


def chips(citation: Citation, key: str, files: Mapping[str, EvidenceFile], own: str | None = None) -> list[SafeString]:
    """The chips of one citation: for its frames, its lines, or the file as a whole. `own`: the file that needs no naming here.

    A file that is no longer in the run, or whose bytes were refused, has nothing to link to: a plain chip.
    """
    file = files.get(citation.file)
    parts = [(sign, page, ranges(numbers)) for sign, page, numbers in _places(citation) if numbers] or [("", "file", [])]
    name = visible(citation.file)
    made = []
    for sign, page, pairs in parts:
        place = f"{sign}{shown_ranges(pairs)}" if pairs else ""
        label = format_html("<span>{}</span>", shorten(name)) if citation.file != own or not place else SafeString("")
        body = format_html("{}<b>{}</b>", label, place) if place else label
        title = f"{name} {place}".rstrip()
        link = _link(page, key, file, pairs) if file and file.blob_id else None
        made.append(
            format_html('<a class="cite" href="{}" title="{}">{}</a>', link, title, body)
            if link
            else format_html('<span class="cite" title="{}">{}</span>', title, body)
        )
    return made


def _places(citation: Citation) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    return (("#", "frames", citation.frames), (":", "file", citation.lines))


def _link(page: str, key: str, file: EvidenceFile, pairs: Sequence[tuple[int, int]]) -> str:
    address = reverse(page, args=(key, file.pk))
    if not pairs:
        return address
    query, anchor = ("frames", "F") if page == "frames" else ("lines", "L")
    return f"{address}?{query}={linked_ranges(pairs)}#{anchor}{pairs[0][0]}"


@register.simple_tag(takes_context=True)
def cites(context: template.Context, citations: Iterable[Citation], own: str | None = None, most: int = 0) -> SafeString:
    """`{% cites statement.citations %}`: chips in a group. `own=path` leaves that file's name out; `most=4` shows no more."""
    made = _all_chips(context, citations, own)
    if not made:
        return SafeString("")
    rest = len(made) - most if most else 0
    more = format_html('<span class="faint small">+{}</span>', rest) if rest > 0 else ""
    return format_html('<span class="cites">{}{}</span>', _joined(made[:most] if rest > 0 else made, ""), more)


@register.simple_tag(takes_context=True)
def inline_cites(context: template.Context, citations: Iterable[Citation], own: str | None = None) -> SafeString:
    """`{% inline_cites statement.citations %}`: chips within a sentence, broken with it."""
    return _joined(_all_chips(context, citations, own), " ")


@register.simple_tag(takes_context=True)
def cited(context: template.Context, statement: Statement, own: str | None = None, most: int = 0) -> SafeString:
    """`{% cited statement %}`: the sentence with its chips before its full stop, as prose has them. `most=4` shows no more."""
    said = sentence(statement.text, current_language(), zone_in(context))
    made = _all_chips(context, statement.citations, own)
    if not made:
        return format_html("{}", said)
    stop = said[-1:] if said.endswith((".", "。")) and not said.endswith("..") else ""
    rest = len(made) - most if most else 0
    more = format_html(' <span class="faint small">+{}</span>', rest) if rest > 0 else ""
    return format_html("{} {}{}{}", said.removesuffix(stop), _joined(made[:most] if rest > 0 else made, " "), more, stop)


def _all_chips(context: template.Context, citations: Iterable[Citation], own: str | None) -> list[SafeString]:
    key, files = context["run"].key, context.get("evidence") or {}
    return [chip for citation in citations for chip in chips(citation, key, files, own)]


def _joined(made: Sequence[SafeString], by: str) -> SafeString:
    return format_html_join(by, "{}", ((chip,) for chip in made))


@register.filter
def as_list(citation: Citation | None) -> list[Citation]:
    """`{% inline_cites report.purpose_at|as_list %}`: one citation, or none, where several are expected."""
    return [citation] if citation else []


@register.simple_tag(takes_context=True)
def line_cite(context: template.Context, file: str, line: int) -> SafeString:
    """`{% line_cite claim.file claim.line %}`: a chip for one line."""
    return inline_cites(context, [Citation(file, lines=(line,))])


@register.simple_tag(takes_context=True)
def problem_cite(context: template.Context, file: str, problem: Problem) -> SafeString:
    """`{% problem_cite path problem %}`: a chip for the frame or line at which a file could not be read."""
    frames = (problem.frame,) if problem.frame is not None else ()
    lines = (problem.line,) if problem.line is not None else ()
    return inline_cites(context, [Citation(file, frames, lines)], own=file)


@register.simple_tag(takes_context=True)
def check_cites(context: template.Context, check: Check) -> SafeString:
    """`{% check_cites check %}`: the chips of a check's statements and its own, each file once."""
    places = [citation for statement in check.statements for citation in statement.citations]
    return cites(context, merge_citations((*places, *check.citations)), most=4)
