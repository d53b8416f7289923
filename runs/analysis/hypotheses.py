"""What was suspected: each hypothesis of the notes, with what the evidence says for and against the cause it names.

A hypothesis claims nothing, so it is never called wrong; the causes it names are laid beside what the rules answered for them. The
sentence's own yes or no ('the firewall is not it') does not matter: both columns speak of the cause.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.wording import once
from runs.analysis.facts.notes import Note
from runs.analysis.messages import Message, message
from runs.analysis.report import Check, Finding, HypothesisRow, Statement

MOST_HYPOTHESES = 50
MOST_STATEMENTS = 4
EVIDENCE_RULES = {"capture_filter_too_narrow", "capture_gap", "capture_snaplen_truncated"}  # told as worth knowing, yet they are so
Standing = Literal["supported", "contradicted", "both", "open"]


class Cause(NamedTuple):
    """A kind of cause that people name: the words, the rules that fire where it is so, and those that fire where it is not."""

    name: Message
    words: re.Pattern[str]
    rules: tuple[str, ...]
    denied_by: tuple[str, ...] = ()


def _cause(id: str, en: str, ja: str, words: str, rules: str, denied_by: str = "") -> Cause:
    """`words`: one pattern a line."""
    name = message(f"hypotheses.{id}", en=en, ja=ja)
    pattern = re.compile("|".join(words.split("\n")), re.IGNORECASE)
    return Cause(name, pattern, tuple(rules.split()), tuple(denied_by.split()))


CAUSES = (
    _cause("filter", "a packet filter", "パケットフィルタ",
           "ファイアウォール|ファイヤウォール|フィルタリング|パケットフィルタ|遮断|ブロック|拒否\n"
           r"\bpf\b|iptables|nftables|\bnft\b|firewall|\bACL\b|block(?:s|ed|ing)?\b|reject",
           "firewall_would_block icmp_rejected", "firewall_no_block"),
    _cause("route", "the route there or back", "往路・復路の経路",
           "経路|ルーティング|ルート(?!権限|ユーザ)|戻り道|ネクストホップ\n" r"next[- ]?hop|\brout(?:e|es|ing)\b|return path",
           "route_missing return_path_lost next_hop_mismatch"),
    _cause("mtu", "the path's MTU", "経路の MTU", r"\bMTU\b|\bMSS\b|断片化|フラグメント|fragment|ブラックホール|black ?hole", "path_mtu_blackhole"),
    _cause("dns", "name resolution", "名前解決", r"\bDNS\b|名前解決|名前が引け|リゾルバ|resolver|name resolution", "dns_failed dns_slow"),
    _cause("loss", "packet loss on the way", "経路上のパケットロス",
           "パケットロス|損失|再送|回線品質|輻輳\n" r"packet loss|\bloss(?:y)?\b|retransmi|congest|\bdrop(?:s|ped)?\b",
           "loss_episode retransmission_rate_high retransmission_stall ping_loss"),
    _cause("listener", "nothing listens on the port", "待ち受けがない",
           "停止し|止まって|落ちて|起動していない|待ち受けて?い?ない|(?:サービス|プロセス|デーモン|サーバ)[がは](?:停止|落ち|ダウン|死)\n"
           r"not (?:running|listening)|is down\b|crash",
           "port_not_listening connection_refused udp_port_unreachable"),
    _cause("application", "the program that accepts, or what stands behind it", "接続を受け付けるプログラム、またはその背後",
           "応答し(?:ない|ていない)|読んでいない|処理待ち|ハング|アプリ(?:ケーション)?側|バックエンド|上流|受け口|受付側|橋渡し\n"
           r"port[- ]?forward|ポートフォワード|vpnkit|upstream|backend|hang(?:s|ing)?\b|stuck|deadlock",
           "response_missing response_slow forwarder_no_bypass http_error_status log_errors"),
    _cause("tunnel", "the tunnel or its far end", "トンネル、またはその対向",
           r"トンネル|カプセル|MAP-?E|\bBR\b|BR側|DS-?Lite|ipip6|\btunnel|encapsul",
           "tunnel_endpoint_unreachable tunnel_remote_mismatch"),
    _cause("lease", "the address lease or the delegated prefix", "アドレスのリース・委任プレフィックス",
           r"DHCP|リース|プレフィックス委任|\bIA_PD\b|lease|prefix delegation|S46", "dhcp_lease_lost"),
    _cause("nat", "address or port translation", "アドレス・ポート変換",
           r"\bS?NAPT?\b|\bSNAT\b|\bDNAT\b|マスカレード|masquerade|ポートセット|PSID|port set", "nat_port_outside_map_e"),
    _cause("tls", "TLS or a certificate", "TLS・証明書", r"\bTLS\b|\bSSL\b|証明書|ハンドシェイク|certificate",
           "tls_handshake_failed protocol_mismatch"),
    _cause("family", "only one of IPv4 and IPv6", "IPv4・IPv6 の片方だけ",
           r"IPv[46](?:だけ|のみ|側)|only (?:over )?IPv[46]|dual[- ]stack|::1", "dual_stack_divergence"),
    _cause("link", "the link, ARP or a doubled address", "リンク・ARP・アドレス重複",
           "リンクダウン|ケーブル|アドレス重複|IP ?重複|インター?フ[ェエ]ース[がは](?:落|ダウン)\n"
           r"\bARP\b|link (?:is )?down|duplicate address|\bcable\b",
           "interface_down arp_unanswered arp_duplicate_address"),
    _cause("receiver", "a receiver that does not read", "読み出さない受信側",
           "ゼロウィンドウ|zero ?window|ウィンドウ(?:が|サイズ)[^。]{0,6}(?:0|ゼロ)|受信側が遅", "zero_window_stall"),
    _cause("capture", "the way it was captured", "採取方法",
           "キャプチャ(?:の)?(?:フィルタ|結果|範囲)|採取(?:方法|範囲|漏れ)|取りこぼし|キャプチャ[^。]{0,8}不完全\ncapture filter|incomplete capture",
           "capture_filter_too_narrow capture_gap capture_dropped_packets capture_snaplen_truncated capture_one_sided"),
)  # fmt: skip
_THINGS = re.compile(r"(?<![\d.:])(?:\d{1,3}(?:\.\d{1,3}){3}|\d{2,5})(?![\d.:])")


def hypotheses(case: Case, findings: Sequence[Finding], checks: Sequence[Check]) -> tuple[HypothesisRow, ...]:
    """Each hypothesis of the notes that names a cause the rules know of, in the order of the files."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.rule, []).append(finding)
    answered: dict[str, list[Check]] = {}
    for check in checks:
        answered.setdefault(check.rule, []).append(check)
    rows = []
    for note in case.all(Note):
        for line in note.hypotheses:
            causes = [cause for cause in CAUSES if cause.words.search(line.text)]
            if causes:
                rows.append(_row(note.file, line.line, line.text, causes, found, answered))
            if len(rows) == MOST_HYPOTHESES:
                return tuple(rows)
    return tuple(rows)


def _row(
    file: str,
    line: int,
    text: str,
    causes: Sequence[Cause],
    found: Mapping[str, Sequence[Finding]],
    answered: Mapping[str, Sequence[Check]],
) -> HypothesisRow:
    rules = list(dict.fromkeys(rule for cause in causes for rule in cause.rules))
    denying = list(dict.fromkeys(rule for cause in causes for rule in cause.denied_by))
    things = set(_THINGS.findall(text))
    faults = [f for rule in rules for f in found.get(rule, ()) if f.outcome == "fail" or f.rule in EVIDENCE_RULES]
    pro = _about(things, _titles(faults)) or _titles(faults)
    silent = [rule for rule in rules if not any(f.rule == rule for f in faults)]
    passed = [s for rule in silent for c in answered.get(rule, ()) if c.outcome == "pass" for s in c.statements]
    denied = _titles(f for rule in denying for f in found.get(rule, ()))
    denied += [s for rule in denying for c in answered.get(rule, ()) if c.outcome == "pass" for s in c.statements]
    con = denied + (_about(things, passed) if things else passed)
    open_checks = [c for rule in rules for c in answered.get(rule, ()) if c.outcome == "not_evaluable"] if not pro else []
    is_excluded = bool(con) and not any(c.outcome == "not_evaluable" for rule in rules for c in answered.get(rule, ()))
    standing: Standing = "both" if pro and con else "supported" if pro else "contradicted" if is_excluded or denied else "open"
    return HypothesisRow(
        file=file,
        line=line,
        text=text,
        causes=tuple(cause.name() for cause in causes),
        standing=standing,
        pro=tuple(pro[:MOST_STATEMENTS]),
        con=once(con, MOST_STATEMENTS),
        missing=tuple(s.text for s in once((Statement(m) for c in open_checks for m in c.missing), MOST_STATEMENTS)),
        collect=next((c.collect for c in open_checks if c.collect), None),
    )


def _about(things: set[str], statements: Sequence[Statement]) -> list[Statement]:
    """Those that speak of an address or port that the hypothesis names."""
    return [s for s in statements if things & set(_THINGS.findall(" ".join(str(value) for value in s.text.params.values())))]


def _titles(findings: Iterable[Finding]) -> list[Statement]:
    """Findings as sentences with the places that prove them."""
    return [Statement(f.title, f.citations) for f in findings]
