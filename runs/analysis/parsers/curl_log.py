"""Logs of `curl -v` (7.x and 8.x), with or without progress meter, prompts and bodies, any number of transfers in one file.

    * Host shop.example:8081 was resolved.
    *   Trying [2001:db8::7]:8081...
    * connect to 2001:db8::7 port 8081 from 2001:db8::2 port 40112 failed: Connection refused
    *   Trying 192.0.2.7:8081...
    * Connected to shop.example (192.0.2.7) port 8081
    > GET /health HTTP/1.1
    < HTTP/1.1 204 No Content

Yields a CurlAttempt for each transfer (a redirect's is another one) and a ShellCommand where the command stands above it.
Refuses curl's output without -v (nothing but a body), and notes that merely quote a line.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain import curl
from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.curl_trace import BEGIN, verbose_lines
from runs.analysis.domain.curl_transfer import Transfer
from runs.analysis.domain.detection import because, is_markdown, matching, outside_fences
from runs.analysis.domain.shell import program, read_prompt
from runs.analysis.facts.base import Fact
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 5
TITLE = message("curl_log.title", en="a log of curl -v", ja="curl -v のログ")
TOO_MANY = message(
    "curl_log.too_many",
    en="more than {most:count} transfers; the rest is not read",
    ja="転送が {most:count} 件を超え、以降は読まない",
)
MAX_ATTEMPTS = 2_000
_SURE = re.compile(
    r"[^*]{0,100}\* +Trying |\* (?:Connected|connect|About to connect\(\)) to |\s*% Total\s+% Received|\* Host \S+:\d+ was resolved"
)
_LIKELY = re.compile(r"curl: \(\d+\) |> [A-Z]{3,8} \S+ HTTP/[\d.]+$|\* Could not resolve host|\* Connection #\d+ to host ")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by curl's own lines; a Markdown note that quotes them is left to the notes."""
    lines = outside_fences(head.head_lines)
    if sure := matching(lines, _SURE):
        return because(TITLE, sure[0], TYPICAL if is_markdown(lines) else CERTAIN)
    if traced := matching(lines, BEGIN):
        return because(TITLE, traced[0], TYPICAL if is_markdown(lines) else CERTAIN)
    if likely := matching(lines, _LIKELY):
        return because(TITLE, likely[0], TYPICAL if is_markdown(lines) else STRONG)
    return None


def parse(source: Source) -> Parsed:
    """Transfers in the order of the log."""
    attempts: list[CurlAttempt] = []
    facts: list[Fact] = []
    problems: list[Problem] = []
    for item in _items(source):
        if isinstance(item, ShellCommand):
            facts.append(item)
        elif len(attempts) == MAX_ATTEMPTS:
            problems.append(Problem(TOO_MANY(most=MAX_ATTEMPTS), line=item.first_line, lost=True))
            break
        else:
            attempts.append(item)
    return Parsed(facts=[*attempts, *facts[:MAX_ATTEMPTS]], problems=problems, counts={"transfers": len(attempts)})


def _items(source: Source) -> Iterator[CurlAttempt | ShellCommand]:
    transfer = Transfer()
    for line in verbose_lines(bounded_lines(source)):
        prompt = read_prompt(line.text)
        if prompt is not None:
            if transfer.touched:
                yield transfer.finish()
            transfer = Transfer()
            if program(prompt.command) == "curl":
                transfer = Transfer(command=prompt.command, host=prompt.host)
                yield ShellCommand(text=prompt.command, line=line.number, host=prompt.host)
            continue
        for piece in curl.pieces(line.text):
            if transfer.begins_another(piece.text):
                if transfer.touched:
                    yield transfer.finish()
                transfer = transfer.next(piece.text)
            transfer.read(piece, line.number)
    if transfer.touched:
        yield transfer.finish()
