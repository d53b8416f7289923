"""Secrets: found in the forms in which programs write them, masked with stable tokens, nothing else touched."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.secrets import Masker, find

MASKER = Masker(b"key")

HIDDEN = [
    ("> Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
    ("authorization: Bearer abc.def-ghi_jkl012", "abc.def-ghi_jkl012"),
    ("-H 'Authorization: Token 9a8b7c6d5e4f'", "9a8b7c6d5e4f"),
    ('Proxy-Authorization: Digest username="u", response="77aa88"', "77aa88"),
    ("< Set-Cookie: JSESSIONID=8F3A77; Path=/; HttpOnly", "8F3A77"),
    ("> Cookie: theme=dark; sid=s3cr3tsid", "s3cr3tsid"),
    ("X-Api-Key: 0123456789", "0123456789"),
    ("curl -u alice:hunter2 http://x/", "hunter2"),
    ("curl --user 'alice:hunter2' http://x/", "hunter2"),
    ("postgres://app:pa55w0rd@db:5432/x", "pa55w0rd"),
    ('{"password": "p w;d", "user": "bob"}', "p w;d"),
    ("PGPASSWORD=hunter2 psql", "hunter2"),
    ("GET /login?access_token=abcdef123&x=1", "abcdef123"),
    ("client_secret=hunter2", "hunter2"),
    ("set interfaces pppoe pppoe0 authentication password 'hunter2'", "hunter2"),
    ("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "hx5rVt7rPNoS4wqbXKX7m0"),
    ("encrypted-password $6$abcdefgh$0123456789", "0123456789"),
    ("snmp-server community s3cr1t RO", "s3cr1t"),
    ("PASS hunter2", "hunter2"),
    ("AUTH PLAIN AGFsaWNlAGh1bnRlcjI=", "AGFsaWNlAGh1bnRlcjI="),
    ("cred eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl seen", "eyJzdWIiOiIxIn0"),
    ("key id AKIAABCDEFGHIJKLMNOP used", "AKIAABCDEFGHIJKLMNOP"),
    ("wpa_passphrase=correct-horse", "correct-horse"),
]

KEPT = [
    "GET /openDolphin/resources/serverinfo/jamri HTTP/1.1",
    "17:50:19.325354 IP 127.0.0.1.54268 > 127.0.0.1.9080: Flags [S], seq 2638543281, win 65535, length 0",
    "no password given, secret unknown",
    "tokens: 12 left, the token is missing",
    "block drop in quick on lo0 proto tcp from any to any port = 9080",
    "http://localhost:9080/a@b",
    "* Connected to localhost (127.0.0.1) port 9080 (#0)",
]


@pytest.mark.parametrize(("line", "secret"), HIDDEN)
def test_it_hides(line: str, secret: str) -> None:
    shown = MASKER.mask(line)
    assert secret not in shown
    assert "[masked " in shown


@pytest.mark.parametrize("line", KEPT)
def test_it_keeps(line: str) -> None:
    assert MASKER.mask(line) == line


def test_names_schemes_and_users_stay_readable() -> None:
    assert MASKER.mask("> Authorization: Basic dXNlcjpodW50ZXIy").startswith("> Authorization: Basic [masked ")
    assert MASKER.mask("< Set-Cookie: JSESSIONID=8F3A77; Path=/; HttpOnly").endswith("]; Path=/; HttpOnly")
    assert "alice:" in MASKER.mask("curl -u alice:hunter2 http://x/")


def test_equal_secrets_have_equal_tokens_and_other_keys_other_tokens() -> None:
    assert MASKER.mask("password=hunter2") == MASKER.mask("password=hunter2")
    assert MASKER.token("hunter2") != MASKER.token("hunter3")
    assert MASKER.token("hunter2") != Masker(b"other").token("hunter2")


def test_the_body_of_a_private_key_is_hidden() -> None:
    text = ["a", "-----BEGIN RSA PRIVATE KEY-----", "MIIEabc", "def==", "-----END RSA PRIVATE KEY-----", "b"]
    shown = list(MASKER.mask_lines(text))
    assert shown[0] == "a"
    assert shown[-1] == "b"
    assert shown[2].startswith("[masked ")
    assert shown[3].startswith("[masked ")


@given(st.text(max_size=400))
def test_spans_are_ordered_and_inside(text: str) -> None:
    spans = find(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(x.end <= y.start for x, y in itertools.pairwise(spans))


@pytest.mark.parametrize(
    "part",
    [
        "password=",
        "://a:",
        "cookie: a=b;",
        "authorization:",
        "a_" * 8,
        "eyJ.",
        "token -",
        "bearer ",
        "$6$",
        "password ",
        "a.b-",
        " ",
    ],
)
def test_hostile_lines_take_linear_time(part: str) -> None:
    line = part * (200_000 // len(part))
    start = time.process_time()
    find(line)
    assert time.process_time() - start < 2
