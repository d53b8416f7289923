"""What a sentence of a note is: a claim, a hypothesis that claims nothing yet, or a next action. Japanese and English."""

import re
from enum import Enum


class Kind(Enum):
    """How a sentence is to be taken."""

    STATEMENT = "statement"
    HYPOTHESIS = "hypothesis"
    ACTION = "action"


_HYPOTHESIS = re.compile(
    r"仮説|推定|見込み|思われ|と考え|考えられ|可能性"
    r"|おそらく|恐らく|かもしれ|らしい|模様|もよう|疑い|疑わ|推測|推察"
    r"|だろう|はずだ|のはず|と見ら|ように(?:も)?見え|とみられ"
    r"|[?？](?:$|[)）、。\s])"
    r"|\b(?:hypothes[ei]s|maybe|perhaps|probably|presumably|possibly|likely|suspect(?:ed)?|seems?|appears? to|might|may be|could be|guess)\b",
    re.IGNORECASE,
)
_ACTION_LABEL = re.compile(
    r"(?:\[[ xX]\]\s|(?:次|次回|今後|対応|要対応|宿題|残"
    r"|TODO|ToDo|To do|Next(?: steps?| actions?)?|Action(?: items?)?|Follow[- ]up)\s*[:：])", re.IGNORECASE
)  # fmt: skip
_HYPOTHESIS_LABEL = re.compile(
    r"(?:仮説|推定(?:原因)?|推測|考えられる原因|見立て|Hypothes[ei]s|Guess|Suspicion|Possible causes?)\s*[:：]", re.IGNORECASE
)
_ACTION_HEADING = re.compile(
    r"次回|次に|次アクション|今後|TODO|やること|アクション|宿題|残タスク|残作業|予定|next|action|follow[- ]?up|to[- ]?do|実装タスク",
    re.IGNORECASE,
)
_STATEMENT_HEADING = re.compile(r"所見|結果|わかった|finding|result|observation", re.IGNORECASE)
_HYPOTHESIS_HEADING = re.compile(r"仮説|考えられる|推定|見立て|hypothes|possible cause|suspect", re.IGNORECASE)
_SECTIONS = (
    ("rollback", r"切り?戻し|ロールバック|戻し手順|復元手順|roll[- ]?back|revert|back[- ]?out"),
    ("failed", r"失敗|未解決|うまくいかな|動かな|できなかった|failed|failures?|did(?: not|n't) work|unresolved|unsolved"),
    ("learned", r"学ん|学び|教訓|気づき|反省|lessons?|learned|learnt|takeaway"),
    ("succeeded", r"成功|うまくいった|できたこと|解決した|succeeded|success|what works?|worked"),
)
_SECTION_FORMS = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _SECTIONS)
_PRIORITIES = (
    (
        "high",
        r"優先度?\s*[:：]?\s*[（(]?(?:高|最高|最優先)|高優先|\b(?:high|top) priority|priority\s*[:=]?\s*(?:high|1)\b|\bP[01]\b",
    ),
    ("medium", r"優先度?\s*[:：]?\s*[（(]?中|中優先|\bmedium priority|priority\s*[:=]?\s*(?:medium|2)\b|\bP2\b"),
    ("low", r"優先度?\s*[:：]?\s*[（(]?低|低優先|\blow priority|priority\s*[:=]?\s*(?:low|3)\b|\bP[34]\b"),
)
_PRIORITY_FORMS = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _PRIORITIES)
_PLAN = re.compile(
    r"(?:確認|実施|調査|比較|検討|再起動|追加|設定|取得|採取|依頼|試験|検証|変更|切り替え|監視|登録|復旧)(?:を行う|する|すること|したい|の予定|予定)?。?$"
    r"|\b(?:should|need to|must|will|plan to|to be (?:done|checked))\b"
)
_SPLIT = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+(?=[A-Z\"'`(])")
_BULLET = re.compile(r"\s*(?:[-*+]\s+|[-+・●○■◆▪](?![-+])\s*|\d{1,3}[.)．]\s+|[①-⑳]\s*)")


def heading_kind(heading: str) -> Kind | None:
    """What stands under a heading, where the heading alone says so. None: each sentence speaks for itself."""
    if _HYPOTHESIS_HEADING.search(heading):
        return Kind.HYPOTHESIS
    if _ACTION_HEADING.search(heading):
        return None if _STATEMENT_HEADING.search(heading) else Kind.ACTION
    return None


def section_of(heading: str) -> str | None:
    """'succeeded', 'failed', 'learned' or 'rollback' where a heading says that this is what stands under it."""
    return next((name for name, form in _SECTION_FORMS if form.search(heading)), None)


def priority_of(text: str) -> str | None:
    """'high', 'medium' or 'low' where a heading or an item states a priority."""
    return next((name for name, form in _PRIORITY_FORMS if form.search(text)), None)


def may_plan(heading: str) -> bool:
    """Whether a heading announces next actions among other things ('Findings and next actions')."""
    return bool(_ACTION_HEADING.search(heading))


def without_bullet(text: str) -> str:
    """A line without its list mark, task box and emphasis."""
    bullet = _BULLET.match(text)
    text = text[bullet.end() :].strip() if bullet else text.strip()
    return re.sub(r"\*\*|__", "", text).strip()


def is_bullet(text: str) -> bool:
    """Whether a line is an item of a list."""
    return _BULLET.match(text) is not None


def classify(text: str, context: Kind | None, planning: bool) -> list[tuple[Kind, str]]:
    """The sentences of a line with what they are. A label ('推定:', 'Next:') rules the rest of its line."""
    text = without_bullet(text)
    if not text:
        return []
    whole = context
    made = []
    for part in _SPLIT.split(text):
        sentence = part.strip()
        if not sentence:
            continue
        if _ACTION_LABEL.match(sentence):
            whole = Kind.ACTION
        elif _HYPOTHESIS_LABEL.match(sentence):
            whole = Kind.HYPOTHESIS
        kind = whole
        if kind is None:
            kind = Kind.HYPOTHESIS if _HYPOTHESIS.search(sentence) else Kind.STATEMENT
            if planning and kind is Kind.STATEMENT and _PLAN.search(sentence):
                kind = Kind.ACTION
        made.append((kind, sentence))
    return made
