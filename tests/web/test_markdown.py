"""Markdown of people: formatted, and with nothing in it that runs, fetches or leads astray."""

import pytest

from runs.markdown import to_html, to_line


def test_it_formats() -> None:
    html = to_html("**bold** `code`\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |")
    for part in ("<strong>bold</strong>", "<code>code</code>", "<li>a</li>", "<td>1</td>"):
        assert part in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html,<script>)",
        "[x](vbscript:x)",
        "[x](//evil.example/)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_active(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_links_say_what_they_are_and_images_are_only_named() -> None:
    html = to_html("[a](https://example.jp/?a=1&b=2) ![picture](https://evil.example/p.png) [here](/runs/x/)")
    assert 'href="https://example.jp/?a=1&amp;b=2" rel="noopener nofollow noreferrer"' in html
    assert "<img" not in html
    assert "evil.example" not in html
    assert 'href="/runs/x/"' in html


def test_who_is_called_stands_out_and_others_do_not() -> None:
    html = to_html("@sato. and @nobody <b>", called=["sato"])
    assert '<b class="call">@sato</b>. and @nobody &lt;b&gt;' in html
    assert "call" not in to_html("`@sato`", called=["sato"])


def test_secrets_and_hostile_characters() -> None:
    html = to_html("Authorization: Bearer abcdef0123456789abcdef\n\n\u202egpj")
    assert "abcdef0123456789abcdef" not in html
    assert "\u202e" not in html


def test_deep_nesting_ends() -> None:
    assert to_html("> " * 5000 + "x")
    assert to_html("[" * 5000)
    assert to_html("*" * 20000)


def test_first_words() -> None:
    assert to_line("# Title\n\n**bold** `x`") == "Title bold x"
    assert to_line("see `lo0_9080.pcap`:\n\n- 7 pairs\n- one *RST*\n```sh\nnc -v\n```\n[RFC](https://x/)") == (
        "see lo0_9080.pcap: 7 pairs one RST nc -v RFC"
    )
    assert len(to_line("word " * 100, 40)) <= 40
