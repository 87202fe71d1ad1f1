"""The resident agent: looks by its schedule, hands in what it saw, and sleeps.

It holds what was told last, packed, and nothing else; each look is a process of its own (isolation.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Callable, Optional, Protocol

from agent.discovery import discover_apart, own_shell
from agent.fact import Fact
from agent.isolation import Isolation, Stopped
from agent.report import Report
from agent.schedule import Schedule
from agent.settings import Settings
from agent.signals import Signals
from agent.state import State
from cmdb.model.batch import Section
from cmdb.model.errors import SurveymarkError

_LONGEST_SLEEP_SECONDS = 60.0
"""A sleep counts no time in which the machine slept too, so whether a pass is due is looked at now and then."""

_log = logging.getLogger(__name__)


class Delivery(Protocol):
    """Takes reports, and sees to it that the server gets them."""

    @property
    def digest_key(self) -> Optional[bytes]:
        """The key of keyed digests of files, once it is known."""

    def put(self, found: Report) -> None:
        """Keep a report until it has been handed in."""

    def flush(self) -> tuple[float, frozenset[str]]:
        """Hand in what can be handed in now; returns the seconds until that should be tried again and what the server wishes:
        `full_report`, `pass_now`."""


class Resident:
    """Looks and hands in until it is told to end. `delivery` is none where the host's agent is enrolled nowhere."""

    def __init__(
        self,
        state: State,
        settings: Settings,
        facts: Mapping[str, Fact],
        delivery: Delivery,
        isolation: Optional[Isolation] = None,
        schedule: Optional[Schedule] = None,
    ) -> None:
        self._state = state
        self._settings = settings
        self._facts = facts
        self._delivery = delivery
        self._failed: dict[str, str] = {}
        self._isolation = isolation or Isolation(lambda: own_shell(resident=True))
        every = {name: getattr(fact, "EVERY", 1) for name, fact in self._facts.items()}
        self._schedule = schedule or Schedule(every, settings.interval_seconds)

    def run(self, after: Callable[[], None] = lambda: None) -> None:
        """Until SIGTERM or SIGINT. `after` is called after each pass."""
        wait = 0.0
        with Signals() as signals:
            self._isolation.wake, self._isolation.stop = signals.fd, signals.told_to_end
            while not signals.ended:
                if signals.told_to_look():
                    self._schedule.at_once()
                if self._schedule.wait() == 0:
                    try:
                        self._pass()
                    except Stopped:
                        return
                    except (SurveymarkError, OSError) as error:
                        # No space for its own things, no process to be had: so it says, and tries again when it is time.
                        _log.error("nothing was looked at: %s", error)
                    after()
                    wait = 0.0
                if wait <= 0:
                    wait = self._hand_in()
                began = self._schedule.now()
                signals.wait(min(self._schedule.wait(), wait, _LONGEST_SLEEP_SECONDS))
                wait -= self._schedule.now() - began

    def _pass(self) -> None:
        names = self._schedule.due()
        facts = [self._facts[name] for name in names]
        found = discover_apart(
            self._state,
            self._delivery.digest_key,
            self._isolation,
            facts,
            interval_seconds=self._settings.interval_seconds,
        )
        for section in found.sections:
            self._say(section)
        self._delivery.put(found)

    def _say(self, section: Section) -> None:
        """Logs that a section failed once, and once that it does no more."""
        reason = section.reason if section.outcome == "failed" else ""
        if reason != self._failed.get(section.name, ""):
            self._failed[section.name] = reason
            if reason:
                _log.warning("not seen: %s: %s", section.name, reason)
            else:
                _log.info("seen again: %s", section.name)

    def _hand_in(self) -> float:
        """Seconds until the next try."""
        key = self._delivery.digest_key
        seconds, wishes = self._delivery.flush()
        if self._delivery.digest_key != key:
            self._schedule.at_once()  # files that could not be compared without it now can
        if "full_report" in wishes:
            self._isolation.forget()
        if wishes & {"full_report", "pass_now"}:
            self._schedule.at_once()
        return max(1.0, seconds)
