"""Markdown that people type, as HTML that is safe to show: no HTML of their own, no image, no link but to the web, mail and here."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from runs.wording import shown_text

ALLOWED = re.compile(r"(https?://|mailto:|/(?![/\\])|#)", re.IGNORECASE)  # '//host' is another place; a browser reads '/\' like it
LINK_RELATION = "noopener nofollow noreferrer"
MOST_NESTED = 20
PLACEHOLDER = re.compile(r"\{(responder|port|client)\}")
MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]{1,150})")


_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_MARKS = re.compile(r"^\s*(?:[-+*>#]+|\d+[.)]|```\w*|~~~\w*)(?:\s+|$)|[`*]", re.MULTILINE)


def _validate(url: str) -> bool:
    return ALLOWED.match(url.strip()) is not None


def _no_image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    """An image is only named: showing it would fetch it from where its writer wants."""
    words = tokens[index].content or str(tokens[index].attrGet("src") or "")
    return f"<em>[{conditional_escape(words)}]</em>"


def _link_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    tokens[index].attrSet("rel", LINK_RELATION)
    return self.renderToken(tokens, index, options, env)


def _text(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    """Plain words: @name of somebody whom it calls stands out."""
    called: Collection[str] = env.get("called", ())
    words = tokens[index].content
    parts, end = [], 0
    for match in MENTION.finditer(words):
        name = match[1].rstrip(".")
        if name in called:
            parts += [conditional_escape(words[end : match.start()]), f'<b class="call">@{conditional_escape(name)}</b>']
            end = match.start() + 1 + len(name)
    return "".join(map(str, parts)) + str(conditional_escape(words[end:]))


def _code(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    """A block of code with the finding's own values in it; with `copy`, as a command that can be copied."""
    words = conditional_escape(_filled(tokens[index].content, env))
    copied = env.get("copy")
    if copied is None:
        return f"<pre><code>{words}</code></pre>\n"
    button, done = map(conditional_escape, copied)
    return f'<div class="cmd"><pre>{words}</pre><button type="button" data-copy data-copied="{done}">{button}</button></div>\n'


def _code_inline(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    return f"<code>{conditional_escape(_filled(tokens[index].content, env))}</code>"


def _filled(code: str, env: Any) -> str:
    """`{responder}` and the like replaced by what the page knows; a name without a value stays."""
    values: Mapping[str, str] = env.get("values", {})
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), code) if values else code


def _made() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MOST_NESTED}).enable(
        ["table", "strikethrough"]
    )
    parser.validateLink = _validate  # type: ignore[method-assign]
    rules: dict[str, Callable[..., str]] = {"image": _no_image, "link_open": _link_open, "text": _text}
    rules |= {"fence": _code, "code_block": _code, "code_inline": _code_inline}
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_PARSER = _made()


def to_html(text: str, called: Collection[str] = ()) -> SafeString:
    """The text as HTML. Secrets are masked and hostile characters made visible first; `called`: user names to set off where @ stands.

    Headings begin at the level that Markdown gives them: style them by the class of what stands around.
    """
    return SafeString(_PARSER.render(shown_text(text), {"called": frozenset(called)}))


def procedure_html(text: str, values: Mapping[str, str], copy: tuple[str, str]) -> SafeString:
    """A runbook's Markdown: `values` go into its code where {responder}, {port}, {client} stand, and blocks can be copied.

    `values` are tokens that a shell reads as one plain word; `copy`: the words of the button, before and after.
    """
    return SafeString(_PARSER.render(shown_text(text), {"values": values, "copy": copy}))


def to_line(text: str, most: int = 160) -> str:
    """The first words of a text in one line, marks of Markdown left out, for excerpts. Not escaped."""
    without_links = _LINK.sub(r"\1", shown_text(text))
    words = " ".join(_MARKS.sub("", without_links).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
