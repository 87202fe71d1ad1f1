from __future__ import annotations

import threading
import time

from collector.ssh.watchdog import Watchdog


def test_acts_come_in_the_order_of_their_time_and_those_called_off_never() -> None:
    watchdog, done = Watchdog(), threading.Event()
    order: list[str] = []

    def last() -> None:
        order.append("late")
        done.set()

    watchdog.alarm(0.3, last)
    watchdog.alarm(0.05, lambda: order.append("soon"))
    off = watchdog.alarm(0.1, lambda: order.append("off"))
    off.call_off()

    assert done.wait(10)
    assert order == ["soon", "late"]
    assert not off.rang


def test_an_act_that_hangs_holds_up_no_other() -> None:
    watchdog, hang, done = Watchdog(), threading.Event(), threading.Event()

    def hangs() -> None:
        hang.wait(20)

    watchdog.alarm(0.0, hangs)

    start = time.monotonic()
    alarm = watchdog.alarm(0.05, done.set)

    assert done.wait(10)
    assert alarm.rang
    assert time.monotonic() - start < 5
    hang.set()


def test_many_alarms_from_many_threads_all_ring() -> None:
    watchdog, rang = Watchdog(), threading.Semaphore(0)

    def set_alarms() -> None:
        for number in range(50):
            watchdog.alarm(number / 1000, rang.release)

    threads = [threading.Thread(target=set_alarms) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(rang.acquire(timeout=10) for _ in range(200))
