"""Which parts of a person's sentence state something that evidence can decide: counts, bytes, durations, refusals, codes.

Few forms, each unmistakable: a sentence that could be read otherwise states nothing here. Guesses, plans, questions and conditions
never do.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_CHARACTERS = 2_000
_CLAUSE = re.compile(r"(?<=[。！？!?;；\n])|\.(?=\s|$)")
_HEDGE = re.compile(
    r"仮説|見込|かも|思われ|思う|推定|推測|だろう|でしょう|可能性|はず|らしい|恐らく|おそらく|予定|必要|べき|したい|する場合|なら|もし|疑い|[?？]"
    r"|\b(?:probabl|maybe|might|may|likely|seems?|hypothes|expect|should|would|could|plan|todo|if|perhaps|assum|suspect)",
    re.I,
)
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{1,12}(?:\.\d{1,9})?)"
_SECONDS = r"\s?(?:秒|s(?:ec(?:onds?)?)?\b)"
_BYTES = r"\s?(?:bytes?\b|バイト|octets?\b)"

_WRITTEN: dict[str, tuple[str, ...]] = {
    "captured": (
        rf"(?:キャプチャ(?:件数)?|パケット(?:数)?|採取(?:数)?)\s?{_NUMBER}(?:\s?(?:件|個|パケット)|(?=\s?/))",
        rf"{_NUMBER} packets? captured",
    ),
    "received": (rf"フィルタ(?:ー)?受信\s?{_NUMBER}", rf"{_NUMBER} (?:packets? )?received by filter"),
    "dropped": (rf"(?:ドロップ|取りこぼし)\s?{_NUMBER}", rf"{_NUMBER} (?:packets? )?dropped"),
    "silent": (
        r"応答(?:データ)?(?:は|が)?(?:なし|無し|ゼロ)",
        r"無応答",
        r"(?:1|１)\s?(?:byte|バイト)\s?も(?:流れてい)?(?:無|な)い",
        rf"(?<![\d.,])0{_BYTES}(?!\s?dropped)",
        r"\b(?:no (?:response|reply|answer)|never answers)\b",
    ),
    "waited": (
        rf"{_NUMBER}{_SECONDS}\s?(?:間)?(?:待|で[^。、]{{0,12}}(?:timed? ?out|タイムアウト|諦め))",
        rf"(?:timed? out|times out|gives up|timeout) after {_NUMBER}{_SECONDS}",
    ),
    "interval": (rf"{_NUMBER}{_SECONDS}\s?(?:おき|間隔|ごと|毎)", rf"every {_NUMBER}{_SECONDS}"),
    "request_bytes": (rf"\b(?:GET|POST|HEAD|PUT)\b[^。、\d]{{0,12}}{_NUMBER}{_BYTES}",),
    "handshake": (
        r"握手(?:と[^。、]{0,12})?(?:まで)?(?:は|が)?(?:成立|完了|成功)",
        r"SYN/ACK 完了",
        r"handshake (?:completes?|completed|succeeds|succeeded)",
    ),
    "refused": (
        r"即\s?(?:RST|拒否)",
        r"RST で(?:即)?拒否",
        r"(?:接続)?拒否(?:される|された|、|。|$)",
        r"connection refused|refuses? (?:the connection|at once)",
    ),
    "status": (r"(?:HTTP(?:/[\d.]+)?\s|→\s?|は\s?|でも\s?|^\s?|status\s)([1-5]\d\d)(?=\s?(?:/|。|、|$|応答|を返|OK|→))",),
    "pid": (r"\bPID\s?[=:：は]?\s?(\d{1,7})\b",),
    "no_errors": (
        r"エラー(?:の)?(?:記録|行|イベント|ログ)?(?:は|が)?(?:なし|無し|ない|記録され(?:ず|ていない))",
        r"\bno errors? (?:were |are )?(?:logged|recorded|in)",
    ),
    "no_match": (
        r"該当(?:規則|行|エントリ)?(?:は|が)?(?:なし|無し|ない)",
        r"match\s?(?:なし|無し)",
        r"\bno match(?:es|ing)?\b",
    ),
    "loss": (rf"{_NUMBER}\s?[%％]\s?(?:packet )?(?:loss|損失|ロス)", rf"(?:loss|損失|ロス)(?:率)?\s?{_NUMBER}\s?[%％]"),
    "icmp": (r"(?:type|タイプ)\s?(\d{1,3})\s?[、,/]?\s?(?:code|コード)\s?(\d{1,3})",),
    "icmp_turned": (r"(?:code|コード)\s?(\d{1,3})\s?[、,/]\s?(?:type|タイプ)\s?(\d{1,3})",),
    "no_retransmission": (r"再送(?:は|が|の発生は)?(?:発生していない|なし|無し|ゼロ|ない)", r"\bno retransmissions?\b"),
}
FORMS = tuple((kind, re.compile("|".join(ways), re.I)) for kind, ways in _WRITTEN.items())


class Statement(NamedTuple):
    """What a part of a sentence states."""

    kind: str
    numbers: tuple[float, ...]
    stated: str


def stated_in(text: str) -> Iterator[Statement]:
    """What the sentence states, in the order of the forms."""
    for clause in _CLAUSE.split(text[:MOST_CHARACTERS]):
        if not clause or _HEDGE.search(clause):
            continue
        for kind, form in FORMS:
            for match in form.finditer(clause):
                numbers = tuple(float(g.replace(",", "")) for g in match.groups() if g is not None)
                yield Statement(kind, numbers, match[0].strip(" →は"))
