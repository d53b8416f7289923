"""The codec that a request claims: passed over, since some of Python's raise on any text."""

import pytest
from django.test import Client

FORM = b'--B\r\nContent-Disposition: form-data; name="username"\r\n\r\n%b\r\n--B--\r\n'


@pytest.mark.parametrize("codec", ["rot13", "idna", "undefined", "zlib", "utf-16", "no-such-codec"])
def test_a_form_is_read_as_utf8(client: Client, db: None, codec: str) -> None:
    body = FORM % "人".encode()
    answer = client.generic("POST", "/login/", body, content_type=f"multipart/form-data; boundary=B; charset={codec}")
    assert answer.status_code == 200
    assert "人" in answer.content.decode()


@pytest.mark.parametrize("codec", ["rot13", "idna", "undefined"])
def test_an_address_is_read_as_utf8(client: Client, db: None, codec: str) -> None:
    answer = client.generic("GET", "/login/?next=/%E4%BA%BA", content_type=f"text/plain; charset={codec}")
    assert answer.status_code == 200
