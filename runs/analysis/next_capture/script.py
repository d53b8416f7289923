"""The next capture as a script for /bin/sh: one argument names the place, every command has its reason above it.

What comes from the evidence stands in quoted words or behind '#', with nothing in it that ends a line.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from runs.analysis.facts.base import Citation
from runs.analysis.messages import message, render
from runs.analysis.report import CapturePlace, NextCapture, ScriptLine, Statement

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_UNUSUAL = re.compile(r"[^\w .:@+-]+")
MOST_COMMENT_CHARS = 300

TITLE = message("next_capture.title", en="Next capture for {run}", ja="{run} の次の採取")
DECIDES = message("next_capture.decides", en="To decide:", ja="判断すること:")
HOW = message(
    "next_capture.how",
    en="Start the other places first, the client last. Read it before you run it; tcpdump needs root.",
    ja="他の場所を先に、要求側を最後に始める。実行前に内容を確認すること（tcpdump には root 権限が要る）。",
)
KEEPS = message(
    "next_capture.keeps",
    en="It changes nothing on the host and writes only into ./{folder}-PLACE; add that folder to the run.",
    ja="ホストの設定は変えず、./{folder}-PLACE にだけ書き込む。終わったらそのフォルダを run に追加する。",
)
INTERFACE = message(
    "next_capture.interface", en="Another interface: IF=eth0 sh {name} PLACE", ja="インタフェースを変える: IF=eth0 sh {name} PLACE"
)

_HEAD = """set -u
PLACE=${{1:-}}
case $PLACE in {places}) ;; *) echo "usage: sh $0 {usage}" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || echo "not root: tcpdump may be refused" >&2
OUT={folder}-$PLACE
mkdir -p "$OUT" && cd "$OUT" || exit 1
keep() {{ {{ date -u "+# %Y-%m-%dT%H:%M:%SZ"; printf '$ %s\\n' "$2"; sh -c "$2"; }} >>"$1" 2>&1; }}
"""


def script_name(run_id: str) -> str:
    """The script's file name."""
    return f"capture-{_word(run_id)}.sh"


def to_script(plan: NextCapture, run_id: str, lang: str, zone: tzinfo) -> str:
    """The script as text, lines ended by '\\n'."""
    return "\n".join(_Writer(plan, run_id, lang, zone).lines()) + "\n"


def _word(text: str) -> str:
    return _UNSAFE.sub("-", text).strip(".-")[:80] or "run"


class _Writer:
    def __init__(self, plan: NextCapture, run_id: str, lang: str, zone: tzinfo) -> None:
        self.plan, self.run_id, self.lang, self.zone = plan, run_id, lang, zone

    def lines(self) -> Iterator[str]:
        folder, ids = f"next-{_word(self.run_id)}", [place.id for place in self.plan.places]
        yield "#!/bin/sh"
        yield from self.comment(TITLE(run=_UNUSUAL.sub("-", self.run_id)))
        if self.plan.why:
            yield from self.comment(DECIDES())
            for why in self.plan.why:
                yield from self.reason(why, "  ")
        yield from self.comment(HOW())
        yield from self.comment(KEEPS(folder=folder))
        yield from self.comment(INTERFACE(name=script_name(self.run_id)))
        for place in self.plan.places:
            yield from self.comment(place.title, f"  {place.id}: ")
        yield _HEAD.format(places="|".join(ids), usage="|".join(ids), folder=folder)
        yield "case $PLACE in"
        for place in self.plan.places:
            yield f"{place.id})"
            yield from ("  " + line for line in self.place(place))
            yield "  ;;"
        yield "esac"
        yield 'echo "$OUT"'

    def place(self, place: CapturePlace) -> Iterator[str]:
        steps = {step: [line for line in place.lines if line.step == step] for step in ("before", "capture", "request", "after")}
        yield from self.kept(steps["before"])
        for line in steps["capture"]:
            yield from self.why(line)
            yield f"{line.command} 2>{line.file}.log &"
            yield "CAPTURE=$!"
            yield f'(sleep {self.plan.seconds}; kill -INT "$CAPTURE") 2>/dev/null &'
            yield "TIMER=$!"
        if steps["request"]:
            yield "sleep 2"
            yield from self.kept(steps["request"])
            yield "sleep 3"
            yield 'kill -INT "$CAPTURE" 2>/dev/null'
        yield 'wait "$CAPTURE"'
        yield 'kill "$TIMER" 2>/dev/null'
        yield from self.kept(steps["after"])

    def kept(self, lines: Sequence[ScriptLine]) -> Iterator[str]:
        for line in lines:
            yield from self.why(line)
            yield f"keep {line.file} {_quoted(line.command)}"

    def why(self, line: ScriptLine) -> Iterator[str]:
        for statement in line.why:
            yield from self.reason(statement)

    def reason(self, statement: Statement, indent: str = "") -> Iterator[str]:
        places = ", ".join(_cited(c) for c in statement.citations[:3])
        text = render(statement.text, self.lang, self.zone)
        yield from self.comment(f"{text} [{places}]" if places else text, indent)

    def comment(self, text: object, indent: str = "") -> Iterator[str]:
        said = text if isinstance(text, str) else render(text, self.lang, self.zone)  # type: ignore[arg-type]  # a Text
        yield f"# {indent}{_UNSEEN.sub(' ', said)[:MOST_COMMENT_CHARS]}"


def _quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"


def _cited(citation: Citation) -> str:
    numbers = citation.frames or citation.lines
    return citation.file + (("#" if citation.frames else ":") + str(numbers[0]) if numbers else "")
