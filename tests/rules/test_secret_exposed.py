"""`secret_exposed`: places only, never values."""

from runs.analysis.facts.http import HttpExchange
from runs.analysis.facts.secret import ExposedSecrets
from tests.kit import Run, english, places

RULE = "secret_exposed"


def test_lines_and_requests_make_one_finding() -> None:
    asked = HttpExchange(conversation_row=0, conversation_stream=0, request_frame=4, has_credentials=True)
    plain = HttpExchange(conversation_row=0, conversation_stream=0, request_frame=9)
    run = (
        Run()
        .add("curl.log", ExposedSecrets(lines=(6, 8)))
        .add("a.pcap", asked, plain, kind="capture")
        .add("b.txt", ExposedSecrets(lines=()))
    )
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert places(found.statements) == {"curl.log": ((), (6, 8)), "a.pcap": ((4,), ())}
    assert found.subject == {"what": "secrets"}
    assert english(found.title).startswith("3 places")


def test_texts_without_any_are_excluded() -> None:
    run = Run().add("curl.log", ExposedSecrets(lines=()))
    assert run.found(RULE) == []
    assert [c.file for s in run.excluded(RULE) for c in s.citations] == ["curl.log"]


def test_a_capture_without_credentials_says_nothing_of_texts() -> None:
    assert (
        Run().add("a.pcap", HttpExchange(conversation_row=0, conversation_stream=0, request_frame=9), kind="capture").ask(RULE)
        == []
    )


def test_not_evaluable_without_text_or_http() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "HTTP" in english(unknown.missing[0])
