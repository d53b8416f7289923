"""The API: who may call what, uploads with their refusals, reports with their tags, and its description."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import ApiToken, Run, TokenScope
from runs.services.tokens import new_token
from tests.portal_fixtures import work_off

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def bearer(user: Any, scope: TokenScope = TokenScope.WRITE) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_token(user, 'test', scope, 7)[1]}"}


def evidence(name: str = "ping.txt", data: bytes = b"PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
@pytest.mark.parametrize("tail", ["", "/report"])
def test_who_reads_a_run(client: Client, request: Any, concluded_run: Run, who: str, status: int, tail: str) -> None:
    user = request.getfixturevalue(who)
    address = f"{RUNS}/{concluded_run.key}{tail}"
    assert client.get(address, headers=bearer(user, TokenScope.READ)).status_code == status
    listed = client.get(RUNS, headers=bearer(user)).json()["runs"]
    assert [one["key"] for one in listed] == ([concluded_run.key] if status == 200 else [])


@pytest.mark.parametrize(("who", "status"), [("owner", 201), ("reviewer", 201), ("viewer", 403), ("stranger", 400)])
def test_who_uploads(client: Client, request: Any, team: Any, who: str, status: int) -> None:
    sent = {"file": evidence(), "label": "20261127Tapi", "team": team.slug}
    answer = client.post(RUNS, sent, headers=bearer(request.getfixturevalue(who)))
    assert answer.status_code == status, answer.content
    assert Run.objects.count() == (status == 201)
    if status == 201:
        run = answer.json()["run"]
        assert (run["label"], run["files_total"]) == ("20261127Tapi", 1)
        assert Run.objects.get(key=run["key"]).created_by == request.getfixturevalue(who)


def test_a_token_to_read_does_not_upload(client: Client, owner: Any) -> None:
    answer = client.post(RUNS, {"file": evidence()}, headers=bearer(owner, TokenScope.READ))
    assert answer.status_code == 403
    assert "only read" in answer.json()["error"]


def test_without_a_token_nothing_opens_and_a_session_is_none(client: Client, owner: Any, concluded_run: Run) -> None:
    client.force_login(owner)
    for address in (RUNS, f"{RUNS}/{concluded_run.key}", f"{RUNS}/{concluded_run.key}/report"):
        answer = client.get(address)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
    assert client.post(RUNS, {"file": evidence()}).status_code == 401


@pytest.mark.parametrize("end", ["revoked", "expired", "inactive"])
def test_a_token_that_ended_opens_nothing(client: Client, owner: Any, end: str) -> None:
    headers = bearer(owner)
    assert client.get(RUNS, headers=headers).status_code == 200
    if end == "inactive":
        owner.is_active = False
        owner.save()
    else:
        field = "revoked_at" if end == "revoked" else "expires_at"
        ApiToken.objects.update(**{field: timezone.now() - timedelta(seconds=1)})
    assert client.get(RUNS, headers=headers).status_code == 401


def test_somebody_who_left_the_team_sees_nothing_any_more(client: Client, viewer: Any, concluded_run: Run) -> None:
    headers = bearer(viewer)
    concluded_run.team.memberships.filter(user=viewer).delete()
    assert client.get(f"{RUNS}/{concluded_run.key}", headers=headers).status_code == 404


def test_who_guesses_is_slowed_down(client: Client, owner: Any) -> None:
    for _ in range(30):
        assert client.get(RUNS, headers={"Authorization": "Bearer konseki_guess"}).status_code == 401
    assert client.get(RUNS, headers={"Authorization": "Bearer konseki_guess"}).status_code == 429
    assert client.get(RUNS, headers=bearer(owner)).status_code == 200


def test_the_secret_is_not_kept(owner: Any) -> None:
    token, secret = new_token(owner, "x", TokenScope.READ, 7)
    kept = json.dumps([str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list()[0]])
    assert secret not in kept
    assert len(secret) > 40


def test_a_report_is_the_schemas_object_with_a_tag(client: Client, viewer: Any, concluded_run: Run) -> None:
    headers = bearer(viewer)
    answer = client.get(f"{RUNS}/{concluded_run.key}/report", {"lang": "ja"}, headers=headers)
    report = answer.json()
    assert report["run_id"] == concluded_run.label
    assert report["conversations"]
    assert any(f["rule"] == "response_missing" for f in report["findings"])
    again = client.get(f"{RUNS}/{concluded_run.key}/report", {"lang": "ja"}, headers={**headers, "If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{RUNS}/{concluded_run.key}/report", {"lang": "fr"}, headers=headers).status_code == 400


def test_before_the_first_conclusion_it_says_when_to_ask_again(client: Client, viewer: Any, queued_run: Run) -> None:
    answer = client.get(f"{RUNS}/{queued_run.key}/report", headers=bearer(viewer))
    assert (answer.status_code, answer["Retry-After"]) == (409, "5")


def test_secrets_are_masked(client: Client, owner: Any, team: Any) -> None:
    secret = "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    note = f"# memo\n\n- 失敗: {secret}\n- next: try {secret}\n".encode()
    made = client.post(RUNS, {"file": evidence("memo.md", note)}, headers=bearer(owner)).json()["run"]
    work_off(Run.objects.get(key=made["key"]))
    answer = client.get(f"{RUNS}/{made['key']}/report", headers=bearer(owner))
    assert answer.status_code == 200
    assert "dozjgNryP4J3jVmNHl0w5N" not in answer.content.decode()


@pytest.mark.parametrize("body", [{}, {"label": "x"}, {"file": evidence(), "team": "other"}])
def test_a_wrong_upload_leaves_no_run(client: Client, owner: Any, body: dict[str, Any]) -> None:
    answer = client.post(RUNS, body, headers=bearer(owner))
    assert answer.status_code in (400, 403)
    assert answer.json()["error"]
    assert not Run.objects.exists()


def test_odd_requests_get_errors_in_json(client: Client, owner: Any, settings: Any) -> None:
    headers = bearer(owner)
    broken = client.post(
        RUNS, io.BytesIO(b"--x\r\nnonsense").read(), content_type="multipart/form-data; boundary=", headers=headers
    )
    assert broken.status_code == 400
    assert broken.json()["error"]
    assert client.post(RUNS, b"{}", content_type="application/json", headers=headers).status_code == 400
    assert client.get(RUNS, {"before": "x" * 40}, headers=headers).status_code == 400
    assert client.get(f"{RUNS}/no-such-run", headers=headers).json()["error"]
    assert client.delete(f"{RUNS}/no-such-run", headers=headers).status_code == 405


def test_a_path_in_a_name_stays_in_the_run(client: Client, owner: Any) -> None:
    answer = client.post(RUNS, {"file": [evidence("../../etc/passwd"), evidence("b.txt", b"hello\n")]}, headers=bearer(owner))
    assert answer.status_code == 201
    files = Run.objects.get(key=answer.json()["run"]["key"]).files
    assert files.filter(path="b.txt").exists()
    assert files.count() == 2
    assert not any(part == ".." for path in files.values_list("path", flat=True) for part in path.split("/"))


def test_pages_of_tokens_and_of_the_api(client: Client, owner: Any, stranger: Any) -> None:
    client.force_login(owner)
    page = client.post(reverse("tokens"), {"name": "<b>gw9</b>", "scope": "read", "days": "30"}).content.decode()
    token = ApiToken.objects.get()
    assert token.hint in page
    assert "konseki_" in page
    assert "<b>gw9</b>" not in page
    assert client.post(reverse("tokens"), {"name": "", "scope": "all", "days": "9999"}).status_code == 400
    secret = page.partition('<div class="cmd"><pre>')[2].partition("<")[0]
    assert client.get(RUNS, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in client.get(reverse("tokens")).content.decode()
    client.force_login(stranger)
    client.post(reverse("token_revoke", args=(token.pk,)))
    assert ApiToken.objects.active().count() == 1
    client.force_login(owner)
    client.post(reverse("token_revoke", args=(token.pk,)))
    assert ApiToken.objects.active().count() == 0
    docs = client.get(reverse("api_docs")).content.decode()
    assert "/api/v1/runs/{key}/report" in docs
    schema = client.get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {"/api/v1/runs", "/api/v1/runs/{key}", "/api/v1/runs/{key}/report"}
    for address in ("upload", "tokens", "api_docs"):
        assert "Bearer $KONSEKI_TOKEN" in client.get(reverse(address)).content.decode()
    client.logout()
    assert client.get("/api/v1/openapi.json").status_code == 302
