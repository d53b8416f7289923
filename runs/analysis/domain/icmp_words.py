"""ICMP types and codes from the words that tcpdump prints for them, and back into words.

Sources: RFC 792, RFC 1122, RFC 1812, RFC 4443; print-icmp.c and print-icmp6.c of tcpdump.
"""

import re

_FOUR: tuple[tuple[str, int, int], ...] = (
    (r"echo request", 8, 0),
    (r"echo reply", 0, 0),
    (r"(?:tcp|udp|sctp) port \S+ unreachable|port unreachable", 3, 3),
    (r"protocol \S+ unreachable", 3, 2),
    (r"need to frag|frag(?:mentation)? needed", 3, 4),
    (r"source route failed", 3, 5),
    (r"net \S+ unreachable\W+unknown|net \S+ unknown", 3, 6),
    (r"host \S+ unreachable\W+unknown|host \S+ unknown", 3, 7),
    (r"net \S+ unreachable\W+admin prohibited", 3, 9),
    (r"host \S+ unreachable\W+admin prohibited filter|admin prohibited filter", 3, 13),
    (r"host \S+ unreachable\W+admin prohibited", 3, 10),
    (r"net \S+ unreachable\W+.*tos", 3, 11),
    (r"host \S+ unreachable\W+.*tos", 3, 12),
    (r"host precedence violation", 3, 14),
    (r"precedence cutoff", 3, 15),
    (r"net \S+ unreachable", 3, 0),
    (r"host \S+ unreachable", 3, 1),
    (r"source quench", 4, 0),
    (r"redirect \S+ to net", 5, 0),
    (r"redirect", 5, 1),
    (r"router advertisement", 9, 0),
    (r"router solicitation", 10, 0),
    (r"time exceeded in-transit", 11, 0),
    (r"reassembly time exceeded", 11, 1),
    (r"parameter problem", 12, 0),
    (r"time ?stamp (?:query|request)", 13, 0),
    (r"time ?stamp reply", 14, 0),
    (r"address mask request", 17, 0),
    (r"address mask is", 18, 0),
    (r"unreachable", 3, 1),
)
_SIX: tuple[tuple[str, int, int], ...] = (
    (r"echo request", 128, 0),
    (r"echo reply", 129, 0),
    (r"unreachable route|no route", 1, 0),
    (r"unreachable prohibited|administratively prohibited", 1, 1),
    (r"beyond scope", 1, 2),
    (r"unreachable address", 1, 3),
    (r"unreachable port|(?:tcp|udp) port \S+ unreachable", 1, 4),
    (r"source address failed", 1, 5),
    (r"reject route", 1, 6),
    (r"packet too big", 2, 0),
    (r"time exceeded in-transit", 3, 0),
    (r"time exceeded", 3, 1),
    (r"parameter problem", 4, 0),
    (r"router solicitation", 133, 0),
    (r"router advertisement", 134, 0),
    (r"neighbor solicitation", 135, 0),
    (r"neighbor advertisement", 136, 0),
    (r"redirect", 137, 0),
    (r"multicast listener query", 130, 0),
    (r"multicast listener report v2", 143, 0),
    (r"multicast listener report", 131, 0),
    (r"multicast listener done", 132, 0),
    (r"unreachable", 1, 0),
)
_FOUR_FORMS = tuple((re.compile(words, re.IGNORECASE), kind, code) for words, kind, code in _FOUR)
_SIX_FORMS = tuple((re.compile(words, re.IGNORECASE), kind, code) for words, kind, code in _SIX)
_NUMBERED = re.compile(r"ICMP6?,? (?:type|\[icmp6? type)[ -]#?(\d{1,3})(?:,? code[ -]#?(\d{1,3}))?")


def icmp_of_words(text: str, six: bool) -> tuple[int | None, int | None]:
    """Type and code that the words mean; (None, None) for words we do not know."""
    for form, kind, code in _SIX_FORMS if six else _FOUR_FORMS:
        if form.search(text[:300]):
            return kind, code
    numbered = _NUMBERED.search(text[:300])
    if numbered is not None and int(numbered[1]) < 256:
        return int(numbered[1]), int(numbered[2]) & 0xFF if numbered[2] else None
    return None, None
