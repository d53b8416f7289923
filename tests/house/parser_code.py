"""What code stands behind a parser, as a digest: `python -m tests.house.parser_code` notes it beside the parser's VERSION.

Facts are kept by content, kind and version, so a parser whose code changes must change its version too. The digest covers the
parser and everything it imports from the analysis, without what cannot change a fact: comments, docstrings, the words of
messages, and the parser's `summary`, which is said anew whenever a run is concluded.
"""

import ast
import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import grimp

from runs.analysis import registry

PROJECT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("parser_versions.json")
PLUMBING = {"runs.analysis.registry", "runs.analysis.messages", "runs.analysis.report", "runs.analysis.case"}


class _Essence(ast.NodeTransformer):
    """Drops what cannot change a fact."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if node.name == "summary" else self._without_docstring(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "message":
            node.keywords = []
        return self.generic_visit(node)

    def _without_docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.AST:
        node.body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))] or [
            ast.Pass()
        ]
        return self.generic_visit(node)


@cache
def essence(module: str) -> bytes:
    """The digest of one module's code."""
    path = PROJECT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = _Essence().visit(ast.parse(source.read_text(encoding="utf-8")))
    return hashlib.sha256(ast.dump(tree).encode()).digest()


def digests() -> dict[str, str]:
    """Kind to the digest of all code behind its parser."""
    graph = grimp.build_graph("runs", exclude_type_checking_imports=True)
    found = {}
    for kind, parser in registry.parsers().items():
        behind = {parser.__name__, *graph.find_upstream_modules(parser.__name__)}
        mine = sorted(name for name in behind if name.startswith("runs.analysis.") and name not in PLUMBING)
        found[kind] = hashlib.sha256(b"".join(name.encode() + essence(name) for name in mine)).hexdigest()[:16]
    return found


def versions() -> dict[str, int]:
    """Kind to its parser's VERSION."""
    return {kind: parser.VERSION for kind, parser in registry.parsers().items()}


def kept() -> dict[str, tuple[int, str]]:
    """Kind to the noted version and digest."""
    return {kind: tuple(noted) for kind, noted in json.loads(KEPT.read_text(encoding="utf-8")).items()} if KEPT.exists() else {}


def unraised() -> list[str]:
    """Kinds whose code changed while their VERSION did not."""
    noted, version = kept(), versions()
    return [
        kind for kind, code in digests().items() if kind in noted and noted[kind][1] != code and noted[kind][0] == version[kind]
    ]


def main(same_facts: list[str]) -> int:
    """Note all parsers; 1 where a version must be raised first. `same_facts` names kinds whose change gives the same facts."""
    if wrong := [kind for kind in unraised() if kind not in same_facts]:
        print("Raise VERSION, or name those that still give the same facts (make parser-lock SAME='kind …'):", *wrong)  # noqa: T201
        return 1
    version = versions()
    noted = {kind: [version[kind], code] for kind, code in sorted(digests().items())}
    lines = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(each)}" for kind, each in noted.items())
    KEPT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
