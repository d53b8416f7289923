"""Evidence lines in templates: pieces of text, names of control characters, masks and folds as HTML."""

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.analysis.domain.visible import Piece
from runs.analysis.facts.base import Citation

register = template.Library()


@register.simple_tag
def line_pieces(pieces: Iterable[Piece], more_link: str = "") -> SafeString:
    """`{% line_pieces row.pieces link %}`: the line; `more_link` unfolds what is folded in it."""
    return SafeString("".join(_piece(piece, more_link) for piece in pieces))


def _piece(piece: Piece, more_link: str) -> str:
    if piece.kind == "text":
        return conditional_escape(piece.text)
    if piece.kind == "control":
        return format_html('<span class="ctl">{}</span>', piece.text)
    if piece.kind == "colour":
        return format_html('<span class="ctl faint" title="ESC[{}m">{}</span>', piece.text, _colour(piece.text))
    if piece.kind == "secret":
        return format_html('<span class="masked" title="{}">{}</span>', _("A secret is masked; equal tokens, equal secrets"),
                           f"{_('masked')} {piece.text}")  # fmt: skip
    return _fold(piece, more_link)


def _colour(codes: str) -> str:
    return "SGR" if codes in ("", "0") else f"SGR {codes}"


def _fold(piece: Piece, more_link: str) -> str:
    if piece.kind == "repeated":
        words = ngettext("%(n)s update folded", "%(n)s updates folded", piece.times) % {"n": f"{piece.times:,}"}
    else:
        words = ngettext("%(n)s more character", "%(n)s more characters", piece.length) % {"n": f"{piece.length:,}"}
    link = format_html(' <a href="{}">{}</a>', more_link, _("Unfold")) if more_link else ""
    return format_html('\n<span class="fold">{}{}</span>{}', words, link, "\n" if piece.kind == "repeated" else "")


@register.filter
def whole_file(path: str) -> list[Citation]:
    """`{% inline_cites file.path|whole_file %}`: a chip for a file as a whole."""
    return [Citation(path)]


@register.filter
def own_line(line: int, path: str) -> list[Citation]:
    """`{% inline_cites line|own_line:file.path own=file.path %}`: a chip for a line of the page's own file."""
    return [Citation(path, lines=(line,))]
