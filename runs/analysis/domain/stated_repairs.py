"""What notes say to have cured a fault, and when: 'MTU を 1400 に下げて 13:05 に復旧した', 'restarted the daemon at 13:05, works again'.

Only where a sentence names the change, says plainly that it helped, and bears a time in a zone that is stated.
Silent about notes that tell of a relapse themselves.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.claims import is_plain
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.notes import Note, NoteLine

MOST = 50
ABOUT_NS = 600 * SECOND_NS  # '13:05 頃'
_CHANGED = re.compile(
    r"再起動|再接続|再登録|再設定|設定変更|リロード|リブート|切り?替え|変更し|下げ|上げ|追加し|差し?替え|経由"
    r"|\b(?:restart(?:ed|ing)?|reboot(?:ed|ing)?|reload(?:ed|ing)?|replac(?:ed|ing)|switch(?:ed|ing)|chang(?:ed|ing)|lower(?:ed|ing)|rais(?:ed|ing)"
    r"|re-?rout(?:ed|ing)|add(?:ed|ing)|via|through)\b",
    re.I,
)
_HELPED = re.compile(
    r"(?:復旧|解消|回復|解決|改善)(?:し(?:た|ました)|を確認)|直(?:った|りました)|正常(?:に戻った|化した)|(?:つながる|繋がる|通信できる)ようになった"
    r"|\b(?:fixed|resolved|solved|cured|restored|recovered)\b|\bworks? (?:again|now|fine)\b|\bwent away\b",
    re.I,
)
_DENIES = re.compile(
    r"ない|なかった|なく|ません|(?<!ま)ず[、。]|できず|一時|しばらく|一部"
    r"|\bnot\b|n't\b|\bno\b|\bnever\b|temporar|briefly|partly|for a while",
    re.I,
)
_RELAPSE = re.compile(
    r"再発|再び|また(?:失敗|発生|切)|ぶり返|\b(?:recur(?:s|red)?|relaps\w*|came back|failed again|again fail\w*)\b", re.I
)
_PORT = re.compile(r"(?:ポート|\bports?)\s?(?:番号\s?)?(\d{2,5})(?!\d)|(?<![\d.:])(\d{2,5})\s?番", re.I)
_DETOUR = re.compile(r"経由|プロキシ|ポート|\b(?:via|through|proxy|ports?)\b", re.I)


def names(text: str, end: Endpoint) -> bool:
    """Whether a sentence names an end by its address or port."""
    by_port = end.port is not None and re.search(rf"(?<![\d.])(?<!MTU )(?<!MTU を ){end.port}(?![\d.]|\s?(?:byte|秒|s\b|ms))", text)
    return bool(by_port) or re.search(rf"(?<![\w.:]){re.escape(end.address)}(?![\w.]|:\w*:)", text, re.ASCII) is not None


class Repair(NamedTuple):
    """A sentence that says what helped; what came later than `after_ns` (UTC) must be free of the fault."""

    file: str
    line: int
    text: str
    after_ns: int
    port: int | None  # of a way round: where it leads to; the old way may stay broken


def stated_repairs(case: Case) -> Iterator[Repair]:
    """The first MOST of the run."""
    clocks = {clock.file: clock for clock in case.all(Clock)}
    found = 0
    for note in case.all(Note):
        clock, lines = clocks.get(note.file), (*note.statements, *note.succeeded)
        if clock is None or any(_RELAPSE.search(one.text) for one in (*lines, *note.failed)):
            continue
        for one in lines:
            repair = _repair(note, one, clock)
            if repair is not None and found < MOST:
                found += 1
                yield repair


def _repair(note: Note, one: NoteLine, clock: Clock) -> Repair | None:
    text = one.text[:1_000]
    if not (_CHANGED.search(text) and _HELPED.search(text)) or _DENIES.search(text) or not is_plain(text):
        return None
    stamps = [
        t.stamp for t in note.times if t.line == one.line and t.stamp is not None and t.relative_ns is None and t.text in text
    ]
    known = [s for s in stamps if (s.has_date or clock.day_known) and (s.zone or clock.source == "stated")]
    ports = [int(a or b) for a, b in _PORT.findall(text)]
    is_detour = _DETOUR.search(text) is not None
    if not known or len(known) != len(stamps) or (is_detour and len(set(ports)) != 1):
        return None
    after = max(clock.of(s) + s.precision_ns + (ABOUT_NS if s.approximate else 0) for s in known)
    return Repair(note.file, one.line, text, after, ports[0] if is_detour else None)
