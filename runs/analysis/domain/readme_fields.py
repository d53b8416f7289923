"""The fields of a README's head and the columns of its file table, by the words people use for them."""

import re
from collections.abc import Sequence

_COLUMNS = {
    "path": r"ファイル|資料|証跡|file|path|artifact|evidence|name\b",
    "command": r"取得方法|採取方法|取得手段|方法|手段|コマンド|取得元|how|command|method|collected (?:by|with)|source|tool",
    "time": r"取得時刻|取得日時|採取時刻|採取日時|時刻|日時|時間|time|when|date|window",
    "remark": r"所見|内容|備考|説明|メモ|要約|結果|概要"
    r"|remark|note|finding|observation|description|comment|content|summary|result|what",
}
_FIELDS = {
    "window": r"収集日時|採取日時|取得日時|収集期間|採取期間|採取時間|実施日時|日時|期間"
    r"|collected(?: at| on)?|collection (?:time|window|date)|captured(?: at| on)?|date|window|period|when",
    "purpose": r"目的|趣旨|狙い|背景|purpose|goal|objective|aim|why",
    "references": r"参照|参考|関連(?:資料|文書)?|references?|see also|related",
    "title": r"件名|題名|タイトル|title|subject",
    "zone": r"タイムゾーン|時間帯|timezone|time zone|tz",
}
_FIELD = re.compile(
    r"(?:[-*+・]\s{0,8})?(?:\*\*)?(?P<key>[^\s:：|`(（][^:：|`(（]{0,39}?(?:\s{0,4}[(（][^)）]{0,30}[)）])?)(?:\*\*)?\s{0,4}[:：](?:\*\*)?"
    r"\s*(?P<value>\S.*)$"
)
_RUN_ID = re.compile(r"RUN[_ -]?ID\s*[=:：]\s*`?([0-9A-Za-z][\w.-]{0,127})")


def columns(head: Sequence[str]) -> dict[str, int]:
    """Which column holds path, command, time and remark; each column is used once, the first fitting one wins."""
    found: dict[str, int] = {}
    for name, words in _COLUMNS.items():
        for index, cell in enumerate(head):
            if index not in found.values() and re.search(words, cell, re.IGNORECASE):
                found[name] = index
                break
    return found


def is_file_table(head: Sequence[str]) -> bool:
    """Whether a table lists files: a column of paths and one more that says how, when or what."""
    found = columns(head)
    if "path" not in found or not re.search(r"ファイル|file|path|artifact", head[found["path"]], re.IGNORECASE):
        return False
    return "command" in found or "remark" in found


def field(text: str) -> tuple[str, str, str] | None:
    """A head line 'purpose: …' as the field's name, its key as written, and its value."""
    match = _FIELD.match(text.strip()[:2000])
    if match is None:
        return None
    key = match["key"].strip()
    for name, words in _FIELDS.items():
        if re.match(rf"(?:{words})(?:\s*[(（][^)）]{{0,30}}[)）])?$", key, re.IGNORECASE):
            return name, key, match["value"].strip()
    return None


def run_id(text: str) -> str | None:
    """The run's id where a line states it."""
    match = _RUN_ID.search(text)
    return match[1] if match else None


def without_run_id(text: str) -> str:
    """A title without the id in it."""
    return re.sub(r"[(（]\s*[)）]", "", _RUN_ID.sub("", text)).strip(" \t-—:：`")
