"""How often an account of a target was tried in vain, remembered across sweeps, so that nobody is locked out; and which
credential worked there last.

A file of lines in the state folder, each one JSON array, appended under a lock that processes and threads share:

    ["take", time, endpoint, user, id]      a try begins; it counts from now on, whatever becomes of it
    ["failed", time, endpoint, user, id]    it was refused
    ["undone", time, endpoint, user, id]    it did not come to a try; it counts no more
    ["worked", time, endpoint, user, id, credential]   it went through; the account's refused tries are forgotten

An endpoint is zone, address and port. A try that was cut off in the middle, by a crash too, counts as one that was refused.
Tries older than the window are forgotten, and what worked after 180 days; the file is then written anew. Lines are not
forced to the disk one by one: a power cut may forget the last seconds.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cmdb.model.errors import SurveymarkError
from cmdb.model.times import SECOND, now
from collector import private_file
from collector.credentials import Credential
from collector.snmp.credential import SnmpCredential
from collector.target import Target

LIMIT = 3
WINDOW_SECONDS = 86400
MAX_ACCOUNTS = 200_000
MAX_BYTES = 256 * 1024 * 1024

_WORKED_FOR = 180 * 86400 * SECOND
_COMPACT_BYTES = 1024 * 1024
_HEAD = re.compile(rb'\["surveymark attempts 1","[0-9a-f]{16}"\]\n')
_HEAD_BYTES = 45
"""The first line has a number that is another whenever the file is written anew: its inode may be the one of before."""
_ACTS = {"take": 5, "failed": 5, "undone": 5, "worked": 6}
"""Each act with the length of its line."""


_Credential = TypeVar("_Credential", Credential, SnmpCredential)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an account, which has to be ended by `failed`, `undone` or `worked`."""

    endpoint: str
    user: str
    id: str


@dataclass(slots=True)
class _State:
    """What the lines say. `tries` of an account by id: time in microseconds, and whether it was refused."""

    tries: dict[tuple[str, str], dict[str, tuple[int, bool]]] = field(default_factory=dict)
    worked: dict[str, tuple[int, str]] = field(default_factory=dict)


class Attempts:
    """The memory of one installation. Safe to be used by several threads and processes at once."""

    def __init__(
        self, folder: Path, *, limit: int = LIMIT, window_seconds: int = WINDOW_SECONDS, clock: Callable[[], int] = now
    ) -> None:
        """`limit` tries in vain within `window_seconds` for each target and account. Raises SurveymarkError where the file
        can not be read or is damaged."""
        self._path = folder / "attempts.log"
        self.limit, self.window_seconds, self._clock = limit, window_seconds, clock
        self._state = _State()
        self._head, self._offset, self._compacted = b"", 0, 0
        with private_file.locked(self._path):
            self._refresh()

    def take(self, target: Target, user: str) -> Attempt | None:
        """Begin a try of an account; None where its budget is spent."""
        attempt = Attempt(endpoint(target), user, secrets.token_hex(8))
        with private_file.locked(self._path):
            self._refresh()
            tries = self._live((attempt.endpoint, user))
            if len(tries) >= self.limit or (not tries and self._full()):
                return None
            self._append("take", attempt)
        return attempt

    def failed(self, attempt: Attempt) -> None:
        self._end("failed", attempt)

    def undone(self, attempt: Attempt) -> None:
        self._end("undone", attempt)

    def worked(self, attempt: Attempt, credential: str) -> None:
        self._end("worked", attempt, credential)

    def worked_with(self, target: Target, credential: str) -> None:
        """A credential worked that needed no try to be taken: by a key, which locks nobody out."""
        with private_file.locked(self._path):
            self._refresh()
            if self._state.worked.get(endpoint(target), (0, ""))[1] != credential:
                self._append("worked", Attempt(endpoint(target), "", ""), credential)

    def left(self, target: Target, user: str) -> int:
        """How many tries of an account are left at this moment."""
        with private_file.locked(self._path):
            self._refresh()
            return max(0, self.limit - len(self._live((endpoint(target), user))))

    def free_at(self, target: Target, user: str) -> int | None:
        """When the next try of a spent account is free, in microseconds since 1970 UTC; None where it is now."""
        with private_file.locked(self._path):
            self._refresh()
            times = sorted(time for time, _ in self._live((endpoint(target), user)).values())
        if len(times) < self.limit:
            return None
        return times[len(times) - self.limit] + self.window_seconds * SECOND if self.limit else None

    def order(self, target: Target, credentials: Sequence[_Credential]) -> list[_Credential]:
        """The credentials with the one that worked last at this target first."""
        with private_file.locked(self._path):
            self._refresh()
            last = self._state.worked.get(endpoint(target), (0, ""))[1]
        return sorted(credentials, key=lambda c: c.name != last)

    def spent(self) -> list[tuple[str, str, int]]:
        """Accounts with tries in vain: endpoint, user, how many."""
        with private_file.locked(self._path):
            self._refresh()
            found = [(account, len(self._live(account))) for account in list(self._state.tries)]
        return sorted((where, user, count) for (where, user), count in found if count)

    def forget(self, address: str | None = None) -> int:
        """Forget tries in vain, all or those at one address; returns of how many accounts."""
        with private_file.locked(self._path):
            self._refresh()
            gone = [a for a in self._state.tries if address is None or _address(a[0]) == address]
            for account in gone:
                del self._state.tries[account]
            self._compact()
        return len(gone)

    def _end(self, act: str, attempt: Attempt, *more: str) -> None:
        with private_file.locked(self._path):
            self._refresh()
            self._append(act, attempt, *more)

    def _live(self, account: tuple[str, str]) -> dict[str, tuple[int, bool]]:
        """The tries of an account within the window; older ones are dropped. Times that are yet to come, from a clock that
        went wrong, count from now."""
        present = self._clock()
        since = present - self.window_seconds * SECOND
        tries = self._state.tries.get(account, {})
        for id_, (time, failed) in list(tries.items()):
            if time <= since:
                del tries[id_]
            elif time > present:
                tries[id_] = (present, failed)
        if not tries:
            self._state.tries.pop(account, None)
        return tries

    def _full(self) -> bool:
        """True where there is no room for a further account, so that its tries could not be remembered."""
        if len(self._state.tries) < MAX_ACCOUNTS:
            return False
        for account in list(self._state.tries):
            self._live(account)
        return len(self._state.tries) >= MAX_ACCOUNTS

    def _refresh(self) -> None:
        """Take in what other processes wrote since, under the lock."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            private_file.replace(self._path, _new_head())
            return self._refresh()
        except OSError as error:
            raise SurveymarkError(f"{self._path} can not be read: {error.strerror}.") from None
        with open(handle, "r+b", buffering=0) as file:
            size = os.fstat(handle).st_size
            head = os.pread(handle, _HEAD_BYTES, 0)
            if head != self._head or size < self._offset:
                private_file.check(self._path)
                if size > MAX_BYTES:
                    raise self._damaged("it is longer than is ever written")
                if not _HEAD.fullmatch(head):
                    raise self._damaged("its first line is another")
                self._state, self._head, self._offset, self._compacted = _State(), head, _HEAD_BYTES, size
            content = os.pread(handle, size - self._offset, self._offset)
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                file.truncate(self._offset + whole)  # A writer was killed in the middle of a line.
            for line in content[:whole].splitlines():
                self._apply(line)
            self._offset += whole
        return None

    def _apply(self, line: bytes) -> None:
        act, time, where, user, id_, *more = self._parsed(line)
        account = (where, user)
        match act:
            case "take":
                self._state.tries.setdefault(account, {})[id_] = (time, False)
            case "failed":
                if id_ in self._state.tries.get(account, {}):
                    self._state.tries[account][id_] = (self._state.tries[account][id_][0], True)
            case "undone":
                self._state.tries.get(account, {}).pop(id_, None)
            case _:
                # Tries that others have begun and not ended yet may still be refused: they go on counting.
                tries = self._state.tries.get(account, {})
                for other in [i for i, (_, refused) in tries.items() if refused or i == id_]:
                    del tries[other]
                self._state.worked[where] = (time, more[0])
        if not self._state.tries.get(account, True):
            del self._state.tries[account]

    def _parsed(self, line: bytes) -> list[Any]:
        try:
            parts = json.loads(line)
        except (ValueError, RecursionError):
            raise self._damaged(f"a line is not what was written ({len(line)} bytes)") from None
        sound = (
            isinstance(parts, list)
            and bool(parts)
            and isinstance(parts[0], str)
            and len(parts) == _ACTS.get(parts[0])
            and type(parts[1]) is int
            and all(isinstance(part, str) for part in parts[2:])
        )
        if not sound:
            raise self._damaged(f"a line is not what was written ({len(line)} bytes)")
        return list(parts)

    def _append(self, act: str, attempt: Attempt, *more: str) -> None:
        line = _line(act, self._clock(), attempt.endpoint, attempt.user, attempt.id, *more)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                written = os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise SurveymarkError(f"{self._path} can not be written: {error.strerror}.") from None
        if written != len(line):
            raise SurveymarkError(f"{self._path} can not be written: no space left.")
        self._apply(line)
        self._offset += written
        if self._offset > max(_COMPACT_BYTES, 4 * self._compacted):
            self._compact()

    def _compact(self) -> None:
        """Write the file anew with what still counts."""
        for account in list(self._state.tries):
            self._live(account)
        lines = [_new_head()]
        for (where, user), tries in self._state.tries.items():
            for id_, (time, refused) in tries.items():
                lines.append(_line("take", time, where, user, id_))
                if refused:
                    lines.append(_line("failed", time, where, user, id_))
        since = self._clock() - _WORKED_FOR
        newest = sorted(self._state.worked.items(), key=lambda entry: entry[1][0])[-MAX_ACCOUNTS:]
        lines += [_line("worked", time, where, "", "", name) for where, (time, name) in newest if time > since]
        private_file.replace(self._path, b"".join(lines))
        self._refresh()

    def _damaged(self, why: str) -> SurveymarkError:
        return SurveymarkError(
            f"{self._path} is damaged: {why}. Move it away: then no try in vain is remembered, so look first whether "
            "accounts are near to being locked."
        )


def endpoint(target: Target) -> str:
    """Under which name tries at a target are remembered."""
    return f"{target.zone} {target.endpoint}"


def _address(where: str) -> str:
    return where.partition(" ")[2].rpartition(":")[0].strip("[]")


def _new_head() -> bytes:
    return _line("surveymark attempts 1", secrets.token_hex(8))


def _line(*parts: Any) -> bytes:
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
