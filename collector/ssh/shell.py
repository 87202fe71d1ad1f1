"""SshShell: supplies the needs of facts from a host at the other end of a session, as LocalShell does on the host itself.

The first question sends one script with everything that facts usually need; only what nobody could foresee makes further
journeys over the same session. What LocalShell would say of a need, with the same rights, is said here too: what differs
stands in docs/sweep.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

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
from collector.ssh.script import Journey, command, script
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
    def own_pids(self) -> frozenset[int]:
        """The script's shell and what stands between it and the SSH server, which is not ours."""
        self._go()
        return self._own

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        """What each need asks for, or why it could not be had. Raises Stopped where the session broke, or what is at its
        other end runs no POSIX shell."""
        asked = list(needs)
        self._go()
        new = [need for need in dict.fromkeys(asked) if need not in self._known]
        if new:
            self._journey(wanted(new), dict.fromkeys(new), ())
        return {need: self._known[need] for need in asked}

    def first(self) -> Wanted:
        """What the first journey asks for."""
        return wanted(*usual(self._facts, self._watched))

    def _go(self) -> None:
        if not self._went:
            self._went = True
            needs, more = usual(self._facts, self._watched)
            found = wanted(needs, more)
            lines = elevation.lines(found) if self._elevate.program else []
            self._journey(found, {**dict.fromkeys(needs), **{u.need: None for u in more}}, lines, more)

    def _journey(
        self,
        asked: Wanted,
        needs: Mapping[Need, None],
        lines: Iterable[elevation.Line],
        more: Iterable[Usual] = (),
    ) -> None:
        nonce, prompt = secrets.token_hex(16), ""
        lines = list(lines)
        if lines and self._elevate.password:
            prompt = f"surveymark-{secrets.token_hex(8)}-"
        journey = Journey(nonce, self._packed, self._elevate.program if lines else "", prompt)
        done = self._execute(
            self._command,
            script(asked, journey, lines).encode(),
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
            self._full = self._root or (bool(lines) and raised(frames))
            self._own = own_processes(found)
            self._closed = _closed(found)
        answers = Answers(found, frames, self._closed, asked, self._root, raised_errors(done.stderr, nonce))
        skipped = {u.need for u in more if (u.where or u.unless)}
        for need in needs:
            answer = answers.of(need)
            if not (need in skipped and answers.skipped(need)):
                self._known[need] = answer


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
