"""`secret_lines`: lines with a secret, bounded; what replaces a secret is none."""

import pytest

from runs.analysis.domain.secret_lines import MOST_LINES, exposed_secrets
from runs.analysis.facts.secret import ExposedSecrets
from runs.analysis.source import Source


def searched(text: str) -> ExposedSecrets:
    return exposed_secrets(Source(None, "a.txt", data=text.encode()))


def test_lines_are_counted_from_one() -> None:
    text = "> GET / HTTP/1.1\n> Authorization: Basic dXNlcjpodW50ZXIy\n\n-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
    assert searched(text).lines == (2, 5)


@pytest.mark.parametrize(
    "line",
    [
        "password=********",
        "> Authorization: Bearer [redacted]",
        "> Authorization: <masked>",
        "password: xxxxxx",
        "api_key=${API_KEY}",
        "token: (none)",
        "password=（伏せ字）",
        "net.core.default_qdisc: token bucket filter",
        "fe80::1 dev eth0 lladdr 02:00:00:00:00:01 STALE",
        "debug1: SSH2_MSG_KEXINIT sent, key exchange",
        "PSID 0x41, shared key ports 5136-5151",
        "",
    ],
)
def test_what_is_no_secret(line: str) -> None:
    assert searched(line + "\n").lines == ()


def test_a_real_value_beside_a_removed_one_counts() -> None:
    assert searched("password=*** token=abcdef0123456789\n").lines == (1,)


def test_it_ends() -> None:
    many = searched("password=hunter2\n" * (MOST_LINES + 5))
    assert (len(many.lines), many.more) == (MOST_LINES, True)
