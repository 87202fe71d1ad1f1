"""A word of the system wakes who sleeps."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from agent.signals import Signals


def test_a_hang_up_wakes_and_is_asked_for_once() -> None:
    with Signals() as signals:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGHUP))
        timer.start()
        begin = time.monotonic()
        signals.wait(500)
        timer.join()

        assert time.monotonic() - begin < 400
        assert (signals.told_to_look(), signals.told_to_look(), signals.told_to_end()) == (True, False, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_is_told_and_stays(number: int) -> None:
    with Signals() as signals:
        os.kill(os.getpid(), number)
        signals.wait(500)
        assert signals.told_to_end()
        signals.wait(500)
        assert signals.ended


def test_what_was_said_before_the_sleep_is_not_slept_over() -> None:
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        assert not signals.told_to_end()  # whoever watches a pass reads the word away
        signals.wait(500)
        assert signals.told_to_look()


def test_afterwards_all_is_as_it_was() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)]
    with Signals():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)] == before
    assert signal.set_wakeup_fd(-1) == -1
