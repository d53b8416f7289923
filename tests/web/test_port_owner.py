"""A finding's page names the process that holds the responder's end."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Team
from runs.services import runs
from tests.packets.crafted import Segment, handshake, pcap_of
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db

SOCKETS = (
    "[root@web1 ~]# ss -ltnp\n"
    "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
    'LISTEN 0      511         10.0.0.2:80        0.0.0.0:*    users:(("webd",pid=812,fd=6))\n'
)


def test_the_process_and_its_line_are_shown(client: Client, owner: Any, team: Team) -> None:
    asked = [
        *handshake(),
        Segment(0, 101, 501, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Segment(1, 501, 128),
        Segment(0, 128, 501, flags=17),
    ]
    run = runs.create_run(team, "owner")
    runs.add_files(run, [incoming("a.pcap", pcap_of(asked, 20_000_000)), incoming("ss.txt", SOCKETS.encode())])
    done = work_off(run)
    client.force_login(owner)
    text = client.get(reverse("run", args=(done.key,))).content.decode()
    assert "webd" in text
    assert "(pid 812)" in text
