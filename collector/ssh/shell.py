"""SshShell: supplies the needs of facts from a host at the other end of a session, as LocalShell does on the host itself.

The first question sends one script with everything that facts usually need; only what nobody could foresee makes further
journeys over the same session. What LocalShell would say of a need, with the same rights, is said here too: what differs
stands in docs/sweep.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agent import facts, mounts
from agent.fact import Digests, Fact, File, Need, Supplied, Unavailable, Usual
from collector.execution import Execute
from collector.outcome import NOT_A_HOST, Stopped
from collector.ssh import elevation
from collector.ssh.answers import Answers
from collector.ssh.elevation import Elevation
from collector.ssh.frames import Frames, NoAnswer, decode, raised_errors
from collector.ssh.harvest import Harvest, harvest
from collector.ssh.observer import own_processes
from collector.ssh.script import Journey, command, filled, template
from collector.ssh.wanted import Wanted, wanted

LIMIT = 256 * 1024 * 1024
"""Bytes of an answer, unpacked, that are taken."""
SECONDS = 90.0

_TABLE = "/proc/self/mountinfo"


class SshShell:
    """A host, seen with the rights of the account that signed in and with those of root where the account has them for
    the fixed list of elevation.py.

    `sweep` is the id that stands in the host's own logs. `watched` are the patterns of files whose digests are wanted
    in the first journey, those of the fact where it is empty. `packed` asks for compression: worth it where the line
    is slower than about 200 Mbit/s.
    """

    def __init__(
        self,
        execute: Execute,
        *,
        sweep: str,
        elevate: Elevation | None = None,
        looked_at: Iterable[Fact] | None = None,
        watched: tuple[str, ...] = (),
        packed: bool = True,
        limit: int = LIMIT,
        seconds: float = SECONDS,
    ) -> None:
        self._execute, self._command = execute, command(sweep)
        self._elevate = elevate or Elevation()
        self._facts = tuple(facts.FACTS.values()) if looked_at is None else tuple(looked_at)
        self._watched = watched
        self._packed, self._limit, self._seconds = packed, limit, seconds
        self._known: dict[Need, Supplied] = {}
        self._closed: frozenset[str] = frozenset()
        self._went = False
        self._root = self._full = False
        self._own: frozenset[int] = frozenset()
        self.journeys = 0
        self.received_bytes = 0
        self.unpacked_bytes = 0

    @property
    def privilege(self) -> str:
        """ "full" as root, and where everything on the fixed list was run with the rights of root; else "user"."""
        self._go()
        return "full" if self._full else "user"

    @property
    def lent(self) -> bool:
        """True where the rights of root are lent for the fixed list alone."""
        self._go()
        return self._full and not self._root

    @property
    def own_pids(self) -> frozenset[int]:
        """The script's shell and what stands between it and the SSH server, which is not ours."""
        self._go()
        return self._own

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        """What each need asks for, or why it could not be had. Raises Stopped where the session broke, or what is at its
        other end runs no POSIX shell."""
        needs = list(needs)
        self._go()
        new = [need for need in dict.fromkeys(needs) if need not in self._known]
        if new:
            asked = wanted(new)
            self._journey(_Errand(asked, tuple(dict.fromkeys(new)), template(asked, self._packed)))
        return {need: self._known[need] for need in needs}

    def _go(self) -> None:
        if not self._went:
            self._went = True
            self._journey(_first(self._facts, self._watched, self._elevate.program, self._packed))

    def _journey(self, errand: _Errand) -> None:
        prompt = f"surveymark-{secrets.token_hex(8)}-" if errand.raises and self._elevate.password else ""
        nonce = secrets.token_hex(16)
        done = self._execute(
            self._command,
            filled(errand.text, Journey(nonce, prompt=prompt)).encode(),
            limit=self._limit,
            seconds=self._seconds,
            prompt=prompt.encode(),
            answer=self._elevate.password if prompt else None,
        )
        try:
            frames = decode(done.stdout, nonce, self._limit)
        except NoAnswer as error:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
            shown = f"; it said: {said[0][:200]!r}" if said else ""
            raise Stopped(
                NOT_A_HOST, "command", f"{error}{shown}", "let the account have a login shell that runs /bin/sh"
            ) from error
        self.journeys += 1
        self.received_bytes += len(done.stdout) + len(done.stderr)
        self.unpacked_bytes += frames.size
        found = harvest(frames)
        if self.journeys == 1:
            self._root = found.about.get("uid") == "0"
            self._full = self._root or (errand.raises and raised(frames))
            self._own = own_processes(found)
            self._closed = _closed(found)
        answers = Answers(found, frames, self._closed, errand.asked, self._root, raised_errors(done.stderr, nonce))
        for need in errand.needs:
            if not (need in errand.conditional and answers.skipped(need)):
                self._known[need] = answers.of(need)


@dataclass(frozen=True)
class _Errand:
    """What one journey is for: `conditional` are needs that the script leaves out where their condition does not hold,
    `raises` that it may ask for the rights of root."""

    asked: Wanted
    needs: tuple[Need, ...]
    text: str
    conditional: frozenset[Need] = frozenset()
    raises: bool = False


@lru_cache(maxsize=16)
def _first(looked_at: tuple[Fact, ...], watched: tuple[str, ...], program: str, packed: bool) -> _Errand:
    """The first journey, made once for all hosts of a sweep."""
    needs, more = usual(looked_at, watched)
    asked = wanted(needs, more)
    lines = elevation.lines(asked) if program else []
    return _Errand(
        asked,
        tuple(dict.fromkeys([*needs, *(each.need for each in more)])),
        template(asked, packed, program, lines),
        frozenset(each.need for each in more if each.where or each.unless),
        bool(lines),
    )


def usual(looked_at: Iterable[Fact], watched: tuple[str, ...] = ()) -> tuple[list[Need], list[Usual]]:
    """The needs of facts, and those that usually follow; `watched` takes the place of the patterns of files that are
    watched where nobody says which."""
    needs: dict[Need, None] = {File(_TABLE): None}
    more: dict[Usual, None] = {}
    for fact in looked_at:
        needs.update(dict.fromkeys(fact.NEEDS))
        declared: Iterable[Usual] = getattr(fact, "USUAL", ())
        more.update({u: None for u in declared if not (watched and isinstance(u.need, Digests))})
        if watched and any(isinstance(u.need, Digests) for u in declared):
            more.update({Usual(Digests(pattern)): None for pattern in watched})
    return list(needs), list(more)


def raised(frames: Frames) -> bool:
    """True where the commands with the rights of root have shown what they always show."""
    return all(key in frames.sections and frames.sections[key].data for key in ("xtexts", "xlinks", "xway", "xdigests"))


def _closed(found: Harvest) -> frozenset[str]:
    try:
        return mounts.closed(mounts.parse(found.texts.get(_TABLE, b"").decode("utf-8", "surrogateescape")))
    except Unavailable:
        return frozenset()
