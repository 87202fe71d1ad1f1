"""Where an agent keeps its own things: its key and its count of batches.

The folder of a resident agent is $SURVEYMARK_AGENT_STATE, else what systemd gives a service (systemd.exec(5), STATE_DIRECTORY),
else /var/lib/surveymark-agent for root, else the XDG state folder of the user (XDG Base Directory Specification 0.8).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Optional

from agent.whole_file import born
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import SurveymarkError, UsageError

SERVICE = Path("/var/lib/surveymark-agent")
FREE = 63
"""Numbers that are kept free at once: a journey to the disk for each of a thousand hosts is long."""


@dataclass(frozen=True)
class State:
    """The folder, made with mode 0700 when something is first kept in it."""

    variable: ClassVar[str] = "SURVEYMARK_AGENT_STATE"
    """What names another folder."""
    folder: Path

    def agent_key(self) -> str:
        """32 hex digits that tell this installation's agent from every other, born at the first pass."""
        path = self.made("agent.key")
        try:
            born(path, os.urandom(16).hex().encode() + b"\n")
        except OSError as error:
            raise self._unwritable(path, error) from error
        key = secret_file(path)
        if len(key) != 32 or set(key) - set("0123456789abcdef"):
            raise SurveymarkError(f"{path} holds no agent key; move it away, and this host reports under a new one.")
        return key

    def source(self) -> str:
        """The name under which this host's agent reports; it does not give the key away."""
        return "agent:" + hashlib.sha256(self.agent_key().encode()).hexdigest()[:16]

    def next_sequence(self) -> int:
        """A number above every one that was given before, also to processes that ask at the same time.

        The file `sequence` is on the disk before a number is given, and holds one that none is above: so many are kept free at
        once. Which of them is the last, `sequence.now` says as long as the machine runs; after that those left over are skipped.
        """
        path = self.made("sequence")
        try:
            with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                kept = int(file.read().strip() or 0)
                boot = _boot()
                now = os.open(f"{path}.now", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
                with open(now, "r+", encoding="ascii", errors="replace") as beside:
                    number = _last(beside.read(), boot, kept) + 1
                    if number > kept:
                        kept = number + (FREE if boot else 0)
                        file.seek(0)
                        file.write(f"{kept}\n")
                        file.truncate()
                        file.flush()
                        os.fsync(file.fileno())
                    beside.seek(0)
                    beside.write(f"{boot} {kept} {number}\n")
                    beside.truncate()
        except ValueError as error:
            raise SurveymarkError(f"{path} holds no number; write the count of batches sent so far into it.") from error
        except OSError as error:
            raise self._unwritable(path, error) from error
        return number

    def check(self) -> None:
        """Raises UsageError where others could plant a key, a link or a store of theirs in the folder."""
        try:
            mode = self.folder.stat().st_mode
        except OSError:
            return  # It is made by us, or can not be, which is said then.
        if mode & 0o022:
            raise UsageError(f"{self.folder} may be written by others; chmod 700 {self.folder}")

    def made(self, name: str) -> Path:
        """The path of a thing of that name in the folder, which then is there."""
        self.check()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(self.folder, error) from error
        return self.folder / name

    def _unwritable(self, path: Path, error: OSError) -> SurveymarkError:
        return SurveymarkError(
            f"{path} can not be written: {error.strerror}; name another folder with {self.variable}."
        )


def state(environment: Optional[Mapping[str, str]] = None) -> State:
    """The state folder of the resident agent that the environment says."""
    return State(folder(State.variable, SERVICE, os.environ if environment is None else environment))


def folder(variable: str, service: Path, given: Mapping[str, str]) -> Path:
    """The folder that a variable names, else systemd, else `service` of root, else one of its name of the user."""
    named = given.get(variable) or given.get("STATE_DIRECTORY", "").split(":")[0]
    if named:
        return Path(named).absolute()
    if os.geteuid() == 0:
        return service
    home = given.get("XDG_STATE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "state") / service.name


def secret_file(path: Path) -> str:
    """The secret in a file that only its owner may read. Raises UsageError where others may."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} is no regular file.")
            if found.st_mode & 0o077:
                raise UsageError(f"{path} may be read by others; chmod 600 {path}")
            return file.read(65536).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can not be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error


def _last(said: str, boot: str, kept: int) -> int:
    """The last number that was given: what `said` tells of this start of the machine and of what is kept, else all of it."""
    words = said.split(" ")
    whole = said.endswith("\n") and len(words) == 3 and bool(boot) and words[:2] == [boot, str(kept)]
    last = words[2].strip() if whole else ""
    return int(last) if last.isascii() and last.isdecimal() and kept - FREE <= int(last) <= kept else kept


def _boot() -> str:
    """The id of this start of the machine (random(4)); empty where it has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
