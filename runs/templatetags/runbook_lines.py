"""Lines that differ between two versions of a runbook, as rows of a table: hostile text stays text."""

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.services.line_diff import Difference, Fragment, Row

register = template.Library()


@register.simple_tag
def diff_rows(difference: Difference) -> SafeString:
    """`{% diff_rows difference %}`: a `tr` for each row; what went is `del`, what came `ins`, each said in a word and a sign, too.

    The texts were made fit to be shown before they were compared: a secret is known by the words around it.
    """
    kinds = {"gone": ("del", "\N{MINUS SIGN}", _("removed:")), "new": ("ins", "+", _("added:"))}
    return SafeString("\n".join(_row(row, kinds) for row in difference.rows))


def _row(row: Row, kinds: dict[str, tuple[str, str, str]]) -> str:
    if row.kind == "skip":
        words = ngettext("%(n)s line alike", "%(n)s lines alike", row.count) % {"n": row.count}
        return format_html('<tr class="between"><td></td><td></td><td>{}</td></tr>', words)
    numbers = format_html("<td>{}</td><td>{}</td>", row.before or "", row.after or "")
    if row.kind == "same":
        return format_html("<tr>{}<td>{}</td></tr>", numbers, _parts(row.parts))
    tag, sign, word = kinds[row.kind]
    hidden = format_html('<i aria-hidden="true">{}</i><span class="visually-hidden">{} </span>', sign, word)
    return format_html(
        '<tr class="{}">{}<td>{}<{}>{}</{}></td></tr>',
        row.kind,
        numbers,
        hidden,
        SafeString(tag),
        _parts(row.parts),
        SafeString(tag),
    )


def _parts(parts: Iterable[Fragment]) -> SafeString:
    """The words, those that differ marked."""
    made = [format_html("<mark>{}</mark>", words) if differs else conditional_escape(words) for words, differs in parts]
    return SafeString("".join(made))
