from __future__ import annotations

import socket
import threading
import time

import pytest

from collector.connecting import connect, identify
from collector.deadlines import Deadlines
from collector.outcome import Stopped
from collector.reachability import Unanswered
from tests.collector.ports import Deaf, Listener

QUICK = Deadlines(connect=0.5, banner=0.5)


def test_one_connection_is_made_and_identified_now_and_a_dead_address_is_remembered(
    listeners: list[Listener], deaf: list[Deaf]
) -> None:
    listeners.append(Listener())
    deaf.append(Deaf("127.9.7.1"))
    unanswered = Unanswered()

    connection, identification = connect(listeners[0].address, listeners[0].port, QUICK, unanswered)
    connection.close()
    with pytest.raises(Stopped, match=r"no answer in 0\.5 s"):
        connect(deaf[0].address, deaf[0].port, QUICK, unanswered)
    start = time.monotonic()
    with pytest.raises(Stopped, match="not tried again"):
        connect(deaf[0].address, 2222, QUICK, unanswered)

    assert identification.version == "SSH-2.0-Test_1"
    assert time.monotonic() - start < QUICK.connect


def test_what_trickles_in_does_not_prolong_the_time_for_the_banner() -> None:
    near, far = socket.socketpair()
    stop = threading.Event()

    def trickle() -> None:
        while not stop.wait(0.05):
            far.send(b"S")

    thread = threading.Thread(target=trickle)
    thread.start()
    start = time.monotonic()
    try:
        with pytest.raises(Stopped):
            identify(near, 0.5)
    finally:
        stop.set()
        thread.join()
        near.close()
        far.close()

    assert time.monotonic() - start < 3
