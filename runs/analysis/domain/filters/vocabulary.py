"""The words of a filter, and what is said about mistakes in one."""

from runs.analysis.messages import message

LINK_PROTOCOLS = {"ip": 0x0800, "ip6": 0x86DD, "arp": 0x0806, "rarp": 0x8035, "aarp": 0x80F3, "lldp": 0x88CC, "loopback": 0x9000}
IP_PROTOCOLS = {
    "icmp": 1, "igmp": 2, "igrp": 9, "tcp": 6, "udp": 17, "esp": 50, "ah": 51, "icmp6": 58, "pim": 103, "vrrp": 112, "carp": 112,
    "sctp": 132,
}  # fmt: skip
WITH_PORTS = ("tcp", "udp", "sctp")
TYPES = ("host", "net", "port", "portrange", "proto", "gateway", "protochain")
CONSTANTS = {
    "tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
    "tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
    "icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8, "icmp-routeradvert": 9,
    "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12, "icmp-tstamp": 13, "icmp-tstampreply": 14,
    "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,
    "icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4,
    "icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-routersolicit": 133, "icmp6-routeradvert": 134,
    "icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137,
}  # fmt: skip
RELATIONS = ("=", "==", "!=", "<", "<=", ">", ">=")
PRECEDENCE = {"|": 1, "&": 2, "<<": 3, ">>": 3, "+": 4, "-": 4, "*": 5, "/": 5}
MINUS = 6
GREEDY = ("%", "^")
"""libpcap's grammar gives these no precedence: beside one of them everything that follows is its right side."""
UNSUPPORTED = frozenset((
    "inbound", "outbound", "ifname", "on", "rnr", "rulenum", "reason", "rset", "ruleset", "srnr", "subrulenum", "action", "wlan", "type",
    "subtype", "dir", "llc", "mpls", "pppoed", "pppoes", "geneve", "vxlan", "iso", "clnp", "esis", "isis", "lat", "moprc", "mopdl", "stp",
    "ipx", "netbeui", "decnet", "atalk", "sca", "lane", "oam", "metac", "bcc", "sc", "ilmic", "fddi", "tr", "radio", "ifindex", "mask",
))  # fmt: skip

EXPECTED = message("filter.expected", en="Expected {what} here.", ja="ここには {what} が必要。")
UNEXPECTED = message("filter.unexpected", en="“{text}” is not expected here.", ja="ここに「{text}」は置けない。")
ENDS = message(
    "filter.ends", en="The filter ends too early: {what} is missing.", ja="フィルタが途中で終わっている：{what} がない。"
)
TOO_DEEP = message("filter.too_deep", en="Nested too deeply.", ja="入れ子が深すぎる。")
NO_NAMES = message(
    "filter.no_names",
    en="“{text}” is no address; names are not resolved here.",
    ja="「{text}」はアドレスではない（名前解決は行わない）。",
)
NO_PORT = message("filter.no_port", en="“{text}” is no port.", ja="「{text}」はポートではない。")
NO_PROTOCOL = message("filter.no_protocol", en="“{text}” is no protocol.", ja="「{text}」はプロトコル名ではない。")
NOT_SUPPORTED = message("filter.not_supported", en="“{text}” is not supported.", ja="「{text}」には対応していない。")
NO_REMARK = message(
    "filter.no_remark", en="“{text}” is no remark. Known: {known:list}.", ja="「{text}」という注記はない。候補：{known:list}。"
)
BAD_NETWORK = message("filter.bad_network", en="“{text}” is no network.", ja="「{text}」はネットワークではない。")
NO_PORT_OF = message("filter.no_port_of", en="{protocol} has no ports.", ja="{protocol} にポートはない。")
NOT_OF = message("filter.not_of", en="“{protocol}” cannot stand before {what}.", ja="{what} の前に「{protocol}」は置けない。")
NO_DIRECTION = message("filter.no_direction", en="{what} has no direction.", ja="{what} に向きはない。")
TOO_LARGE = message("filter.too_large", en="At most {most}.", ja="最大は {most}。")
BY_ZERO = message("filter.by_zero", en="Division by zero.", ja="0 で割っている。")
NOTHING_BEFORE = message(
    "filter.nothing_before",
    en="“{text}” needs a word before it that says what it is (host, port …).",
    ja="「{text}」の前に種類を表す語（host、port など）が必要。",
)
ADDRESS = message("filter.address", en="an address", ja="アドレス")()
NUMBER = message("filter.number", en="a number", ja="数値")()
WORD = message("filter.condition", en="a condition", ja="条件")()
