"""The pages of the rules: every one opens in both languages, and tells of runs that the viewer may see alone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.analysis import registry
from runs.analysis.messages import render
from runs.models import Run, Team
from tests.web.sample_report import report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


def test_list_names_every_rule_and_where_it_fired(client: Client, run: Run, viewer: User, stranger: User) -> None:
    client.force_login(viewer)
    html = client.get("/rules/").content.decode()
    for id in registry.rules():
        assert f'href="/rules/{id}/"' in html
    assert html.count("in 1 run") == 2
    client.force_login(stranger)
    assert "in 1 run" not in client.get("/rules/").content.decode()


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_rule_has_its_page(client: Client, viewer: User, lang: str) -> None:
    client.force_login(viewer)
    client.cookies["django_language"] = lang
    for id, rule in registry.rules().items():
        html = client.get(f"/rules/{id}/").content.decode()
        assert render(rule.title(), lang).replace("'", "&#x27;") in html, id
        assert ("What would refute it" if lang == "en" else "反証") in html


def test_page_lists_findings_of_visible_runs(client: Client, run: Run, reviewer: User, stranger: User) -> None:
    client.force_login(reviewer)
    html = client.get("/rules/response_missing/").content.decode()
    assert "2 in 1 run" in html
    assert f"/runs/{run.key}/findings/{run.findings.get(number='F1').fingerprint}/" in html
    assert "sudo tcpdump" in html
    assert '/rules/response_missing/"' in client.get(f"/runs/{run.key}/").content.decode()
    client.force_login(stranger)
    assert run.key not in client.get("/rules/response_missing/").content.decode()
    assert client.get("/rules/no_such_rule/").status_code == 404


def test_a_paragraph_that_begins_with_a_word_of_one_letter_keeps_its_blank(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    html = client.get("/rules/response_missing/").content.decode()
    assert "A responder that hangs up" in html
    assert "Aresponder" not in html
