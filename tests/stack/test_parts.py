"""The supervisor's parts, each alone, with real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.stack.broker import start_broker
from portal.stack.child import STORM_DEATHS, Child, stop
from portal.stack.door import PortTaken, open_door, page_answers
from portal.stack.leash import command_line, end_leftovers, remember
from portal.stack.supervisor import Stack, StackError

ENVIRONMENT = dict(os.environ)


def child(tmp_path: Path, *command: str) -> Child:
    return Child("part", command, ENVIRONMENT, tmp_path / "log" / "part.log", folder=tmp_path)


def look_for_ten_seconds(stack: Stack) -> None:
    for _ in range(1000):
        stack._look()
        time.sleep(0.01)


def test_the_door_opens_on_loopback_alone_and_once() -> None:
    with open_door(0) as door:
        host, port = door.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(PortTaken):
            open_door(port)
        assert not page_answers(port, "/", seconds=0.2)


def test_a_child_that_dies_at_once_again_and_again_stops_the_stack(tmp_path: Path) -> None:
    said: list[str] = []
    part = child(tmp_path, "/bin/sh", "-c", "echo it is broken; exit 3")
    stack = Stack(tmp_path, tmp_path, 0, "", said.append, children=[part])
    part.start()
    with pytest.raises(StackError, match="it is broken"):
        look_for_ten_seconds(stack)
    assert said == ["The part ended (status 3); starting it again"] * (STORM_DEATHS - 1)


def test_stopping_is_gentle_first_and_hard_at_last(tmp_path: Path) -> None:
    deaf = child(
        tmp_path,
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
    )
    deaf.start()
    for _ in range(200):
        if deaf.last_lines() == ["up"]:
            break
        time.sleep(0.02)
    stop([deaf], seconds=0.3)
    assert deaf.died() == -signal.SIGKILL


def test_leftovers_are_ended_by_the_list_but_no_stranger(tmp_path: Path) -> None:
    marked = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(60) # {tmp_path}"], start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        for _ in range(200):
            if str(tmp_path) in command_line(marked.pid):
                break
            time.sleep(0.02)
        remember(tmp_path / "pids", [marked.pid, stranger.pid, 2**22 + 1])
        assert end_leftovers(tmp_path / "pids", (str(tmp_path),)) == [marked.pid]
        assert marked.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
        assert end_leftovers(tmp_path / "pids", (str(tmp_path),)) == []
    finally:
        for process in (marked, stranger):
            process.kill()
            process.wait()


def test_a_broker_whose_data_is_broken_starts_empty_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "broker" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "broker" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    said: list[str] = []
    broker = start_broker(tmp_path, ENVIRONMENT, tmp_path / "broker.log", said.append)
    stop([broker.child], seconds=5)
    assert len(said) == 1
    assert list(tmp_path.glob("broker-unreadable-*/appendonlydir"))
