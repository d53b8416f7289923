"""A rule's docstring in sections, and its severities: what the rule's page shows. The words stand with the rule, once.

The first sentence says what the rule is about; paragraphs that begin with 'Claim:', 'Threshold:', 'Refuted by:' and 'Source:'
are those sections, in any order; all others are details. A paragraph without such a word goes on with details.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache

import msgspec

from runs.analysis import registry
from runs.analysis.report import SEVERITIES, Severity

_LABEL = re.compile(r"(Claims?|Thresholds?|Refuted by|Source|Sources)\b([^:\n]{0,40}):\s+(.*)", re.DOTALL)
_NAMES = {"Claim": "claim", "Claims": "claim", "Threshold": "threshold", "Thresholds": "threshold", "Refuted by": "refuted_by",
          "Source": "source", "Sources": "source"}  # fmt: skip


class RuleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The sections of a docstring, each with its paragraphs joined by empty lines; '' where there is none."""

    about: str
    claim: str = ""
    threshold: str = ""
    details: str = ""
    refuted_by: str = ""
    source: str = ""


def parse_document(document: str) -> RuleDocument:
    """The sections of a rule's docstring."""
    about, *paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(document))
    sections: dict[str, list[str]] = {}
    for paragraph in paragraphs:
        match = _LABEL.match(paragraph)
        name = _NAMES[match[1]] if match else "details"
        words = f"{match[2].strip(' ,')}: {match[3]}".removeprefix(": ") if match else paragraph
        words = words.strip()
        sections.setdefault(name, []).append(words[:1].upper() + words[1:])
    return RuleDocument(about=about.strip(), **{name: "\n\n".join(words) for name, words in sections.items()})


@cache
def document_of(rule_id: str) -> RuleDocument:
    """The sections of a rule. Raises KeyError for an id that is none."""
    return parse_document(registry.rules()[rule_id].document)


@cache
def severities_of(rule_id: str) -> tuple[Severity, ...]:
    """The severities that a rule can give, gravest first, read from its code. Raises KeyError for an id that is none."""
    judge = registry.rules()[rule_id].judge
    module = inspect.getmodule(judge)
    assert module is not None  # rules are discovered as modules
    named = {word for part in _reached(ast.parse(inspect.getsource(module)), judge.__name__) for word in _severity_words(part)}
    return tuple(severity for severity in SEVERITIES if severity in named)


def _reached(module: ast.Module, start: str) -> Iterator[ast.AST]:
    """All nodes of the function and of what it names in its module, directly or through others."""
    parts: dict[str, ast.stmt] = {}
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            parts[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            parts |= {target.id: statement for target in targets if isinstance(target, ast.Name)}
    waiting, seen = [start], {start}
    while waiting:
        for node in ast.walk(parts[waiting.pop()]):
            yield node
            if isinstance(node, ast.Name) and node.id in parts and node.id not in seen:
                seen.add(node.id)
                waiting.append(node.id)


def _severity_words(node: ast.AST) -> set[str]:
    """The words in an expression that gives a severity: `severity=…`, `SEVERITIES = …`, what `def severity…` returns."""
    parts: list[ast.AST] = []
    if isinstance(node, ast.keyword) and node.arg == "severity":
        parts = [node.value]
    elif isinstance(node, ast.FunctionDef) and "severity" in node.name:
        parts = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [node.value] if any("severit" in ast.unparse(target).lower() for target in targets) else []
    return {
        each.value for part in parts for each in ast.walk(part) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
