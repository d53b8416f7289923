"""ICMP and ICMPv6 errors in the words of their RFCs, in both languages."""

from runs.analysis.messages import Text, message

_WORDS: dict[tuple[int, int, int], Text] = {
    key: message(f"icmp.{key[0]}.{key[1]}.{key[2]}", en=en, ja=ja)()
    for key, en, ja in (
        ((4, 3, 0), "network unreachable", "ネットワーク到達不能"),
        ((4, 3, 1), "host unreachable", "ホスト到達不能"),
        ((4, 3, 2), "protocol unreachable", "プロトコル到達不能"),
        ((4, 3, 3), "port unreachable", "ポート到達不能"),
        ((4, 3, 4), "fragmentation needed", "要分割（frag needed）"),
        ((4, 3, 5), "source route failed", "ソースルート失敗"),
        ((4, 3, 6), "network unknown", "宛先ネットワーク不明"),
        ((4, 3, 7), "host unknown", "宛先ホスト不明"),
        ((4, 3, 9), "network administratively prohibited", "ネットワークへの通信を管理上禁止"),
        ((4, 3, 10), "host administratively prohibited", "ホストへの通信を管理上禁止（host administratively prohibited）"),
        ((4, 3, 13), "communication administratively prohibited", "通信を管理上禁止（communication administratively prohibited）"),
        ((4, 11, 0), "time to live exceeded", "TTL 超過"),
        ((6, 1, 0), "no route to destination", "宛先への経路なし"),
        ((6, 1, 1), "communication administratively prohibited", "通信を管理上禁止（communication administratively prohibited）"),
        ((6, 1, 2), "beyond scope of source address", "送信元アドレスのスコープ外"),
        ((6, 1, 3), "address unreachable", "アドレス到達不能"),
        ((6, 1, 4), "port unreachable", "ポート到達不能"),
        ((6, 1, 5), "source address failed ingress/egress policy", "送信元アドレスがポリシーに違反"),
        ((6, 1, 6), "reject route to destination", "宛先への経路が拒否設定"),
        ((6, 2, 0), "packet too big", "パケット過大（packet too big）"),
        ((6, 3, 0), "hop limit exceeded", "ホップ数超過"),
    )
}
_OTHER = message("icmp.other", en="type {type:count} code {code:count}", ja="type {type:count} code {code:count}")


def error_words(version: int, icmp_type: int, icmp_code: int) -> Text:
    """What an error says; its numbers where it has no name here."""
    return _WORDS.get((version, icmp_type, icmp_code)) or _OTHER(type=icmp_type, code=icmp_code)
