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
_ELSEWHERE = re.compile(  # another time, another person, or the rule and not the case
    r"以前|前回|先週|先月|昨日|通常|本来|平常|普段|期待|想定|例えば|たとえば|すれば|れば(?:、|。|再|直|良)|たら(?:、|。)"
    r"|とのこと|によると|によれば|そうだ(?:。|$)"
    r"|と(?:の|いう)?(?:連絡|申告|報告|指摘|話)|したか(?:。|$)"
    r"|\b(?:previous(?:ly)?|yesterday|last (?:week|month|time|run)"
    r"|normally|usually|typical(?:ly)?|for example|e\.g|by default|when(?:ever)?|unless|until"
    r"|according to|report(?:s|ed(?:ly)?)|said|told|claim(?:s|ed)?)\b",
    re.I,
)
_QUOTED = re.compile(r"「[^」]{0,300}」|『[^』]{0,300}』|“[^”]{0,300}”|(?<!\w)\"[^\"]{0,300}\"(?!\w)")
_DENIED_AFTER = re.compile(
    r"[`\s]*(?:と|に|を|は|が|も|で|し|て|され|い|わけ|する|発生|記録|確認|検出|観測)*(?:な[いくか]|無[いしく]|せず|ません|限ら)"
)
_DENIED_BEFORE = re.compile(r"(?:\b(?:not|never|without|neither|nor|hardly|cannot)\b|n't)\s+(?:\w+\s+){0,3}$", re.I)
_BOUND_BEFORE = re.compile(
    r"(?:最大(?:でも)?|最長|最短|最小|\b(?:at (?:most|least)|up to|less than|more than|over|under|within|below|above))\s*$", re.I
)
_BOUND_AFTER = re.compile(r"[^。、.]{0,8}?(?:以上|以下|未満|以内|超|\bor (?:more|less)\b)", re.I)
_FAMILY = re.compile(r"(?<![A-Za-z0-9_./-])IPv([46])(?![A-Za-z0-9_/-]|\.\w)", re.I)
_BOTH = re.compile(
    r"IPv[46]\s*(?:/|,|、|と|・|および|及び|and|or|, and)\s*(?:over\s+)?IPv[46]|とも(?:に)?(?![かに])|いずれも|両方|どちらも|\bboth\b",
    re.I,
)
_PART = re.compile(r"[、，;；]|,(?!\d)|(?:が|けれど)、|だが|ですが|一方|\b(?:but|while|whereas|and)\b", re.I)
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
    "timed_out": (
        r"(?:は|→\s?|:\s|\bby )\s?(?:timed? ?out|time-?out|タイムアウト)(?:する|した|になる|になった)?(?=[。、.;]|\s*$)",
        r"(?:over |via |on )?IPv[46] (?:requests? )?(?:times|timed) out(?=[。、.,;]|\s*$)",
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
    family: int | None = None  # 4, 6: the part speaks of this family
    is_surely_family: bool = True  # the part names it itself, not one before it


def stated_in(text: str) -> Iterator[Statement]:
    """What the sentence states, in the order of the forms."""
    for clause in _CLAUSE.split(_QUOTED.sub(" … ", text[:MOST_CHARACTERS])):
        if not clause or _HEDGE.search(clause) or _ELSEWHERE.search(clause):
            continue
        for kind, form in FORMS:
            for match in form.finditer(clause):
                if _is_denied(clause, match) or _is_bound(clause, match):
                    continue
                numbers = tuple(float(g.replace(",", "")) for g in match.groups() if g is not None)
                yield Statement(kind, numbers, match[0].strip(" →は"), *_scope(clause, match))


def _is_denied(clause: str, match: re.Match[str]) -> bool:
    """Whether the words are said not to be so."""
    return _DENIED_AFTER.match(clause[match.end() :]) is not None or _DENIED_BEFORE.search(clause[: match.start()]) is not None


def _is_bound(clause: str, match: re.Match[str]) -> bool:
    """Whether the number is only a bound: 'at most 5 s', '10 秒以上'."""
    number = next((n for n in range(1, match.re.groups + 1) if match[n] is not None), 0)
    if not number:
        return False
    return (
        _BOUND_BEFORE.search(clause[: match.start(number)]) is not None
        or _BOUND_AFTER.match(clause[match.end(number) :]) is not None
    )


def is_plain(text: str) -> bool:
    """Whether a sentence says how it is, in its own words: no guess, plan, condition, question, quotation, and not of another time."""
    return not (_HEDGE.search(text) or _ELSEWHERE.search(text) or _QUOTED.search(text))


def _scope(clause: str, match: re.Match[str]) -> tuple[int | None, bool]:
    """The family that a part of the clause speaks of, and whether it names it itself: 'IPv4 は 204、IPv6 は timeout'.

    A part that names both speaks of none in particular.
    """
    if _BOTH.search(clause):
        return None, True
    borders = [0, *(m.end() for m in _PART.finditer(clause)), len(clause) + 1]
    at = next(n for n in range(len(borders) - 1) if match.end() - 1 < borders[n + 1])
    for n in range(at, -1, -1):
        named = {int(m[1]) for m in _FAMILY.finditer(clause, borders[n], min(borders[n + 1], len(clause)))}
        if named:
            return (named.pop(), n == at) if len(named) == 1 else (None, True)
    return None, True
