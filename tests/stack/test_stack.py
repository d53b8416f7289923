"""The supervisor as a user meets it: started, asked, hurt, stopped and started again."""

import os
import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from celery import Celery
from redis import Redis

from tests.stack.portal import Portal, free_port, wait_until

pytestmark = pytest.mark.stack
STARTED = ("gunicorn", "worker", "beat", "broker.conf")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack") / "var"


@pytest.fixture(scope="module")
def first(data):
    portal = Portal(data, free_port(), "--no-demo")
    try:
        portal.ready()
        yield portal
    finally:
        portal.end()


def signed_in(portal: Portal, password: str) -> bool:
    """Whether the administrator can sign in with this password, as a browser does it."""
    import http.cookiejar
    import re
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{portal.port}/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', opener.open(address, timeout=20).read().decode())
    assert token
    form = urlencode({"csrfmiddlewaretoken": token[1], "username": "admin", "password": password}).encode()
    return not opener.open(address, form, timeout=20).url.startswith(address)


def test_first_start_says_what_it_does_and_serves_the_first_page(first: Portal) -> None:
    assert f"http://127.0.0.1:{first.port}/" in first.output
    assert first.password()
    assert first.output.count("Password:") == 1
    status, page = first.get("/login/")
    assert (status, "<form" in page) == (200, True)
    assert all(any(part in command for command in first.processes().values()) for part in STARTED)


def test_what_it_keeps_is_its_owners_alone(first: Portal) -> None:
    for name in ("secret", "konseki.sqlite3", "broker.url", "broker/broker.conf"):
        assert (first.data / name).stat().st_mode & 0o077 == 0, name
    assert "password" not in " ".join(first.processes().values()).lower()


def test_a_taken_port_is_one_clear_line(first: Portal, tmp_path: Path) -> None:
    second = Portal(tmp_path / "var", first.port)
    try:
        assert second.status() == 1
        assert f"Port {first.port} of 127.0.0.1 is taken" in second.output
        assert "PORT=" in second.output
        assert "Traceback" not in second.output
        assert not second.processes()
    finally:
        second.end()


def test_one_data_directory_has_one_stack(first: Portal) -> None:
    second = Portal(first.data, free_port())
    try:
        assert second.status() == 1
        assert f"running already: http://127.0.0.1:{first.port}/" in second.output
    finally:
        second.process.kill()
    assert first.get("/health/")[0] == 200


def test_a_web_server_that_dies_comes_back_and_refuses_nobody(first: Portal) -> None:
    os.killpg(first.pid_of("gunicorn"), signal.SIGKILL)
    assert first.get("/health/")[0] == 200  # the door is the supervisor's: the connection waits
    wait_until(lambda: "The web ended (killed by SIGKILL); starting it again" in first.output, 30, "it says so")


def test_queued_tasks_survive_a_broker_killed_hard(first: Portal) -> None:
    url = (first.data / "broker.url").read_text().strip()
    queue = Celery("sender", broker=url)
    queue.conf.broker_transport_options = {"global_keyprefix": "konseki:"}
    for number in range(50):
        queue.send_task("parked", args=(number,), queue="parked")
    os.kill(first.pid_of("broker.conf"), signal.SIGKILL)
    wait_until(lambda: "The broker ended (killed by SIGKILL); starting it again" in first.output, 30, "it says so")

    def kept() -> int:
        try:
            return int(Redis.from_url(url).llen("konseki:parked"))
        except OSError:
            return 0
        except Exception as error:
            if "loading" in str(error).lower() or "connect" in str(error).lower():
                return 0
            raise

    assert wait_until(kept, 30, "the broker answers again") == 50


def test_ctrl_c_stops_everything_and_data_survives(first: Portal, data: Path) -> None:
    password = first.password()
    assert password
    first.interrupt()
    assert first.status() == 0
    assert not first.processes()
    assert not (data / "broker.url").exists()

    again = Portal(data, free_port(), "--no-demo")
    try:
        took = again.ready()
        assert again.password() is None
        assert signed_in(again, password)
        assert not signed_in(again, password + "x")
        assert took < 30, f"a second start takes under 5 s on an idle machine; took {took:.1f} s"
        again.process.kill()
        again.process.wait()
        wait_until(lambda: not again.processes(), 30, f"no orphan: {again.processes()}")
    finally:
        again.end()

    third = Portal(data, again.port, "--no-demo")
    try:
        third.ready()
        third.process.terminate()
        assert third.status() == 0
        assert not third.processes()
    finally:
        third.end()
