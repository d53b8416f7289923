"""One line of a ping, of any program: Linux (English and Japanese), BusyBox, BSD and macOS, Windows (English and Japanese), routers.

    64 bytes from gw.example (192.0.2.7): icmp_seq=1 ttl=61 time=12.3 ms        192.0.2.7 からの応答: バイト数 =32 時間 =1ms TTL=64
    From 192.0.2.1 icmp_seq=2 Destination Host Unreachable                      36 bytes from 192.0.2.1: Time to live exceeded

Sources: iputils (its words and their Japanese translation), FreeBSD's and BusyBox's ping, Windows' ping, NX-OS, Yamaha RTX.
"""

import re
from typing import Literal, NamedTuple

Kind = Literal["head", "answer", "title", "sums", "times", "failure"]


class PingLine(NamedTuple):
    """What a line is, and its parts as printed; parts that it does not name are absent or None."""

    kind: Kind
    part: dict[str, str | None]
    form: str = ""  # 'windows', 'bsd': what is counted otherwise there

    @property
    def is_sure(self) -> bool:
        """Whether no other program prints such a line."""
        return self.kind in ("head", "sums") or self.form == "own" or bool(self.part.get("seq"))


_NO_MAC = r"(?!(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}[) ])"  # arping's
_WHO = rf"(?:(?P<name>[^\s()]{{1,255}}) \({_NO_MAC}(?P<address>[^()\s]{{1,64}})\)|(?P<bare>[^\s,()]{{1,255}}?))"
_WINDOWS_TIME = (
    r"(?:バイト数 ?= ?\d+ |bytes=\d+ )?(?:\(sent \d+\) )?(?:time|時間) ?[=<] ?(?P<time>\d{1,7}) ?ms(?: ?TTL=(?P<ttl>\d{1,3}))?"
)
_BEFORE = re.compile(
    r"(?:\^C)?(?:\[(?P<epoch>\d{9,10})\.(?P<part>\d{1,9})\] |"  # -D; what `ts`, `date` and --apple-time put before
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?:? |\[?\d\d:\d\d:\d\d(?:\.\d{1,9})?\]?:? |"
    r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [AP]M)?(?: [A-Z]{3,5} \d{4})?:? )"
)
_HEADS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"PING6? (?P<name>[^\s()]{1,255}?):? ?(?:\((?:[^\s()]{1,255} \()?(?P<address>[^()\s]{1,64})\)\)?)?(?:, (?:flow|フロー) \w{1,12}, ?)?"
            r"(?: ?(?:from|送信元) (?P<source>[^\s()]{1,255}?)(?: (?P<interface>[\w.@-]{0,64}))?:)?:? (?:\(\d+ \.\.\. )?(?P<payload>\d{1,6})\)?"
            r"(?:\(\d+\))? (?:bytes of data|data bytes|byte packets|バイトのデータ|データ長)"
        ),
        "",
    ),
    (re.compile(r"PING6\((?:\d+=[\d+]{1,30} bytes)\) (?P<source>\S{1,64}) --> (?P<address>\S{1,64})"), "bsd"),
    (
        re.compile(
            r"Pinging (?P<name>\S{1,255})(?: \[(?P<address>[^\]\s]{1,64})\])?(?: from (?P<source>\S{1,64}))? with (?P<payload>\d{1,6}) bytes of data"
        ),
        "windows",
    ),
    (
        re.compile(
            r"(?P<name>[^\s[]{1,255}?)(?: \[(?P<address>[^\]\s]{1,64})\])? ?に (?:(?P<source>\S{1,64}) から )?ping を送信しています"
            r" (?P<payload>\d{1,6}) バイトのデータ"
        ),
        "windows",
    ),
)
_BSD_HEAD = re.compile(r"PING6? [^\s()]+ \([^()]+\)(?: from \S+)?: .*data bytes")  # counts from 0
_ANSWER = re.compile(
    rf"(?:\d{{1,6}} (?:bytes from|バイト応答 送信元) {_WHO}[:,] ?(?:icmp_)?(?:seq|req)=|received from (?P<en>[^\s,]{{1,64}}): icmp_seq="
    r"|(?P<ja>[^\s,]{1,64}?)から受信: シーケンス番号=)(?P<seq>\d{1,9})(?P<rest>.*)$"
)
_PLAIN = re.compile(  # nearly every line of a long ping
    r"\d{1,6} bytes from (?P<who>[0-9A-Fa-f.:]{1,64}): icmp_seq=(?P<seq>\d{1,9}) ttl=(?P<ttl>\d{1,3}) time=(?P<time>\d{1,7}(?:\.\d{1,9})?) ms$"
)
_TTL = re.compile(r"\b(?:ttl|hlim)=(\d{1,3})")
_TIME = re.compile(r"(?:time|時間)[=<](\d{1,7}(?:\.\d{1,9})?) ?(?:ms|ミリ秒)")
_DUP = re.compile(r"\((?:DUP|重複)!\)")
_DAMAGED = re.compile(r"\((BAD CHECKSUM|チェックサム異常)!?\)")
_WINDOWS = (
    re.compile(rf"Reply from (?P<bare>\S{{1,255}}?): (?:{_WINDOWS_TIME}|(?P<error>[A-Z][a-z].{{2,200}}|TTL .{{2,200}}))\s*$"),
    re.compile(rf"(?P<bare>\S{{1,255}}?) ?からの応答: (?:{_WINDOWS_TIME}|(?P<error>[^=]{{2,200}}))\s*$"),
)
_ICMP = (
    "(?:Dest |Destination |Time |Packet |[Ff]rag |Fragment|Redirect|Parameter |Communication |Source |Precedence |目的|断片化|TTLを|時間超過"
    "|パケット|ソース|優先度|ネットワークのリダイレクト|ホストのリダイレクト)"
)
_ERRORS = (
    re.compile(rf"(?:From|送信元) {_WHO}:? icmp_(?:seq|req)=(?P<seq>\d{{1,9}}) (?P<error>.{{1,300}})"),
    re.compile(rf"(?:\d{{1,6}} bytes from|From|送信元) {_WHO}: (?P<error>{_ICMP}.{{1,300}})"),
    re.compile(r"ping6?: (?:local error|内部エラー): (?P<error>.{1,300})"),
)
_LOCAL = re.compile(
    r"(?P<error>(?:PING: )?(?:transmit failed|転送に失敗しました)[.,。 ].{1,100}|General failure\.|一般エラー(?:です)?。|Hardware error\."
    r"|ハードウェア エラー(?:です)?。|Destination (?:host|net) unreachable\.|宛先(?:ホスト|ネットワーク)に到達できません。"
    r"|TTL expired in transit\.)\s*$"
)
_SILENT = re.compile(
    r"(?:no answer yet for icmp_seq=(?P<a>\d{1,9})|icmp_seq=(?P<b>\d{1,9}) が未応答です|Request timeout for icmp_seq[ =](?P<c>\d{1,9})"
    r"|Request (?P<d>\d{1,9}) timed out|Request timed out\.|要求がタイムアウトしました。)\s*$"
)
_TITLES = re.compile(
    r"[-—–―─]{1,3} ?(?P<a>[^\s()]{1,255}) ping6? (?:statistics|統計)|Ping statistics for (?P<b>\S{1,255}?):\s*$|(?P<c>\S{1,255}?) ?の ping 統計:"
)
_SUMS = (
    re.compile(
        r"(?P<sent>\d{1,12}) packets transmitted, (?P<received>\d{1,12})(?: packets)? received"
        r"(?:, \+?(?P<dups>\d{1,12}) duplicates)?(?:, \+(?P<damaged>\d{1,12}) corrupted)?(?:, \+(?P<errors>\d{1,12}) errors)?"
        r"(?:,? -- somebody.*|,.*?(?P<loss>\d[\d.]{0,11})% (?:packet )?loss)"
    ),
    re.compile(
        r"送信パケット数 (?P<sent>\d{1,12}), 受信パケット数 (?P<received>\d{1,12})(?:, \+(?P<dups>\d{1,12}) 重複)?"
        r"(?:, \+(?P<damaged>\d{1,12}) 破損)?(?:, \+(?P<errors>\d{1,12}) エラー)?, (?:パケット損失 )?(?P<loss>\d[\d.]{0,11})%"
    ),
    re.compile(
        r"(?P<sent>\d{1,12})個のパケットを送信し、(?P<received>\d{1,12})個のパケットを受信しました。(?P<loss>\d[\d.]{0,11})%パケットロス"
    ),
)
_WINDOWS_SUMS = re.compile(
    r"(?:Packets: Sent = |パケット数: 送信 = )(?P<sent>\d{1,12})[,、] ?(?:Received|受信) = (?P<received>\d{1,12})[,、] ?"
    r"(?:Lost|損失) = \d{1,12} \((?P<loss>\d{1,3})%"
)
_STATUS = re.compile(r"(?P<received>\d{1,12})/(?P<sent>\d{1,12}) (?:packets|パケット), (?:パケット損失 )?(?P<loss>\d{1,3})%")
_RTT = re.compile(
    r"(?:(?:rtt|round-trip) (?:min/avg/max|最小/平均/最大)\S* = |往復遅延 最低/平均/最大 = )"
    r"(?P<min>\d[\d.]{0,15})/(?P<avg>\d[\d.]{0,15})/(?P<max>\d[\d.]{0,15})"
)
_WINDOWS_RTT = re.compile(
    r"(?:Minimum|最小) = (?P<min>\d{1,9}) ?ms[,、] ?(?:Maximum|最大) = (?P<max>\d{1,9}) ?ms[,、] ?(?:Average|平均) = (?P<avg>\d{1,9}) ?ms"
)
_UNKNOWN = (
    r"Name or service|Temporary failure|No address|Unknown host|Non-recoverable|nodename nor|Address family|System error"
    r"|名前またはサービス|名前解決|そのようなアドレス"
)
_FAILURE = re.compile(
    r"(?:ping6?|PING6?): (?P<text>(?:connect|sendto|sendmsg|socket|bind|UDP connect)(?:: |\().*|(?:unknown host|cannot resolve|bad address"
    rf"|unknown iface|invalid source|SO_BINDTODEVICE|不明なインタフェース|usage error)\b.*|[\w.:%-]{{1,255}}: (?:{_UNKNOWN}).*)"
    r"|(?P<host>Ping request could not find host (?P<en>\S{1,255}?)\.(?= |$)|ping 要求ではホスト (?P<ja>\S{1,255}) が見つかりませんでした。)"
)


def read_ping_line(text: str) -> PingLine | None:
    """What a line tells of a ping; None for lines of anything else. Text before the line's own words: see _BEFORE."""
    if (plain := _PLAIN.match(text)) is not None:
        return PingLine("answer", plain.groupdict() | {"result": "reply"})
    text = text[:2000].replace("\N{NO-BREAK SPACE}", " ").strip()
    before = _BEFORE.match(text)
    stamp = before.groupdict() if before is not None else {}
    text = text[before.end() :] if before is not None else text.removeprefix("^C")
    if not text:
        return None
    line = _answer(text) or _error(text) or _counts(text) or _head(text)
    return None if line is None else line._replace(part=line.part | stamp)


def _answer(text: str) -> PingLine | None:
    if (match := _ANSWER.match(text)) is not None:
        rest = match["rest"]
        ttl, time, damaged = _TTL.search(rest), _TIME.search(rest), _DAMAGED.search(rest)
        part = {"seq": match["seq"], "who": match["address"] or match["bare"] or match["en"] or match["ja"]}
        part |= {"ttl": ttl[1] if ttl else None, "time": time[1] if time else None, "error": damaged[1] if damaged else None}
        return PingLine("answer", part | {"result": "error" if damaged else "duplicate" if _DUP.search(rest) else "reply"})
    if (silent := _SILENT.match(text)) is not None:
        return PingLine("answer", {"seq": next((s for s in silent.groups() if s), None), "result": "no_answer"})
    for form in _WINDOWS:
        if (match := form.match(text)) is not None:
            part = {name: match[name] for name in ("ttl", "time", "error")}
            return PingLine("answer", part | {"who": match["bare"], "result": "error" if part["error"] else "reply"}, "own")
    return None


def _error(text: str) -> PingLine | None:
    for form in _ERRORS:
        if (match := form.match(text)) is not None:
            part = match.groupdict()
            error = match["error"].strip()
            result = "redirect" if error.startswith(("Redirect", "ネットワークのリダイレクト", "ホストのリダイレクト")) else "error"
            who = part.get("address") or part.get("bare")
            return PingLine("answer", {"seq": part.get("seq"), "who": who, "error": error, "result": result}, "own" if who else "")
    if (match := _LOCAL.match(text)) is not None:
        return PingLine("answer", {"error": match["error"], "result": "error"})
    if (match := _FAILURE.match(text)) is not None:
        words = (match["text"] or match["host"]).strip().rstrip(".。")
        return PingLine("failure", {"text": words, "name": match["en"] or match["ja"]}, "own")
    return None


def _counts(text: str) -> PingLine | None:
    for form in _SUMS:
        if (match := form.match(text)) is not None:
            return PingLine("sums", match.groupdict())
    if (match := _WINDOWS_SUMS.match(text)) is not None:
        return PingLine("sums", match.groupdict(), "windows")
    if (match := _STATUS.match(text)) is not None:
        return PingLine("sums", match.groupdict(), "status")
    if (match := _RTT.match(text) or _WINDOWS_RTT.match(text)) is not None:
        return PingLine("times", match.groupdict())
    if (match := _TITLES.match(text)) is not None:
        return PingLine("title", {"name": match["a"] or match["b"] or match["c"]})
    return None


def _head(text: str) -> PingLine | None:
    for form, name in _HEADS:
        if (match := form.match(text)) is not None:
            part = match.groupdict()
            return PingLine("head", part, name or ("bsd" if _BSD_HEAD.match(text) else ""))
    return None
