"""`http_error_status`: responses that tell of an error, and those that are part of the protocol."""

from typing import Any

import pytest

from runs.analysis.facts.access import AccessGroup, AccessLog
from runs.analysis.facts.http import CurlAttempt
from tests.kit import SERVER, Run, answered, english, places, tried

RULE = "http_error_status"


def curl(status: int) -> Run:
    return Run().curl("curl.log", tried(), method="GET", target="/a?b=1", **answered(status))


def access(*groups: tuple[str, str, int], **fields: Any) -> Run:
    """(method, path, status) a line."""
    told = tuple(AccessGroup(method=m, target=t, status=s, count=1, lines=(n,)) for n, (m, t, s) in enumerate(groups, 1))
    return Run().add("access.log", AccessLog(requests=len(told), statuses={}, groups=told, **fields))


@pytest.mark.parametrize(("status", "severity"), [(500, "high"), (503, "high"), (400, "medium"), (404, "low")])
def test_fires_with_its_line(status: int, severity: str) -> None:
    (found,) = curl(status).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "certain")
    assert found.subject == {"method": "GET", "path": "/a", "status": str(status)}
    assert places(found.statements) == {"curl.log": ((), (13,))}
    assert str(found.endpoints[0].endpoint) == f"{SERVER}:8443"


@pytest.mark.parametrize("status", [401, 403, 499])
def test_a_question_for_credentials_and_a_client_that_left_are_info(status: int) -> None:
    (found,) = curl(status).found(RULE)
    assert (found.outcome, found.severity) == ("info", "info")


def test_a_408_without_a_request_is_info() -> None:
    (bare,), (asked,) = (access((method, "-", 408)).found(RULE) for method in ("-", "POST"))
    assert (bare.outcome, asked.outcome) == ("info", "fail")


def test_a_scanner_s_hundreds_of_paths_are_one_finding() -> None:
    (found,) = access(*(("GET", f"/wp-{n}.php", 404) for n in range(200))).found(RULE)
    assert found.subject == {"method": "*", "path": "*", "status": "404"}
    assert "200 paths" in english(found.title)


def test_failures_of_the_service_stay_apart() -> None:
    assert len(access(*(("GET", f"/api/{n}", 502) for n in range(12))).found(RULE)) == 12


@pytest.mark.parametrize("status", [200, 204, 302, 304])
def test_silent(status: int) -> None:
    run = curl(status)
    assert run.found(RULE) == []
    assert places(run.excluded(RULE)) == {"curl.log": ((), (13,))}


def test_without_a_response_it_names_what_would_tell() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "curl" in english(unknown.missing[0])
    assert CurlAttempt.evidence_name().id in str(unknown.missing[0].params)
