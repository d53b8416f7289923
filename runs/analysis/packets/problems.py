"""What can be wrong with a capture, in words, and the notes that kernels take of it."""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.messages import message
from runs.analysis.registry import Problem

CUT_RECORD = message(
    "capture.cut_record",
    en="the file ends inside a record: {n:count} {n:plural:byte is|bytes are} left",
    ja="ファイルがレコードの途中で終わっている（残り {n:bytes}）",
)
BAD_LENGTH = message(
    "capture.bad_length",
    en="a record claims {length:count} captured bytes, more than any frame has; nothing behind it can be read",
    ja="レコードの捕捉長が {length:count} byte で、フレームとしてあり得ない。以降は読めない",
)
BAD_BLOCK = message(
    "capture.bad_block",
    en="a block of type {kind} claims a length of {length:count} bytes, which cannot be; nothing behind it can be read",
    ja="種別 {kind} のブロック長 {length:count} が不正。以降は読めない",
)
BAD_INTERFACE = message(
    "capture.bad_interface",
    en="a packet block names interface {interface:count}, but its section describes {known:count}; nothing behind it is read",
    ja="パケットブロックがインタフェース {interface:count} を指すが、節にあるのは {known:count} 個。以降は読まない",
)
NO_SECTION = message(
    "capture.no_section",
    en="pcapng blocks without a section header: byte order and version are not known",
    ja="節見出し（SHB）のない pcapng。バイト順と版が分からない",
)
BAD_FRACTION = message(
    "capture.bad_fraction",
    en="{n:count} time {n:plural:stamp has|stamps have} a fraction of a second or more; it is left out",
    ja="時刻の小数部が 1 秒以上のフレームが {n:count} 個。小数部は使わない",
)
BAD_TIME = message(
    "capture.bad_time",
    en="{n:count} time {n:plural:stamp lies|stamps lie} far outside the others and {n:plural:is|are} left out of the capture's window",
    ja="他と大きく離れた時刻のフレームが {n:count} 個。採取時間の計算から除く",
)
LONGER_THAN_ORIGINAL = message(
    "capture.longer_than_original",
    en="{n:count} {n:plural:frame has|frames have} more captured bytes than the frame had on the wire",
    ja="捕捉長が元の長さを超えるフレームが {n:count} 個",
)
NO_TIME = message(
    "capture.no_time",
    en="{n:count} simple packet {n:plural:block carries|blocks carry} no time; the time of the frame before is used",
    ja="時刻を持たない簡易パケットブロックが {n:count} 個。直前のフレームの時刻を使う",
)
MALFORMED = message(
    "capture.malformed",
    en="{n:count} {n:plural:frame has|frames have} a malformed header",
    ja="ヘッダの壊れたフレームが {n:count} 個",
)
BAD_COMPRESSION = message(
    "capture.bad_compression",
    en="the {compression} data is damaged or cut; the capture is read as far as it can be decompressed",
    ja="{compression} データが壊れているか途中で切れている。展開できた範囲だけ読む",
)
TOO_MANY_FRAMES = message(
    "capture.too_many_frames",
    en="more than {most:count} frames; those behind are not read",
    ja="フレーム数が上限 {most:count} を超える。以降は読まない",
)
TOO_MANY_CONVERSATIONS = message(
    "capture.too_many_conversations",
    en="more than {most:count} conversations; the frames of those behind belong to none",
    ja="会話数が上限 {most:count} を超える。以降の会話は割り当てない",
)
TRAILING_ARCHIVE = message(
    "capture.trailing_archive",
    en="a zip archive follows the last frame: the file is both; it is read as a capture",
    ja="最後のフレームの後に zip 書庫が続く。両方の形式を兼ねるファイルで、キャプチャとして読む",
)
UNKNOWN_LINKTYPE = message(
    "capture.unknown_linktype",
    en="link type {linktype} is not known: its frames are counted, not decoded",
    ja="リンクタイプ {linktype} は未対応。フレーム数だけ数える",
)
OUT_OF_ORDER_TIMES = message(
    "capture.times_go_back",
    en="{n:count} {n:plural:frame is|frames are} more than a second older than the frame before",
    ja="直前のフレームより時刻が 1 秒を超えて戻るフレームが {n:count} 個",
)


class Notes(NamedTuple):
    """What walking kernels count on the way. Rows are frame indexes from 0, -1: none."""

    bad_fractions: Array  # [count, first row]
    longer: Array
    without_time: Array
    options_at: Array  # offsets of the first packet blocks with options; [0] is their number
    last_ts_ns: Array  # [time of the last frame]


def make_notes() -> Notes:
    """Notes with nothing in them."""
    fractions, longer, without_time = (np.array([0, -1], np.int64) for _ in range(3))
    return Notes(fractions, longer, without_time, np.zeros(101, np.int64), np.zeros(1, np.int64))


def problems_of(notes: Notes) -> list[Problem]:
    """The notes in words."""
    told = ((notes.bad_fractions, BAD_FRACTION), (notes.longer, LONGER_THAN_ORIGINAL), (notes.without_time, NO_TIME))
    return [Problem(say(n=int(count)), frame=int(row) + 1) for (count, row), say in told if count]
