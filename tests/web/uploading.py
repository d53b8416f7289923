"""What tests of the upload share: a body as browsers write it, and how to send it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from runs.models import Run

BOUNDARY = "----konseki-test"
Post = Callable[..., HttpResponse]


def multipart(files: Sequence[tuple[str, bytes]], **fields: str) -> bytes:
    """A body as browsers write it: names in UTF-8, with their folders, and three characters escaped."""
    body = b""
    for name, value in fields.items():
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for path, data in files:
        escaped = path.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{escaped}"\r\n'
        body += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def post(client: Client) -> Post:
    """Sends files as a plain form, or as the page's script does."""

    def send(
        user: Any, files: Sequence[tuple[str, bytes]], url: str | None = None, *, script: bool = False, **fields: str
    ) -> HttpResponse:
        client.force_login(user)
        accept = "application/json" if script else "text/html,*/*;q=0.8"
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        body = multipart(files, **fields)
        return client.post(url or reverse("upload"), body, content_type=content_type, headers={"accept": accept})  # type: ignore[return-value]

    return send


@pytest.fixture(autouse=True)
def nothing_temporary_stays(settings: Any) -> Any:
    """After every request, taken or not, the folder of temporary files is empty."""
    yield
    folder = Path(settings.INCOMING_DIR)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def only_run() -> Run:
    return Run.objects.get()


def paths(run: Run) -> list[str]:
    return [file.path for file in run.files.all()]
