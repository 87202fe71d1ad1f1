"""What this host says of its own agent: an INI file that only root may write. Nothing in it ever comes from the server.

    [agent]
    interval = 300          seconds between two looks at what changes often; what changes rarely is looked at less often
    without = accounts      sections that never leave this host, separated by blanks or commas

A file that is not there says nothing. $SURVEYMARK_AGENT_CONFIG names another one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.errors import UsageError

FILE = Path("/etc/surveymark-agent.conf")
VARIABLE = "SURVEYMARK_AGENT_CONFIG"
INTERVAL_SECONDS = 300
_LEAST, _MOST = 10, 86_400
_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """`sections` are all that the file holds, by name, for those who read more of it than this module."""

    interval_seconds: int = INTERVAL_SECONDS
    without: frozenset[str] = frozenset()
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def settings(environment: Optional[Mapping[str, str]] = None) -> Settings:
    """The settings of this host. Raises UsageError where the file can not be read, others may write it, or it says what
    can not be."""
    given = os.environ if environment is None else environment
    named = given.get(VARIABLE)
    text = _text(Path(named) if named else FILE, must=bool(named))
    return parse(text) if text else Settings()


def parse(text: str) -> Settings:
    """Settings from the text of the file; raises UsageError."""
    import configparser  # most hosts have no file

    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(text, "settings")
    except configparser.Error as error:
        raise UsageError(f"The agent's settings: {' '.join(str(error).split())}") from None
    sections = {name: dict(parser[name]) for name in parser.sections()}
    own = sections.get("agent", {})
    return Settings(
        interval_seconds=_interval(own.get("interval", str(INTERVAL_SECONDS))),
        without=frozenset(own.get("without", "").replace(",", " ").split()),
        sections=sections,
    )


def _interval(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and _LEAST <= int(text) <= _MOST):
        raise UsageError(f"The agent's settings: interval = {text!r:.40}: write seconds, {_LEAST} to {_MOST}.")
    return int(text)


def _text(path: Path, must: bool) -> str:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), encoding="utf-8") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} is no regular file.")
            if found.st_mode & 0o022 or found.st_uid not in (0, os.geteuid()):
                raise UsageError(f"{path} can be written by others; chown it to root and chmod 644 {path}")
            text = file.read(_LIMIT + 1)
    except FileNotFoundError:
        if not must:
            return ""
        raise UsageError(f"{path} does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can not be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from None
    if len(text) > _LIMIT:
        raise UsageError(f"{path} has more than {_LIMIT} characters.")
    return text
