"""Exit codes that a script or a person wrote down: `echo $? > curl_exit.txt`, `exit=28`, `curl: exit status 7`.

    28
    exit code: 7
    ping6 rc=1

Yields an ExitCode for each line. Refuses anything else; a bare number counts only where the file's name says what it is.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because
from runs.analysis.facts.small import ExitCode
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 2
TITLE = message("exit_code.title", en="an exit code", ja="終了コード")
MAX_CODES = 10_000
_WORDED = re.compile(
    r"\s*(?:(?P<label>[\w.+/ -]{1,60}?)\s*[:=]?\s*)?\b(?:exit[ _-]?(?:code|status)?|rc|ret(?:urn)?[ _-]?code|status|終了コード)\s*[:=]?\s*"
    r"(?P<code>\d{1,3})\s*$",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(\d{1,3})\s*$")
_NAME = re.compile(r"exit|(?:^|[/_.-])(?:rc|ret|status)(?:$|[_.-])", re.IGNORECASE)


def detect(head: Source, name: str) -> Reason | None:
    """Certain where every line says so, strong where only the name does."""
    full = [line for line in head.head_lines if line.text.strip()]
    if not full or len(full) > 100:
        return None
    if all(_WORDED.match(line.text[:200]) for line in full):
        return because(TITLE, full[0].number, CERTAIN)
    if _NAME.search(name) and all((bare := _BARE.match(line.text[:200])) and int(bare[1]) < 256 for line in full):
        return because(TITLE, full[0].number, CERTAIN if len(full) == 1 else STRONG)
    return None


def parse(source: Source) -> Parsed:
    """One pass."""
    found: list[ExitCode] = []
    for line in bounded_lines(source):
        text = line.text[:200]
        worded = _WORDED.match(text)
        bare = _BARE.match(text)
        if len(found) < MAX_CODES and (worded is not None or bare is not None):
            code = worded["code"] if worded else bare[1] if bare else ""
            label = worded["label"].strip() if worded and worded["label"] else None
            found.append(ExitCode(code=int(code), line=line.number, label=label or None))
    return Parsed(facts=found, counts={"codes": len(found)})
